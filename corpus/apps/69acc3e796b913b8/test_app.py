"""A brewery's queues, tables, logs and settings for every cellar and stage, and the
resource groups that find them again by their tags."""

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    below,
    log_and_read,
    log_group_settings,
    new_stream,
    part,
    receive,
    send,
)


def test_log_group_batches_live_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.batches["live"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 30


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_log_group.batches["live"]',
        'aws_cloudwatch_log_group.batches["trial"]',
    ],
)
def test_every_log_group_gives_back_what_is_logged(logs, deployed, address):
    group = deployed[address]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_log_group_batches_trial_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.batches["trial"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 1


@pytest.mark.parametrize(
    "address",
    ['aws_dynamodb_table.recipes["live"]', 'aws_dynamodb_table.recipes["trial"]'],
)
def test_every_table_keeps_items_by_their_key(dynamodb, deployed, address):
    table = deployed[address]["name"]
    key = {"beer": {"S": str(uuid4())}}
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
                ExpressionAttributeNames={"#key": "beer"},
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
    "address",
    ['aws_dynamodb_table.recipes["live"]', 'aws_dynamodb_table.recipes["trial"]'],
)
def test_every_table_is_described_as_asked(dynamodb, deployed, address):
    found = dynamodb.describe_table(TableName=deployed[address]["name"])["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "beer", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
    )


