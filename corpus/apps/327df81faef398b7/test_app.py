"""A bakery chain as a tree of modules three deep: bakeries hold ovens, ovens hold
alarms, each made by for_each, and every output is threaded up to the root."""

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    below,
    drill,
    gather,
    meaning,
    part,
    publish,
    receive,
    send,
    take,
    verdicts,
)


def test_alias_chain_encrypts_with_its_key(kms, deployed):
    alias, key = deployed["aws_kms_alias.chain"], deployed["aws_kms_key.chain"]
    text = str(uuid4()).encode()
    for name in (alias["name"], alias["arn"]):
        sealed = kms.encrypt(KeyId=name, Plaintext=text)
        assert sealed["KeyId"] == key["arn"]
        opened = kms.decrypt(
            KeyId=key["key_id"], CiphertextBlob=sealed["CiphertextBlob"]
        )
        assert opened["Plaintext"] == text


def test_key_chain_decrypts_what_it_encrypts(kms, deployed):
    key = deployed["aws_kms_key.chain"]
    text, context = str(uuid4()).encode(), {"purpose": "lsqm"}
    sealed = kms.encrypt(
        KeyId=key["key_id"], Plaintext=text, EncryptionContext=context
    )["CiphertextBlob"]
    assert text not in sealed
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (text, key["arn"])
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"purpose": "another"})
    data_key = kms.generate_data_key(KeyId=key["key_id"], KeySpec="AES_256")
    assert len(data_key["Plaintext"]) == 32
    opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
    assert opened["Plaintext"] == data_key["Plaintext"]


def test_key_chain_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.chain"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Everything that the fournil keeps to itself",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.registry",
        'module.bakery["canal"].aws_ssm_parameter.opens_at',
        'module.bakery["market"].aws_ssm_parameter.opens_at',
    ],
)
def test_every_parameter_is_read(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("String", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.registry",
        'module.bakery["canal"].aws_ssm_parameter.opens_at',
        'module.bakery["market"].aws_ssm_parameter.opens_at',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.registry",
        'module.bakery["canal"].aws_ssm_parameter.opens_at',
        'module.bakery["market"].aws_ssm_parameter.opens_at',
    ],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})


@pytest.mark.parametrize(
    "address",
    [
        'module.bakery["canal"].aws_dynamodb_table.batches',
        'module.bakery["market"].aws_dynamodb_table.batches',
    ],
)
def test_every_table_keeps_items_by_their_key(dynamodb, deployed, address):
    table = deployed[address]["name"]
    key = {"batch": {"S": str(uuid4())}}
    item = key | {
        "lsqm_remark": {"S": "first"},
        "lsqm_parts": {"L": [{"N": "1"}, {"BOOL": True}]},
    }
    try:
        dynamodb.put_item(TableName=table, Item=item)
        got = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        assert got["Item"] == item
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": "batch"},
            )
        updated = dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET lsqm_remark = :remark REMOVE lsqm_parts",
            ExpressionAttributeValues={":remark": {"S": "second"}},
            ReturnValues="ALL_NEW",
        )
        assert updated["Attributes"] == key | {"lsqm_remark": {"S": "second"}}
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert "Item" not in dynamodb.get_item(
        TableName=table, Key=key, ConsistentRead=True
    )


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('module.bakery["canal"].aws_dynamodb_table.batches', "aws_kms_key.chain"),
        ('module.bakery["market"].aws_dynamodb_table.batches', "aws_kms_key.chain"),
    ],
)
def test_every_table_is_described_as_asked(dynamodb, deployed, address, other):
    found = dynamodb.describe_table(TableName=deployed[address]["name"])["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "batch", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS"},
        },
    )
    assert found["SSEDescription"]["KMSMasterKeyArn"] == deployed[other]["arn"]


@pytest.mark.parametrize(
    "address",
    [
        'module.bakery["canal"].module.oven["bread"].aws_sns_topic_subscription.orders',
        'module.bakery["market"].module.oven["bread"].aws_sns_topic_subscription.orders',
    ],
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
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert reply["Attributes"]["RawMessageDelivery"] == "true"
    assert json.loads(reply["Attributes"]["FilterPolicy"]) == {"product": ["bread"]}


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'module.bakery["canal"].module.oven["bread"].aws_sns_topic_subscription.orders',
            'module.bakery["canal"].aws_sns_topic.orders',
            'module.bakery["canal"].module.oven["bread"].aws_sqs_queue.orders',
        ),
        (
            'module.bakery["market"].module.oven["bread"].aws_sns_topic_subscription.orders',
            'module.bakery["market"].aws_sns_topic.orders',
            'module.bakery["market"].module.oven["bread"].aws_sqs_queue.orders',
        ),
    ],
)
def test_every_subscription_lets_through_what_its_filter_wants(
    sns, sqs, deployed, address, other, third
):
    queue = deployed[third]
    topic = deployed[other]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    publish(
        sns,
        topic,
        unwanted,
        {"product": {"DataType": "String", "StringValue": "bread-not"}},
    )
    publish(
        sns, topic, wanted, {"product": {"DataType": "String", "StringValue": "bread"}}
    )
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    bodies = [message["Body"] for message in found]
    assert wanted in bodies
    assert not any(unwanted in body for body in bodies)
    attributes = found[bodies.index(wanted)]["MessageAttributes"]
    sent = {"product": "bread"}
    assert {name: attributes[name]["StringValue"] for name in sent} == sent


