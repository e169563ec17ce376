"""A bottling plant's machines in AWS IoT: thing types and things from a map,
certificates and scoped policies, a role alias that lets them write a table, and a
message broker with its configuration."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, holding, meaning


def test_table_state_keeps_items_by_their_key(dynamodb, deployed):
    table = deployed["aws_dynamodb_table.state"]["name"]
    key = {"machine": {"S": str(uuid4())}}
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
                ExpressionAttributeNames={"#key": "machine"},
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


def test_table_state_is_described_as_asked(dynamodb, deployed):
    found = dynamodb.describe_table(
        TableName=deployed["aws_dynamodb_table.state"]["name"]
    )["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "machine", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
    )


def test_role_machines_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.machines"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "credentials.iot.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_policy_machines_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.machines"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.machines"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_iot_thing.this["bottling-cider-filler"]',
        'aws_iot_thing.this["bottling-cider-labeller"]',
        'aws_iot_thing.this["bottling-cider-washer"]',
        'aws_iot_thing.this["bottling-lemonade-filler"]',
        'aws_iot_thing.this["bottling-lemonade-labeller"]',
    ],
)
def test_every_iot_thing_reads_back(iot, deployed, address):
    it = deployed[address]
    answer = iot.describe_thing(thingName=it["name"])
    found = holding(answer, it["arn"])
    assert found.get("defaultClientId") == it["default_client_id"]
    assert found.get("thingTypeName") == it["thing_type_name"]
    assert found.get("version") == it["version"]


def test_mq_broker_old_reads_back(mq, deployed):
    it = deployed["aws_mq_broker.old"]
    answer = mq.describe_broker(BrokerId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("BrokerName") == it["broker_name"]
    assert found.get("DeploymentMode") == it["deployment_mode"]
    assert found.get("EngineType") == it["engine_type"]
    assert found.get("EngineVersion") == it["engine_version"]
    assert found.get("HostInstanceType") == it["host_instance_type"]


def test_mq_configuration_old_reads_back(mq, deployed):
    it = deployed["aws_mq_configuration.old"]
    answer = mq.describe_configuration(ConfigurationId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("AuthenticationStrategy") == it["authentication_strategy"]
    assert found.get("EngineType") == it["engine_type"]
    assert found.get("EngineVersion") == it["engine_version"]
    assert found.get("Id") == it["id"]
    assert found.get("Name") == it["name"]
