"""A ferry line's timetable as EventBridge schedules with several rewritten targets
each, and its incidents, which one bus hands over to a second bus of the insurer."""

import json
from uuid import uuid4

import pytest

from app import agrees, emit, gather, meaning, receive, send, suits, take, verdicts


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_event_bus.this["insurer"]',
        'aws_cloudwatch_event_bus.this["operations"]',
    ],
)
def test_every_bus_takes_events_in(events, deployed, address):
    bus = deployed[address]
    assert events.describe_event_bus(Name=bus["name"])["Arn"] == bus["arn"]
    reply = events.put_events(
        Entries=[
            {
                "EventBusName": bus["name"],
                "Source": "lsqm.probe",
                "DetailType": "Probe",
                "Detail": json.dumps({"probe": str(uuid4())}),
            }
        ]
    )
    assert reply["FailedEntryCount"] == 0
    assert reply["Entries"][0]["EventId"]


def test_permission_insurer_is_in_the_policy_of_the_bus(events, deployed):
    it = deployed["aws_cloudwatch_event_permission.insurer"]
    bus = events.describe_event_bus(Name=it.get("event_bus_name") or "default")
    statements = json.loads(bus["Policy"])["Statement"]
    (found,) = [each for each in statements if each["Sid"] == it["statement_id"]]
    assert found["Effect"] == "Allow"
    assert found["Action"] == it["action"]
    assert it["principal"] in str(found["Principal"])


def test_rule_costly_says_what_was_asked_for(events, deployed):
    it = deployed["aws_cloudwatch_event_rule.costly"]
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Damage that the insurer pays for"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "detail": {
            "cost": [{"numeric": [">", 250]}],
            "kind": [{"anything-but": ["lost property"]}],
        },
        "detail-type": ["Incident"],
        "source": ["ferry.bridge"],
    }


def test_rule_costly_tells_its_events_from_others(events, deployed):
    it = deployed["aws_cloudwatch_event_rule.costly"]
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(
        events,
        rule["EventPattern"],
        {
            "detail": {"cost": 251, "kind": "lost property-probe"},
            "detail-type": "Incident",
            "source": "ferry.bridge",
        },
        it["arn"],
    )
    for other in [
        {
            "detail": {"cost": 250, "kind": "lost property-probe"},
            "detail-type": "Incident",
            "source": "ferry.bridge",
        },
        {
            "detail": {"cost": 251, "kind": "lost property"},
            "detail-type": "Incident",
            "source": "ferry.bridge",
        },
        {
            "detail": {"cost": 251, "kind": "lost property-probe"},
            "detail-type": "Incident-not",
            "source": "ferry.bridge",
        },
        {
            "detail": {"cost": 251, "kind": "lost property-probe"},
            "detail-type": "Incident",
            "source": "ferry.bridge-not",
        },
    ]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_rule_incident_says_what_was_asked_for(events, deployed):
    it = deployed["aws_cloudwatch_event_rule.incident"]
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {"State": "ENABLED", "Description": "Anything that went wrong on board"}
    assert {name: rule.get(name) for name in wanted} == wanted
    assert json.loads(rule["EventPattern"]) == {
        "detail-type": ["Incident"],
        "source": ["ferry.bridge"],
    }


def test_rule_incident_tells_its_events_from_others(events, deployed):
    it = deployed["aws_cloudwatch_event_rule.incident"]
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    assert suits(
        events,
        rule["EventPattern"],
        {"detail-type": "Incident", "source": "ferry.bridge"},
        it["arn"],
    )
    for other in [
        {"detail-type": "Incident-not", "source": "ferry.bridge"},
        {"detail-type": "Incident", "source": "ferry.bridge-not"},
    ]:
        assert not suits(events, rule["EventPattern"], other, it["arn"])