def test_table_recipes_live_has_its_tags(dynamodb, deployed):
    found = dynamodb.list_tags_of_resource(
        ResourceArn=deployed['aws_dynamodb_table.recipes["live"]']["arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Stage": "live"}


def test_table_recipes_trial_has_its_tags(dynamodb, deployed):
    found = dynamodb.list_tags_of_resource(
        ResourceArn=deployed['aws_dynamodb_table.recipes["trial"]']["arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Stage": "trial"}


def test_group_cellar_queues_ferment_looks_for_its_tags(resource_groups, deployed):
    group = deployed['aws_resourcegroups_group.cellar_queues["ferment"]']
    found = resource_groups.get_group(GroupName=group["name"])["Group"]
    wanted = {
        "Description": "The queues of the cellar ferment in all stages",
        "Name": "brewery-queues-ferment",
    }
    assert part(found, wanted) == wanted
    answer = resource_groups.get_group_query(GroupName=group["name"])
    query = answer["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == {
        "ResourceTypeFilters": ["AWS::SQS::Queue"],
        "TagFilters": [
            {"Key": "Cellar", "Values": ["ferment"]},
            {"Key": "Stage", "Values": ["live", "trial"]},
        ],
    }


def test_group_cellar_queues_lager_looks_for_its_tags(resource_groups, deployed):
    group = deployed['aws_resourcegroups_group.cellar_queues["lager"]']
    found = resource_groups.get_group(GroupName=group["name"])["Group"]
    wanted = {
        "Description": "The queues of the cellar lager in all stages",
        "Name": "brewery-queues-lager",
    }
    assert part(found, wanted) == wanted
    answer = resource_groups.get_group_query(GroupName=group["name"])
    query = answer["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == {
        "ResourceTypeFilters": ["AWS::SQS::Queue"],
        "TagFilters": [
            {"Key": "Cellar", "Values": ["lager"]},
            {"Key": "Stage", "Values": ["live", "trial"]},
        ],
    }


def test_group_cellar_queues_mash_looks_for_its_tags(resource_groups, deployed):
    group = deployed['aws_resourcegroups_group.cellar_queues["mash"]']
    found = resource_groups.get_group(GroupName=group["name"])["Group"]
    wanted = {
        "Description": "The queues of the cellar mash in all stages",
        "Name": "brewery-queues-mash",
    }
    assert part(found, wanted) == wanted
    answer = resource_groups.get_group_query(GroupName=group["name"])
    query = answer["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == {
        "ResourceTypeFilters": ["AWS::SQS::Queue"],
        "TagFilters": [
            {"Key": "Cellar", "Values": ["mash"]},
            {"Key": "Stage", "Values": ["live", "trial"]},
        ],
    }


def test_group_stage_live_looks_for_its_tags(resource_groups, deployed):
    group = deployed['aws_resourcegroups_group.stage["live"]']
    found = resource_groups.get_group(GroupName=group["name"])["Group"]
    wanted = {
        "Description": "Everything of the live stage",
        "Name": "brewery-stage-live",
    }
    assert part(found, wanted) == wanted
    answer = resource_groups.get_group_query(GroupName=group["name"])
    query = answer["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == {
        "ResourceTypeFilters": ["AWS::AllSupported"],
        "TagFilters": [{"Key": "Stage", "Values": ["live"]}],
    }


def test_group_stage_trial_looks_for_its_tags(resource_groups, deployed):
    group = deployed['aws_resourcegroups_group.stage["trial"]']
    found = resource_groups.get_group(GroupName=group["name"])["Group"]
    wanted = {
        "Description": "Everything of the trial stage",
        "Name": "brewery-stage-trial",
    }
    assert part(found, wanted) == wanted
    answer = resource_groups.get_group_query(GroupName=group["name"])
    query = answer["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == {
        "ResourceTypeFilters": ["AWS::AllSupported"],
        "TagFilters": [{"Key": "Stage", "Values": ["trial"]}],
    }


@pytest.mark.parametrize(
    "address",
    [
        'aws_sqs_queue.batches["live-ferment"]',
        'aws_sqs_queue.batches["live-lager"]',
        'aws_sqs_queue.batches["live-mash"]',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "900",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_sqs_queue.batches["live-ferment"]',
        'aws_sqs_queue.batches["live-lager"]',
        'aws_sqs_queue.batches["live-mash"]',
        'aws_sqs_queue.batches["trial-ferment"]',
        'aws_sqs_queue.batches["trial-lager"]',
        'aws_sqs_queue.batches["trial-mash"]',
    ],
)
def test_every_queue_gives_back_what_is_sent(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


@pytest.mark.parametrize(
    "address",
    [
        'aws_sqs_queue.batches["trial-ferment"]',
        'aws_sqs_queue.batches["trial-lager"]',
        'aws_sqs_queue.batches["trial-mash"]',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for_2(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "60",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.temperature["live-ferment"]',
        'aws_ssm_parameter.temperature["live-lager"]',
        'aws_ssm_parameter.temperature["live-mash"]',
        'aws_ssm_parameter.temperature["trial-ferment"]',
        'aws_ssm_parameter.temperature["trial-lager"]',
        'aws_ssm_parameter.temperature["trial-mash"]',
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
        'aws_ssm_parameter.temperature["live-ferment"]',
        'aws_ssm_parameter.temperature["live-lager"]',
        'aws_ssm_parameter.temperature["live-mash"]',
        'aws_ssm_parameter.temperature["trial-ferment"]',
        'aws_ssm_parameter.temperature["trial-lager"]',
        'aws_ssm_parameter.temperature["trial-mash"]',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.temperature["live-ferment"]',
        'aws_ssm_parameter.temperature["live-lager"]',
        'aws_ssm_parameter.temperature["live-mash"]',
        'aws_ssm_parameter.temperature["trial-ferment"]',
        'aws_ssm_parameter.temperature["trial-lager"]',
        'aws_ssm_parameter.temperature["trial-mash"]',
    ],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})


def test_parameter_temperature_live_ferment_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["live-ferment"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "ferment",
        "Stage": "live",
    }


def test_parameter_temperature_live_lager_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["live-lager"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "lager",
        "Stage": "live",
    }


def test_parameter_temperature_live_mash_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["live-mash"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "mash",
        "Stage": "live",
    }


def test_parameter_temperature_trial_ferment_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["trial-ferment"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "ferment",
        "Stage": "trial",
    }


def test_parameter_temperature_trial_lager_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["trial-lager"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "lager",
        "Stage": "trial",
    }


def test_parameter_temperature_trial_mash_has_its_tags(ssm, deployed):
    it = deployed['aws_ssm_parameter.temperature["trial-mash"]']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Cellar": "mash",
        "Stage": "trial",
    }