@pytest.mark.parametrize(
    "address",
    [
        'module.bakery["canal"].module.oven["bread"].aws_sqs_queue.orders',
        'module.bakery["canal"].module.oven["pastry"].aws_sqs_queue.orders',
        'module.bakery["market"].module.oven["bread"].aws_sqs_queue.orders',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'module.bakery["canal"].module.oven["bread"].aws_sqs_queue.orders',
        'module.bakery["canal"].module.oven["pastry"].aws_sqs_queue.orders',
        'module.bakery["market"].module.oven["bread"].aws_sqs_queue.orders',
    ],
)
def test_every_queue_gives_back_what_is_sent(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.bakery["canal"].module.oven["bread"].aws_sqs_queue_policy.orders',
            'module.bakery["canal"].module.oven["bread"].aws_sqs_queue.orders',
        ),
        (
            'module.bakery["canal"].module.oven["pastry"].aws_sqs_queue_policy.orders',
            'module.bakery["canal"].module.oven["pastry"].aws_sqs_queue.orders',
        ),
        (
            'module.bakery["market"].module.oven["bread"].aws_sqs_queue_policy.orders',
            'module.bakery["market"].module.oven["bread"].aws_sqs_queue.orders',
        ),
    ],
)
def test_every_policy_of_queue_rules_as_asked(sqs, deployed, address, other):
    it = deployed[other]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [["Allow", ["sns.amazonaws.com"], ["sqs:SendMessage"]]]
    assert meaning(policy) == meaning(deployed[address]["policy"])


def test_alarm_bakery_canal_oven_bread_alarm_cold_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["canal"].module.oven["bread"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "LessThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 245,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-canal-bread"}


@pytest.mark.parametrize(
    "address",
    [
        'module.bakery["canal"].module.oven["bread"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this',
        'module.bakery["canal"].module.oven["bread"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this',
        'module.bakery["canal"].module.oven["pastry"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this',
        'module.bakery["canal"].module.oven["pastry"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this',
        'module.bakery["market"].module.oven["bread"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this',
        'module.bakery["market"].module.oven["bread"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this',
    ],
)
def test_every_alarm_remembers_why_it_changed(cloudwatch, deployed, address):
    alarm = deployed[address]
    assert drill(cloudwatch, alarm["alarm_name"])


def test_alarm_bakery_canal_oven_bread_alarm_hot_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["canal"].module.oven["bread"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 275,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-canal-bread"}


def test_subscription_bakery_canal_oven_pastry_orders_is_listed_as_asked(sns, deployed):
    it = deployed[
        'module.bakery["canal"].module.oven["pastry"].aws_sns_topic_subscription.orders'
    ]
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
    assert reply["Attributes"]["RawMessageDelivery"] == "true"
    assert json.loads(reply["Attributes"]["FilterPolicy"]) == {"product": ["pastry"]}


def test_subscription_bakery_canal_oven_pastry_orders_lets_through_what_its_filter_wants(
    sns, sqs, deployed
):
    queue = deployed[
        'module.bakery["canal"].module.oven["pastry"].aws_sqs_queue.orders'
    ]
    topic = deployed['module.bakery["canal"].aws_sns_topic.orders']
    wanted = str(uuid4())
    unwanted = str(uuid4())
    publish(
        sns,
        topic,
        unwanted,
        {"product": {"DataType": "String", "StringValue": "pastry-not"}},
    )
    publish(
        sns, topic, wanted, {"product": {"DataType": "String", "StringValue": "pastry"}}
    )
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    bodies = [message["Body"] for message in found]
    assert wanted in bodies
    assert not any(unwanted in body for body in bodies)
    attributes = found[bodies.index(wanted)]["MessageAttributes"]
    sent = {"product": "pastry"}
    assert {name: attributes[name]["StringValue"] for name in sent} == sent


def test_alarm_bakery_canal_oven_pastry_alarm_cold_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["canal"].module.oven["pastry"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "LessThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 175,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-canal-pastry"}


def test_alarm_bakery_canal_oven_pastry_alarm_hot_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["canal"].module.oven["pastry"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 205,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-canal-pastry"}


def test_alarm_bakery_market_oven_bread_alarm_cold_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["market"].module.oven["bread"].module.alarm["cold"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "LessThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 235,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-market-bread"}


def test_alarm_bakery_market_oven_bread_alarm_hot_this_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'module.bakery["market"].module.oven["bread"].module.alarm["hot"].aws_cloudwatch_metric_alarm.this'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "OvenTemperature",
        "Namespace": "Bakery",
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 265,
        "TreatMissingData": "missing",
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Oven": "fournil-market-bread"}
