"""Feature flags of a tram operator as a hierarchy of parameters per stage, secret
ones under one KMS key per stage, and policies for readers and switchers."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, attached, below, meaning


def test_group_switchers_takes_users_in(iam, deployed):
    group = deployed["aws_iam_group.switchers"]["name"]
    user = f"lsqm-{uuid4()}"
    assert iam.get_group(GroupName=group)["Group"]["Path"] == "/"
    iam.create_user(UserName=user)
    try:
        iam.add_user_to_group(GroupName=group, UserName=user)
        found = iam.list_groups_for_user(UserName=user)["Groups"]
        assert [one["GroupName"] for one in found] == [group]
        iam.remove_user_from_group(GroupName=group, UserName=user)
        members = iam.get_group(GroupName=group)["Users"]
        assert user not in [member["UserName"] for member in members]
    finally:
        for one in iam.list_groups_for_user(UserName=user)["Groups"]:
            iam.remove_user_from_group(GroupName=one["GroupName"], UserName=user)
        iam.delete_user(UserName=user)


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_group_policy_attachment.switchers["depot"]',
        'aws_iam_group_policy_attachment.switchers["live"]',
    ],
)
def test_every_group_has_its_policy(iam, deployed, address):
    it = deployed[address]
    assert it["policy_arn"] in attached(iam, "group", it["group"])
    found = iam.list_entities_for_policy(
        PolicyArn=it["policy_arn"], EntityFilter="Group"
    )
    holders = [one["GroupName"] for one in found["PolicyGroups"]]
    assert it["group"] in holders


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_policy.reader["depot"]',
        'aws_iam_policy.reader["live"]',
        'aws_iam_policy.switcher["depot"]',
        'aws_iam_policy.switcher["live"]',
    ],
)
def test_every_policy_says_what_was_asked(iam, deployed, address):
    arn = deployed[address]["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(found, {"Path": "/flags/"})
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(deployed[address]["policy"])


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_kms_alias.stage["depot"]', 'aws_kms_key.stage["depot"]'),
        ('aws_kms_alias.stage["live"]', 'aws_kms_key.stage["live"]'),
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
    "address", ['aws_kms_key.stage["depot"]', 'aws_kms_key.stage["live"]']
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


def test_key_stage_depot_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed['aws_kms_key.stage["depot"]']["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Secret flags of depot",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


@pytest.mark.parametrize(
    "address", ['aws_kms_key.stage["depot"]', 'aws_kms_key.stage["live"]']
)
def test_every_key_has_the_policy_asked_for(kms, sts, deployed, address):
    found = kms.get_key_policy(KeyId=deployed[address]["key_id"], PolicyName="default")
    assert meaning(found["Policy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Account",
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "OnlyByParameterStore",
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": ["<account>"],
                            "kms:ViaService": ["ssm.eu-central-1.amazonaws.com"],
                        }
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_key_stage_depot_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.stage["depot"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {"Stage": "depot"}


def test_key_stage_live_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed['aws_kms_key.stage["live"]']["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Secret flags of live",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_stage_live_is_rotated(kms, deployed):
    assert kms.get_key_rotation_status(
        KeyId=deployed['aws_kms_key.stage["live"]']["key_id"]
    )["KeyRotationEnabled"]


def test_key_stage_live_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed['aws_kms_key.stage["live"]']["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {"Stage": "live"}


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["depot/doors-by-request"]',
        'aws_ssm_parameter.open["depot/share-of-quiet-bells"]',
        'aws_ssm_parameter.open["live/doors-by-request"]',
        'aws_ssm_parameter.open["live/lines-with-new-displays"]',
        'aws_ssm_parameter.open["live/share-of-quiet-bells"]',
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
        'aws_ssm_parameter.open["depot/doors-by-request"]',
        'aws_ssm_parameter.open["depot/lines-with-new-displays"]',
        'aws_ssm_parameter.open["depot/share-of-quiet-bells"]',
        'aws_ssm_parameter.open["live/doors-by-request"]',
        'aws_ssm_parameter.open["live/lines-with-new-displays"]',
        'aws_ssm_parameter.open["live/share-of-quiet-bells"]',
        'aws_ssm_parameter.secret["depot/ticket-inspection-key"]',
        'aws_ssm_parameter.secret["live/ticket-inspection-key"]',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["depot/doors-by-request"]',
        'aws_ssm_parameter.open["live/doors-by-request"]',
    ],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(
        found,
        {
            "Description": "Doors open only where somebody wants to get on or off",
            "Tier": "Standard",
            "AllowedPattern": "^[\\w,.%-]+$",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["depot/doors-by-request"]',
        'aws_ssm_parameter.open["depot/lines-with-new-displays"]',
        'aws_ssm_parameter.open["depot/share-of-quiet-bells"]',
        'aws_ssm_parameter.secret["depot/ticket-inspection-key"]',
    ],
)
def test_every_parameter_has_its_tags(ssm, deployed, address):
    it = deployed[address]
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Stage": "depot"}


def test_parameter_open_depot_lines_with_new_displays_is_read(ssm, deployed):
    it = deployed['aws_ssm_parameter.open["depot/lines-with-new-displays"]']
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("StringList", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["depot/lines-with-new-displays"]',
        'aws_ssm_parameter.open["live/lines-with-new-displays"]',
    ],
)
def test_every_parameter_is_described_as_asked_2(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(
        found,
        {
            "Description": "Lines whose stops show the new displays",
            "Tier": "Standard",
            "AllowedPattern": "^[\\w,.%-]+$",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["depot/share-of-quiet-bells"]',
        'aws_ssm_parameter.open["live/share-of-quiet-bells"]',
    ],
)
def test_every_parameter_is_described_as_asked_3(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(
        found,
        {
            "Description": "Part of the trams that ring more quietly",
            "Tier": "Standard",
            "AllowedPattern": "^[\\w,.%-]+$",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.open["live/doors-by-request"]',
        'aws_ssm_parameter.open["live/lines-with-new-displays"]',
        'aws_ssm_parameter.open["live/share-of-quiet-bells"]',
        'aws_ssm_parameter.secret["live/ticket-inspection-key"]',
    ],
)
def test_every_parameter_has_its_tags_2(ssm, deployed, address):
    it = deployed[address]
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Stage": "live"}


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.secret["depot/ticket-inspection-key"]',
        'aws_ssm_parameter.secret["live/ticket-inspection-key"]',
    ],
)
def test_every_parameter_is_read_by_who_may_decrypt_it(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("SecureString", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]
    assert ssm.get_parameter(Name=it["name"])["Parameter"]["Value"] != it["value"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.secret["depot/ticket-inspection-key"]',
        'aws_ssm_parameter.secret["live/ticket-inspection-key"]',
    ],
)
def test_every_parameter_is_described_as_asked_4(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(
        found, {"Description": "Signs the inspectors' tickets", "Tier": "Standard"}
    )
