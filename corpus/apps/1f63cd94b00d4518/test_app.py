"""Rules on the default event bus sort an archive's audit trail to log groups, a
topic and a queue with retries and a dead-letter queue, and an event archive keeps
it all."""

import json
from uuid import uuid4

import pytest

from app import (
    emit,
    gather,
    holding,
    lines,
    log_and_read,
    log_group_settings,
    meaning,
    new_stream,
    overhear,
    receive,
    send,
    suits,
    take,
    verdicts,
)


def test_archive_vault_keeps_what_was_asked_for(events, deployed):
    it = deployed["aws_cloudwatch_event_archive.vault"]
    found = events.describe_archive(ArchiveName=it["name"])
    assert found["State"] == "ENABLED"
    assert found["EventSourceArn"] == it["event_source_arn"]
    assert found.get("RetentionDays", 0) == 365
    assert json.loads(found["EventPattern"]) == {"source": ["museum.vault"]}


def test_rule_this_doors_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["doors"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Audit: doors"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "detail-type": ["DoorOpened", "DoorForced"],
        "source": ["museum.vault"],
    }


def test_rule_this_doors_tells_its_events_from_others(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["doors"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(
        events,
        rule["EventPattern"],
        {"detail-type": "DoorOpened", "source": "museum.vault"},
        it["arn"],
    )
    for other in [
        {"detail-type": "DoorOpened-not", "source": "museum.vault"},
        {"detail-type": "DoorOpened", "source": "museum.vault-not"},
    ]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_rule_this_everything_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["everything"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Audit: everything"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "source": ["museum.vault", "museum.shop"]
    }


def test_rule_this_everything_tells_its_events_from_others(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["everything"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(events, rule["EventPattern"], {"source": "museum.vault"}, it["arn"])
    for other in [{"source": "museum.vault-not"}]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_rule_this_forced_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["forced"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Audit: forced"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "detail": {"hall": [{"anything-but": ["loading-bay"]}]},
        "detail-type": ["DoorForced"],
        "source": ["museum.vault"],
    }


def test_rule_this_forced_tells_its_events_from_others(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["forced"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(
        events,
        rule["EventPattern"],
        {
            "detail": {"hall": "loading-bay-probe"},
            "detail-type": "DoorForced",
            "source": "museum.vault",
        },
        it["arn"],
    )
    for other in [
        {
            "detail": {"hall": "loading-bay"},
            "detail-type": "DoorForced",
            "source": "museum.vault",
        },
        {
            "detail": {"hall": "loading-bay-probe"},
            "detail-type": "DoorForced-not",
            "source": "museum.vault",
        },
        {
            "detail": {"hall": "loading-bay-probe"},
            "detail-type": "DoorForced",
            "source": "museum.vault-not",
        },
    ]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_rule_this_valuable_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["valuable"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Audit: valuable"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "detail": {
            "curator": [{"exists": False}],
            "insured": [{"numeric": [">", 100000]}],
        },
        "source": ["museum.vault"],
    }


def test_rule_this_valuable_tells_its_events_from_others(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.this["valuable"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(
        events,
        rule["EventPattern"],
        {"detail": {"insured": 100001}, "source": "museum.vault"},
        it["arn"],
    )
    for other in [
        {"detail": {"insured": 100001, "curator": "probe"}, "source": "museum.vault"},
        {"detail": {"insured": 100000}, "source": "museum.vault"},
        {"detail": {"insured": 100001}, "source": "museum.vault-not"},
    ]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_target_guards_is_listed_as_asked(events, deployed):
    it = deployed["aws_cloudwatch_event_target.guards"]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '"Door forced in <hall> at <when>"'
    )


def test_target_inquiries_is_listed_as_asked(events, deployed):
    it = deployed["aws_cloudwatch_event_target.inquiries"]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert found.get("InputPath") == "$.detail"
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 5
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_event_for_inquiries_arrives_in_the_sqs_queue_and_others_do_not(
    events, sqs, deployed
):
    it = deployed["aws_cloudwatch_event_target.inquiries"]
    queue = deployed['aws_sqs_queue.this["inquiries"]']
    wanted = str(uuid4())
    unwanted = str(uuid4())
    event = {"detail": {"insured": 100001, "probe": wanted}, "source": "museum.vault"}
    others = [
        {
            "detail": {"insured": 100001, "curator": "probe", "probe": unwanted},
            "source": "museum.vault",
        },
        {"detail": {"insured": 100000, "probe": unwanted}, "source": "museum.vault"},
        {
            "detail": {"insured": 100001, "probe": unwanted},
            "source": "museum.vault-not",
        },
    ]
    emit(events, it["event_bus_name"], *others, event)
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    assert any(wanted in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)
    told = next(json.loads(one["Body"]) for one in found if wanted in str(one))
    assert told == event["detail"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_event_target.logs["doors"]',
        'aws_cloudwatch_event_target.logs["everything"]',
    ],
)
def test_every_target_is_listed_as_asked(events, deployed, address):
    it = deployed[address]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]


def test_event_for_logs_doors_arrives_in_the_log_group_and_others_do_not(
    events, logs, deployed
):
    it = deployed['aws_cloudwatch_event_target.logs["doors"]']
    wanted = str(uuid4())
    unwanted = str(uuid4())
    event = {
        "detail-type": "DoorOpened",
        "source": "museum.vault",
        "detail": {"probe": wanted},
    }
    others = [
        {
            "detail-type": "DoorOpened-not",
            "source": "museum.vault",
            "detail": {"probe": unwanted},
        },
        {
            "detail-type": "DoorOpened",
            "source": "museum.vault-not",
            "detail": {"probe": unwanted},
        },
    ]
    emit(events, it["event_bus_name"], *others, event)
    found = gather(
        lambda: lines(logs, deployed['aws_cloudwatch_log_group.this["doors"]']["name"]),
        wanted,
        after=1,
    )
    assert any(wanted in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)


def test_event_for_logs_everything_arrives_in_the_log_group_and_others_do_not(
    events, logs, deployed
):
    it = deployed['aws_cloudwatch_event_target.logs["everything"]']
    wanted = str(uuid4())
    unwanted = str(uuid4())
    event = {"source": "museum.vault", "detail": {"probe": wanted}}
    others = [{"source": "museum.vault-not", "detail": {"probe": unwanted}}]
    emit(events, it["event_bus_name"], *others, event)
    found = gather(
        lambda: lines(
            logs, deployed['aws_cloudwatch_log_group.this["everything"]']["name"]
        ),
        wanted,
        after=1,
    )
    assert any(wanted in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)


def test_log_group_this_doors_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.this["doors"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 90


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_log_group.this["doors"]',
        'aws_cloudwatch_log_group.this["everything"]',
    ],
)
def test_every_log_group_gives_back_what_is_logged(logs, deployed, address):
    group = deployed[address]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_log_group_this_everything_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.this["everything"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 3653


def test_cloudwatch_log_resource_policy_events_reads_back(logs, deployed):
    it = deployed["aws_cloudwatch_log_resource_policy.events"]
    answer = logs.describe_resource_policies()
    found = holding(answer, it["id"])
    assert found.get("policyDocument") == it["policy_document"]
    assert found.get("policyName") == it["policy_name"]


def test_topic_guards_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.guards"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }


def test_policy_of_topic_guards_rules_as_asked(sns, deployed):
    it = deployed["aws_sns_topic.guards"]
    policy = sns.get_topic_attributes(TopicArn=it["arn"])["Attributes"].get("Policy")
    assert verdicts(policy) == [["Allow", ["events.amazonaws.com"], ["sns:Publish"]]]
    assert meaning(policy) == meaning(deployed["aws_sns_topic_policy.guards"]["policy"])


@pytest.mark.parametrize(
    "address",
    ["aws_sns_topic_subscription.guards[0]", "aws_sns_topic_subscription.guards[1]"],
)
def test_every_subscription_is_listed_as_asked(sns, deployed, address):
    it = deployed[address]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found


@pytest.mark.parametrize(
    "address", ['aws_sqs_queue.this["inquiries"]', 'aws_sqs_queue.this["undelivered"]']
)
def test_every_queue_has_the_settings_that_were_asked_for(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "1209600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address", ['aws_sqs_queue.this["inquiries"]', 'aws_sqs_queue.this["undelivered"]']
)
def test_every_queue_gives_back_what_is_sent(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_sqs_queue_policy.this["inquiries"]', 'aws_sqs_queue.this["inquiries"]'),
        (
            'aws_sqs_queue_policy.this["undelivered"]',
            'aws_sqs_queue.this["undelivered"]',
        ),
    ],
)
def test_every_policy_of_queue_rules_as_asked(sqs, deployed, address, other):
    it = deployed[other]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [
        ["Allow", ["events.amazonaws.com"], ["sqs:SendMessage"]]
    ]
    assert meaning(policy) == meaning(deployed[address]["policy"])
