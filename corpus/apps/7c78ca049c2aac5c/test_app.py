"""A savings bank's KMS keys in rings: encryption keys with aliases, policies and
grants bound to an encryption context, yearly backup keys, and keys that only
sign."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, identity, meaning


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_role.team["accounts"]',
        'aws_iam_role.team["audit"]',
        'aws_iam_role.team["branch"]',
    ],
)
def test_every_role_trusts_whom_was_asked(iam, sts, deployed, address):
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
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/teams/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_role.team["accounts"]',
        'aws_iam_role.team["audit"]',
        'aws_iam_role.team["branch"]',
    ],
)
def test_every_role_can_be_assumed(iam, sts, deployed, address):
    role = deployed[address]
    assert iam.get_role(RoleName=role["name"])["Role"]["Arn"] == role["arn"]
    reply = sts.assume_role(RoleArn=role["arn"], RoleSessionName="lsqm")
    given = reply["Credentials"]
    who = identity(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
    assert who.endswith(f":assumed-role/{role['name']}/lsqm")
    assert reply["AssumedRoleUser"]["Arn"] == who


def test_role_team_accounts_has_its_tags(iam, deployed):
    found = iam.list_role_tags(
        RoleName=deployed['aws_iam_role.team["accounts"]']["name"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Project": "savings-bank",
        "Team": "accounts",
    }


def test_role_team_audit_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed['aws_iam_role.team["audit"]']["name"])[
        "Tags"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Project": "savings-bank",
        "Team": "audit",
    }


def test_role_team_branch_has_its_tags(iam, deployed):
    found = iam.list_role_tags(
        RoleName=deployed['aws_iam_role.team["branch"]']["name"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Project": "savings-bank",
        "Team": "branch",
    }


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("aws_kms_alias.backup[0]", "aws_kms_key.backup[0]"),
        ("aws_kms_alias.backup[1]", "aws_kms_key.backup[1]"),
        ("aws_kms_alias.backup[2]", "aws_kms_key.backup[2]"),
        ("aws_kms_alias.backup_now", "aws_kms_key.backup[2]"),
        ('aws_kms_alias.ring["ledger"]', 'aws_kms_key.ring["ledger"]'),
        ('aws_kms_alias.ring["letters"]', 'aws_kms_key.ring["letters"]'),
    ],
)
def test_every_alias_encrypts_with_its_key(kms, deployed, address, other):
    alias, key = deployed[address], deployed[other]
    text = str(uuid4()).encode()
    for name in (alias["name"], alias["arn"]):
        sealed = kms.encrypt(KeyId=name, Plaintext=text)
        assert sealed["KeyId"] == key["arn"]
        opened = kms.decrypt(
            KeyId=key["key_id"], CiphertextBlob=sealed["CiphertextBlob"]
        )
        assert opened["Plaintext"] == text


@pytest.mark.parametrize(
    "address",
    [
        'aws_kms_alias.ring["passbooks"]',
        'aws_kms_alias.signature["statements"]',
        'aws_kms_alias.signature["transfers"]',
    ],
)
def test_every_alias_stands_for_its_key(kms, deployed, address):
    alias = deployed[address]
    found = kms.describe_key(KeyId=alias["name"])["KeyMetadata"]
    assert alias["target_key_id"] in (found["KeyId"], found["Arn"])


@pytest.mark.parametrize(
    "address",
    ['aws_kms_grant.team["ledger-accounts"]', 'aws_kms_grant.team["ledger-audit"]'],
)
def test_every_grant_allows_what_was_asked(kms, deployed, address):
    grant = deployed[address]
    listed = kms.list_grants(KeyId=grant["key_id"])["Grants"]
    (found,) = [it for it in listed if it["GrantId"] == grant["grant_id"]]
    assert sorted(found["Operations"]) == ["Decrypt"]
    assert found["GranteePrincipal"] == grant["grantee_principal"]


def test_grant_team_letters_branch_allows_what_was_asked(kms, deployed):
    grant = deployed['aws_kms_grant.team["letters-branch"]']
    listed = kms.list_grants(KeyId=grant["key_id"])["Grants"]
    (found,) = [it for it in listed if it["GrantId"] == grant["grant_id"]]
    assert sorted(found["Operations"]) == ["Decrypt", "Encrypt", "GenerateDataKey"]
    assert found["GranteePrincipal"] == grant["grantee_principal"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_kms_key.backup[0]",
        "aws_kms_key.backup[1]",
        "aws_kms_key.backup[2]",
        'aws_kms_key.ring["ledger"]',
        'aws_kms_key.ring["letters"]',
    ],
)
def test_every_key_decrypts_what_it_encrypts(kms, deployed, address):
    key = deployed[address]
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


def test_key_backup_0_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.backup[0]"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, backups of 2024",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_backup_0_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(KeyId=deployed["aws_kms_key.backup[0]"]["key_id"])[
        "Tags"
    ]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Year": "2024",
    }


def test_key_backup_1_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.backup[1]"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, backups of 2025",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_backup_1_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(KeyId=deployed["aws_kms_key.backup[1]"]["key_id"])[
        "Tags"
    ]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Year": "2025",
    }


def test_key_backup_2_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.backup[2]"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, backups of 2026",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_backup_2_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(KeyId=deployed["aws_kms_key.backup[2]"]["key_id"])[
        "Tags"
    ]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Year": "2026",
    }


def test_key_ring_ledger_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed['aws_kms_key.ring["ledger"]']["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, ledger",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


@pytest.mark.parametrize(
    "address", ['aws_kms_key.ring["ledger"]', 'aws_kms_key.ring["letters"]']
)
def test_every_key_is_rotated(kms, deployed, address):
    assert kms.get_key_rotation_status(KeyId=deployed[address]["key_id"])[
        "KeyRotationEnabled"
    ]


def test_key_ring_ledger_has_the_policy_asked_for(kms, sts, deployed):
    found = kms.get_key_policy(
        KeyId=deployed['aws_kms_key.ring["ledger"]']["key_id"], PolicyName="default"
    )
    assert meaning(found["Policy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Owner",
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "ThroughDynamodb",
                    "Effect": "Allow",
                    "Action": ["kms:GenerateDataKey*", "kms:Encrypt", "kms:Decrypt"],
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": ["<account>"],
                            "kms:ViaService": ["dynamodb.eu-central-1.amazonaws.com"],
                        }
                    },
                },
                {
                    "Sid": "NoHaste",
                    "Effect": "Deny",
                    "Action": "kms:ScheduleKeyDeletion",
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "NumericLessThan": {
                            "kms:ScheduleKeyDeletionPendingWindowInDays": ["7"]
                        }
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_key_ring_ledger_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.ring["ledger"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Ring": "ledger",
    }


def test_key_ring_letters_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed['aws_kms_key.ring["letters"]']["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, letters",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_ring_letters_has_the_policy_asked_for(kms, sts, deployed):
    found = kms.get_key_policy(
        KeyId=deployed['aws_kms_key.ring["letters"]']["key_id"], PolicyName="default"
    )
    assert meaning(found["Policy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Owner",
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "ThroughS3",
                    "Effect": "Allow",
                    "Action": ["kms:GenerateDataKey*", "kms:Encrypt", "kms:Decrypt"],
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": ["<account>"],
                            "kms:ViaService": ["s3.eu-central-1.amazonaws.com"],
                        }
                    },
                },
                {
                    "Sid": "ThroughSqs",
                    "Effect": "Allow",
                    "Action": ["kms:GenerateDataKey*", "kms:Encrypt", "kms:Decrypt"],
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": ["<account>"],
                            "kms:ViaService": ["sqs.eu-central-1.amazonaws.com"],
                        }
                    },
                },
                {
                    "Sid": "NoHaste",
                    "Effect": "Deny",
                    "Action": "kms:ScheduleKeyDeletion",
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "NumericLessThan": {
                            "kms:ScheduleKeyDeletionPendingWindowInDays": ["7"]
                        }
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_key_ring_letters_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.ring["letters"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Ring": "letters",
    }


def test_key_ring_passbooks_is_disabled(kms, deployed):
    key = deployed['aws_kms_key.ring["passbooks"]']
    assert (
        kms.describe_key(KeyId=key["key_id"])["KeyMetadata"]["KeyState"] == "Disabled"
    )
    with pytest.raises(ClientError, match="Disabled"):
        kms.generate_data_key(KeyId=key["key_id"], KeySpec="AES_256")


def test_key_ring_passbooks_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed['aws_kms_key.ring["passbooks"]']["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Bank, passbooks",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": False,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_ring_passbooks_has_the_policy_asked_for(kms, sts, deployed):
    found = kms.get_key_policy(
        KeyId=deployed['aws_kms_key.ring["passbooks"]']["key_id"], PolicyName="default"
    )
    assert meaning(found["Policy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Owner",
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "NoHaste",
                    "Effect": "Deny",
                    "Action": "kms:ScheduleKeyDeletion",
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "NumericLessThan": {
                            "kms:ScheduleKeyDeletionPendingWindowInDays": ["7"]
                        }
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_key_ring_passbooks_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.ring["passbooks"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Ring": "passbooks",
    }


def test_key_signature_statements_verifies_what_it_signs(kms, deployed):
    key = deployed['aws_kms_key.signature["statements"]']
    text = str(uuid4()).encode()
    how = {
        "KeyId": key["key_id"],
        "MessageType": "RAW",
        "SigningAlgorithm": "RSASSA_PSS_SHA_256",
    }
    signature = kms.sign(Message=text, **how)["Signature"]
    assert kms.verify(Message=text, Signature=signature, **how)["SignatureValid"]
    with pytest.raises(ClientError, match="KMSInvalidSignature"):
        kms.verify(Message=b"another", Signature=signature, **how)
    assert (
        "RSASSA_PSS_SHA_256"
        in kms.get_public_key(KeyId=key["key_id"])["SigningAlgorithms"]
    )


def test_key_signature_statements_is_described_as_asked(kms, deployed):
    found = kms.describe_key(
        KeyId=deployed['aws_kms_key.signature["statements"]']["key_id"]
    )["KeyMetadata"]
    assert agrees(
        found,
        {
            "Description": "Bank, signs statements",
            "KeyUsage": "SIGN_VERIFY",
            "KeySpec": "RSA_2048",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_signature_statements_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.signature["statements"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Signs": "statements",
    }


def test_key_signature_transfers_verifies_what_it_signs(kms, deployed):
    key = deployed['aws_kms_key.signature["transfers"]']
    text = str(uuid4()).encode()
    how = {
        "KeyId": key["key_id"],
        "MessageType": "RAW",
        "SigningAlgorithm": "ECDSA_SHA_256",
    }
    signature = kms.sign(Message=text, **how)["Signature"]
    assert kms.verify(Message=text, Signature=signature, **how)["SignatureValid"]
    with pytest.raises(ClientError, match="KMSInvalidSignature"):
        kms.verify(Message=b"another", Signature=signature, **how)
    assert (
        "ECDSA_SHA_256" in kms.get_public_key(KeyId=key["key_id"])["SigningAlgorithms"]
    )


def test_key_signature_transfers_is_described_as_asked(kms, deployed):
    found = kms.describe_key(
        KeyId=deployed['aws_kms_key.signature["transfers"]']["key_id"]
    )["KeyMetadata"]
    assert agrees(
        found,
        {
            "Description": "Bank, signs transfers",
            "KeyUsage": "SIGN_VERIFY",
            "KeySpec": "ECC_NIST_P256",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_signature_transfers_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.signature["transfers"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Project": "savings-bank",
        "Signs": "transfers",
    }