def test_rule_sailing_cormorant_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.sailing["cormorant"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {
        "State": "ENABLED",
        "ScheduleExpression": "rate(7 days)",
        "Description": "The cormorant to the depot",
    }
    assert {name: rule.get(name) for name in wanted} == wanted


def test_rule_sailing_gannet_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.sailing["gannet"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {
        "State": "ENABLED",
        "ScheduleExpression": "cron(0/40 6-22 * * ? *)",
        "Description": "The gannet to Outer Isle",
    }
    assert {name: rule.get(name) for name in wanted} == wanted


def test_rule_sailing_puffin_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.sailing["puffin"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {
        "State": "ENABLED",
        "ScheduleExpression": "cron(15 9,13,17 ? 5-9 * *)",
        "Description": "The puffin to Seal Rock",
    }
    assert {name: rule.get(name) for name in wanted} == wanted


def test_rule_sailing_razorbill_says_what_was_asked_for(events, deployed):
    it = deployed['aws_cloudwatch_event_rule.sailing["razorbill"]']
    rule = events.describe_rule(Name=it["name"], EventBusName=it["event_bus_name"])
    wanted = {
        "State": "DISABLED",
        "ScheduleExpression": "rate(1 hour)",
        "Description": "The razorbill to Lighthouse",
    }
    assert {name: rule.get(name) for name in wanted} == wanted


def test_target_claim_is_listed_as_asked(events, deployed):
    it = deployed["aws_cloudwatch_event_target.claim"]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"claim": <event>, "ferry": <ferry>, "cost": <cost>, "excess": 250}'
    )


def test_target_costly_insurer_is_listed_as_asked(events, deployed):
    it = deployed["aws_cloudwatch_event_target.costly_insurer"]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]


def test_target_incident_crew_is_listed_as_asked(events, deployed):
    it = deployed["aws_cloudwatch_event_target.incident_crew"]
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert found.get("InputPath") == "$.detail"


def test_event_for_incident_crew_arrives_in_the_sqs_queue_and_others_do_not(
    events, sqs, deployed
):
    it = deployed["aws_cloudwatch_event_target.incident_crew"]
    queue = deployed['aws_sqs_queue.this["crew"]']
    wanted = str(uuid4())
    unwanted = str(uuid4())
    event = {
        "detail-type": "Incident",
        "source": "ferry.bridge",
        "detail": {"probe": wanted},
    }
    others = [
        {
            "detail-type": "Incident-not",
            "source": "ferry.bridge",
            "detail": {"probe": unwanted},
        },
        {
            "detail-type": "Incident",
            "source": "ferry.bridge-not",
            "detail": {"probe": unwanted},
        },
    ]
    emit(events, it["event_bus_name"], *others, event)
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    assert any(wanted in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)
    told = next(json.loads(one["Body"]) for one in found if wanted in str(one))
    assert told == event["detail"]


def test_target_sailing_cormorant_crew_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["cormorant-crew"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"board": "cormorant", "destination": "the depot", "at": <at>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_target_sailing_gannet_crew_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["gannet-crew"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"board": "gannet", "destination": "Outer Isle", "at": <at>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_target_sailing_gannet_kiosk_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["gannet-kiosk"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"sell": "gannet", "text": "The gannet leaves for Outer Isle", "timetable": <rule>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_target_sailing_puffin_crew_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["puffin-crew"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"board": "puffin", "destination": "Seal Rock", "at": <at>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_target_sailing_puffin_kiosk_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["puffin-kiosk"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"sell": "puffin", "text": "The puffin leaves for Seal Rock", "timetable": <rule>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_target_sailing_razorbill_kiosk_is_listed_as_asked(events, deployed):
    it = deployed['aws_cloudwatch_event_target.sailing["razorbill-kiosk"]']
    reply = events.list_targets_by_rule(
        Rule=it["rule"], EventBusName=it["event_bus_name"]
    )
    (found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]
    assert found["Arn"] == it["arn"]
    assert (
        found["InputTransformer"]["InputTemplate"].strip()
        == '{"sell": "razorbill", "text": "The razorbill leaves for Lighthouse", "timetable": <rule>}'
    )
    assert found["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]


def test_role_hand_over_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.hand_over"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "events.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_hand_over_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed["aws_iam_role.hand_over"]["name"])[
        "Tags"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Project": "ferries"}


def test_role_policy_hand_over_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.hand_over"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.hand_over"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_sqs_queue.this["claims"]',
        'aws_sqs_queue.this["crew"]',
        'aws_sqs_queue.this["kiosk"]',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "86400",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_sqs_queue.this["claims"]',
        'aws_sqs_queue.this["crew"]',
        'aws_sqs_queue.this["kiosk"]',
        'aws_sqs_queue.this["undelivered"]',
    ],
)
def test_every_queue_gives_back_what_is_sent(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


def test_queue_this_undelivered_has_the_settings_that_were_asked_for(sqs, deployed):
    queue = deployed['aws_sqs_queue.this["undelivered"]']
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
    ("address", "other"),
    [
        ('aws_sqs_queue_policy.this["claims"]', 'aws_sqs_queue.this["claims"]'),
        ('aws_sqs_queue_policy.this["crew"]', 'aws_sqs_queue.this["crew"]'),
        ('aws_sqs_queue_policy.this["kiosk"]', 'aws_sqs_queue.this["kiosk"]'),
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
