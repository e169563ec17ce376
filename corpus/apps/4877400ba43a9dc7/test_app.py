"""Topics in three regions feed one queue at home: a provider alias per region,
subscriptions that cross regions, and a filter that only lets warnings through."""

import json
from uuid import uuid4

import boto3

from app import agrees, below, gather, meaning, publish, receive, send, take, verdicts


def test_topic_ireland_has_the_settings_that_were_asked_for(deployed):
    sns = boto3.client("sns", region_name="eu-west-1")
    topic = deployed["aws_sns_topic.ireland"]
    reply = sns.get_topic_attributes(TopicArn=topic["arn"])
    wanted = {"DisplayName": "Vatnajökull"}
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_topic_oregon_has_the_settings_that_were_asked_for(deployed):
    sns = boto3.client("sns", region_name="us-west-2")
    topic = deployed["aws_sns_topic.oregon"]
    reply = sns.get_topic_attributes(TopicArn=topic["arn"])
    wanted = {"DisplayName": "Collier"}
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_topic_tokyo_has_the_settings_that_were_asked_for(deployed):
    sns = boto3.client("sns", region_name="ap-northeast-1")
    topic = deployed["aws_sns_topic.tokyo"]
    reply = sns.get_topic_attributes(TopicArn=topic["arn"])
    wanted = {"DisplayName": "Gozenzawa"}
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_subscription_ireland_is_listed_as_asked(deployed):
    sns = boto3.client("sns", region_name="eu-west-1")
    it = deployed["aws_sns_topic_subscription.ireland"]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert json.loads(reply["Attributes"]["FilterPolicy"]) == {
        "metres": [{"numeric": [">=", 2]}],
        "severity": ["warning", "alarm"],
    }


def test_subscription_ireland_lets_through_what_its_filter_wants(deployed):
    sns = boto3.client("sns", region_name="eu-west-1")
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue = deployed["aws_sqs_queue.warnings"]
    topic = deployed["aws_sns_topic.ireland"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "1"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning-not"},
        },
    )
    publish(
        sns,
        topic,
        wanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    bodies = [message["Body"] for message in found]
    notes = [json.loads(body) for body in bodies if wanted in body]
    assert {(note["Type"], note["TopicArn"], note["Message"]) for note in notes} == {
        ("Notification", topic["arn"], wanted)
    }
    assert not any(unwanted in body for body in bodies)


def test_subscription_oregon_is_listed_as_asked(deployed):
    sns = boto3.client("sns", region_name="us-west-2")
    it = deployed["aws_sns_topic_subscription.oregon"]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert json.loads(reply["Attributes"]["FilterPolicy"]) == {
        "metres": [{"numeric": [">=", 2]}],
        "severity": ["warning", "alarm"],
    }


def test_subscription_oregon_lets_through_what_its_filter_wants(deployed):
    sns = boto3.client("sns", region_name="us-west-2")
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue = deployed["aws_sqs_queue.warnings"]
    topic = deployed["aws_sns_topic.oregon"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "1"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning-not"},
        },
    )
    publish(
        sns,
        topic,
        wanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    bodies = [message["Body"] for message in found]
    notes = [json.loads(body) for body in bodies if wanted in body]
    assert {(note["Type"], note["TopicArn"], note["Message"]) for note in notes} == {
        ("Notification", topic["arn"], wanted)
    }
    assert not any(unwanted in body for body in bodies)


def test_subscription_tokyo_is_listed_as_asked(deployed):
    sns = boto3.client("sns", region_name="ap-northeast-1")
    it = deployed["aws_sns_topic_subscription.tokyo"]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert json.loads(reply["Attributes"]["FilterPolicy"]) == {
        "metres": [{"numeric": [">=", 2]}],
        "severity": ["warning", "alarm"],
    }


def test_subscription_tokyo_lets_through_what_its_filter_wants(deployed):
    sns = boto3.client("sns", region_name="ap-northeast-1")
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue = deployed["aws_sqs_queue.warnings"]
    topic = deployed["aws_sns_topic.tokyo"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "1"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    publish(
        sns,
        topic,
        unwanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning-not"},
        },
    )
    publish(
        sns,
        topic,
        wanted,
        {
            "metres": {"DataType": "Number", "StringValue": "2"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    )
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    bodies = [message["Body"] for message in found]
    notes = [json.loads(body) for body in bodies if wanted in body]
    assert {(note["Type"], note["TopicArn"], note["Message"]) for note in notes} == {
        ("Notification", topic["arn"], wanted)
    }
    assert not any(unwanted in body for body in bodies)


def test_queue_warnings_has_the_settings_that_were_asked_for(sqs, deployed):
    queue = deployed["aws_sqs_queue.warnings"]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_queue_warnings_gives_back_what_is_sent(sqs, deployed):
    queue = deployed["aws_sqs_queue.warnings"]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


def test_policy_of_queue_warnings_rules_as_asked(sqs, deployed):
    it = deployed["aws_sqs_queue.warnings"]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [
        ["Allow", ["sns.amazonaws.com"], ["sqs:SendMessage"]],
        ["Allow", ["sns.amazonaws.com"], ["sqs:SendMessage"]],
        ["Allow", ["sns.amazonaws.com"], ["sqs:SendMessage"]],
    ]
    assert meaning(policy) == meaning(
        deployed["aws_sqs_queue_policy.warnings"]["policy"]
    )


def test_parameter_home_is_read(deployed):
    ssm = boto3.client("ssm", region_name="ap-northeast-1")
    it = deployed["aws_ssm_parameter.home"]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("String", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


def test_parameter_home_is_found_by_its_path(deployed):
    ssm = boto3.client("ssm", region_name="ap-northeast-1")
    it = deployed["aws_ssm_parameter.home"]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


def test_parameter_home_is_described_as_asked(deployed):
    ssm = boto3.client("ssm", region_name="ap-northeast-1")
    name = deployed["aws_ssm_parameter.home"]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})
