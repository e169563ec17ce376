"""A notary's backups: two encrypted Backup vaults, a plan whose daily and monthly
rules copy from one to the other, EFS shares with access points, a table, and a
topic for failures."""

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, meaning, overhear, verdicts


def test_table_clients_keeps_items_by_their_key(dynamodb, deployed):
    table = deployed["aws_dynamodb_table.clients"]["name"]
    key = {"client": {"S": str(uuid4())}}
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
                ExpressionAttributeNames={"#key": "client"},
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


def test_table_clients_is_described_as_asked(dynamodb, deployed):
    found = dynamodb.describe_table(
        TableName=deployed["aws_dynamodb_table.clients"]["name"]
    )["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "client", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_efs_access_point.share["deeds"]',
        'aws_efs_access_point.share["registers"]',
        'aws_efs_access_point.share["scratch"]',
    ],
)
def test_every_efs_access_point_is_as_asked(efs, deployed, address):
    it = deployed[address]
    found = efs.describe_access_points(AccessPointId=it["id"])["AccessPoints"][0]
    assert found["FileSystemId"] == it["file_system_id"]
    assert found["RootDirectory"]["Path"] == it["root_directory"][0]["path"]


@pytest.mark.parametrize(
    "address",
    ['aws_efs_file_system.share["deeds"]', 'aws_efs_file_system.share["scratch"]'],
)
def test_every_efs_file_system_is_as_asked(efs, deployed, address):
    it = deployed[address]
    found = efs.describe_file_systems(FileSystemId=it["id"])["FileSystems"][0]
    assert agrees(
        found,
        {
            "Encrypted": True,
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "bursting",
        },
    )
    assert found["LifeCycleState"] == "available"


def test_efs_file_system_share_registers_is_as_asked(efs, deployed):
    it = deployed['aws_efs_file_system.share["registers"]']
    found = efs.describe_file_systems(FileSystemId=it["id"])["FileSystems"][0]
    assert agrees(
        found,
        {"Encrypted": True, "PerformanceMode": "maxIO", "ThroughputMode": "bursting"},
    )
    assert found["LifeCycleState"] == "available"


def test_role_backup_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.backup"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "backup.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_key_vault_decrypts_what_it_encrypts(kms, deployed):
    key = deployed["aws_kms_key.vault"]
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


def test_key_vault_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.vault"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Backups of the notary",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_vault_is_rotated(kms, deployed):
    assert kms.get_key_rotation_status(KeyId=deployed["aws_kms_key.vault"]["key_id"])[
        "KeyRotationEnabled"
    ]


def test_topic_failures_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.failures"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }


def test_policy_of_topic_failures_rules_as_asked(sns, deployed):
    it = deployed["aws_sns_topic.failures"]
    policy = sns.get_topic_attributes(TopicArn=it["arn"])["Attributes"].get("Policy")
    assert verdicts(policy) == [["Allow", ["backup.amazonaws.com"], ["sns:Publish"]]]
    assert meaning(policy) == meaning(
        deployed["aws_sns_topic_policy.failures"]["policy"]
    )
