"""A GraphQL notice board of a village: an AppSync API with a schema file, two table
data sources, resolvers from template files, an API key and logging."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, holding, meaning


def test_appsync_api_key_villagers_reads_back(appsync, deployed):
    it = deployed["aws_appsync_api_key.villagers"]
    answer = appsync.list_api_keys(apiId=it["api_id"])
    assert holding(answer, it["description"])


@pytest.mark.parametrize(
    "address",
    [
        'aws_appsync_datasource.table["notices"]',
        'aws_appsync_datasource.table["places"]',
    ],
)
def test_every_appsync_datasource_reads_back(appsync, deployed, address):
    it = deployed[address]
    answer = appsync.get_data_source(apiId=it["api_id"], name=it["name"])
    found = holding(answer, it["arn"])
    assert found.get("name") == it["name"]
    assert found.get("serviceRoleArn") == it["service_role_arn"]
    assert found.get("type") == it["type"]


def test_appsync_graphql_api_board_reads_back(appsync, deployed):
    it = deployed["aws_appsync_graphql_api.board"]
    answer = appsync.get_graphql_api(apiId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("authenticationType") == it["authentication_type"]
    assert found.get("name") == it["name"]


@pytest.mark.parametrize(
    "address",
    ['aws_dynamodb_table.this["notices"]', 'aws_dynamodb_table.this["places"]'],
)
def test_every_table_keeps_items_by_their_key(dynamodb, deployed, address):
    table = deployed[address]["name"]
    key = {"id": {"S": str(uuid4())}}
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
                ExpressionAttributeNames={"#key": "id"},
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
    ['aws_dynamodb_table.this["notices"]', 'aws_dynamodb_table.this["places"]'],
)
def test_every_table_is_described_as_asked(dynamodb, deployed, address):
    found = dynamodb.describe_table(TableName=deployed[address]["name"])["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
    )


@pytest.mark.parametrize(
    "address", ['aws_iam_role.board["logs"]', 'aws_iam_role.board["tables"]']
)
def test_every_role_trusts_whom_was_asked(iam, deployed, address):
    role = deployed[address]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "appsync.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_policy_tables_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.tables"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.tables"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]
