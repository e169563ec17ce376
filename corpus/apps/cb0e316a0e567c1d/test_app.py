"""An aquarium's credentials in Secrets Manager, with a candidate that waits for its
turn, the settings around them in Parameter Store, and the document and nightly
window that rotate them."""

import base64
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, below, meaning


def test_alias_secrets_encrypts_with_its_key(kms, deployed):
    alias, key = deployed["aws_kms_alias.secrets"], deployed["aws_kms_key.secrets"]
    text = str(uuid4()).encode()
    for name in (alias["name"], alias["arn"]):
        sealed = kms.encrypt(KeyId=name, Plaintext=text)
        assert sealed["KeyId"] == key["arn"]
        opened = kms.decrypt(
            KeyId=key["key_id"], CiphertextBlob=sealed["CiphertextBlob"]
        )
        assert opened["Plaintext"] == text


def test_key_secrets_decrypts_what_it_encrypts(kms, deployed):
    key = deployed["aws_kms_key.secrets"]
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


def test_key_secrets_is_described_as_asked(kms, deployed):
    found = kms.describe_key(KeyId=deployed["aws_kms_key.secrets"]["key_id"])[
        "KeyMetadata"
    ]
    assert agrees(
        found,
        {
            "Description": "Credentials of the aquarium",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_secrets_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(KeyId=deployed["aws_kms_key.secrets"]["key_id"])[
        "Tags"
    ]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {"House": "aquarium"}


def test_secret_this_feeder_is_found_by_its_name(secretsmanager, deployed):
    secret = deployed['aws_secretsmanager_secret.this["feeder"]']
    found = secretsmanager.describe_secret(SecretId=secret["name"])
    assert found["ARN"] == secret["arn"]
    assert "DeletedDate" not in found
    assert agrees(
        found,
        {
            "Description": "The account of the feeding robots",
            "Tags": [{"Key": "House", "Value": "aquarium"}],
        },
    )
    assert found["KmsKeyId"] in (
        deployed["aws_kms_key.secrets"]["arn"],
        deployed["aws_kms_key.secrets"]["key_id"],
    )


def test_secret_this_ticketing_is_found_by_its_name(secretsmanager, deployed):
    secret = deployed['aws_secretsmanager_secret.this["ticketing"]']
    found = secretsmanager.describe_secret(SecretId=secret["name"])
    assert found["ARN"] == secret["arn"]
    assert "DeletedDate" not in found
    assert agrees(
        found,
        {
            "Description": "The token of the ticket office",
            "Tags": [{"Key": "House", "Value": "aquarium"}],
        },
    )
    assert found["KmsKeyId"] in (
        deployed["aws_kms_key.secrets"]["arn"],
        deployed["aws_kms_key.secrets"]["key_id"],
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_secretsmanager_secret_policy.this["feeder"]',
        'aws_secretsmanager_secret_policy.this["ticketing"]',
    ],
)
def test_every_secret_has_the_policy_asked_for(secretsmanager, sts, deployed, address):
    found = secretsmanager.get_resource_policy(SecretId=deployed[address]["secret_arn"])
    assert meaning(found["ResourcePolicy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OnlyThisAccountReads",
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "NobodyDeletesByHand",
                    "Effect": "Deny",
                    "Action": "secretsmanager:DeleteSecret",
                    "Resource": "*",
                    "Principal": {"AWS": "*"},
                    "Condition": {
                        "StringNotLike": {
                            "aws:PrincipalArn": [
                                "arn:aws:iam::*:role/deployment-*",
                                "arn:aws:iam::<account>:root",
                            ]
                        }
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


@pytest.mark.parametrize(
    "address",
    [
        "aws_secretsmanager_secret_version.feeder",
        "aws_secretsmanager_secret_version.feeder_candidate",
    ],
)
def test_every_secret_is_read_by_version_and_stage(secretsmanager, deployed, address):
    it = deployed[address]
    found = secretsmanager.get_secret_value(
        SecretId=it["secret_id"], VersionId=it["version_id"]
    )
    assert found["SecretString"] == it["secret_string"]
    assert sorted(found["VersionStages"]) == sorted(it["version_stages"])
    for stage in it["version_stages"]:
        found = secretsmanager.get_secret_value(
            SecretId=it["secret_id"], VersionStage=stage
        )
        assert found["VersionId"] == it["version_id"]
        assert found["SecretString"] == it["secret_string"]
    listed = secretsmanager.list_secret_version_ids(SecretId=it["secret_id"])[
        "Versions"
    ]
    assert it["version_id"] in [version["VersionId"] for version in listed]


def test_secret_feeder_is_read_by_its_name(secretsmanager, deployed):
    it, secret = (
        deployed["aws_secretsmanager_secret_version.feeder"],
        deployed['aws_secretsmanager_secret.this["feeder"]'],
    )
    found = secretsmanager.get_secret_value(SecretId=secret["name"])
    assert (found["ARN"], found["VersionId"]) == (secret["arn"], it["version_id"])
    assert found["SecretString"] == it["secret_string"]


def test_secret_feeder_candidate_has_the_stages_asked_for(secretsmanager, deployed):
    it = deployed["aws_secretsmanager_secret_version.feeder_candidate"]
    found = secretsmanager.describe_secret(SecretId=it["secret_id"])[
        "VersionIdsToStages"
    ]
    assert set(["CANDIDATE"]) <= set(found[it["version_id"]])


def test_secret_ticketing_is_read_by_version_and_stage(secretsmanager, deployed):
    it = deployed["aws_secretsmanager_secret_version.ticketing"]
    found = secretsmanager.get_secret_value(
        SecretId=it["secret_id"], VersionId=it["version_id"]
    )
    assert found["SecretBinary"] == base64.b64decode(it["secret_binary"])
    assert sorted(found["VersionStages"]) == sorted(it["version_stages"])
    for stage in it["version_stages"]:
        found = secretsmanager.get_secret_value(
            SecretId=it["secret_id"], VersionStage=stage
        )
        assert found["VersionId"] == it["version_id"]
        assert found["SecretBinary"] == base64.b64decode(it["secret_binary"])
    listed = secretsmanager.list_secret_version_ids(SecretId=it["secret_id"])[
        "Versions"
    ]
    assert it["version_id"] in [version["VersionId"] for version in listed]


def test_secret_ticketing_is_read_by_its_name(secretsmanager, deployed):
    it, secret = (
        deployed["aws_secretsmanager_secret_version.ticketing"],
        deployed['aws_secretsmanager_secret.this["ticketing"]'],
    )
    found = secretsmanager.get_secret_value(SecretId=secret["name"])
    assert (found["ARN"], found["VersionId"]) == (secret["arn"], it["version_id"])
    assert found["SecretBinary"] == base64.b64decode(it["secret_binary"])


def test_document_rotate_says_what_was_asked(ssm, deployed):
    it = deployed["aws_ssm_document.rotate"]
    found = ssm.get_document(Name=it["name"], DocumentFormat="YAML")
    assert (
        found["Content"].strip()
        == 'schemaVersion: "2.2"\ndescription: Makes every candidate the current version of its secret.\nparameters:\n  Stage:\n    type: String\n    description: The stage of the versions that wait.\n    default: CANDIDATE\nmainSteps:\n  - action: aws:runShellScript\n    name: rotate\n    inputs:\n      runCommand:\n        - secrets=$(aws ssm get-parameter --name /aquarium/live/rotation/secrets --query Parameter.Value --output text)\n        - for secret in $(echo "$secrets" | tr , \' \'); do promote "$secret" "{{ Stage }}"; done\n'.strip()
    )
    assert found["DocumentType"] == "Command"
    described = ssm.describe_document(Name=it["name"])["Document"]
    assert described["Status"] == "Active"


def test_document_rotate_has_its_tags(ssm, deployed):
    it = deployed["aws_ssm_document.rotate"]
    found = ssm.list_tags_for_resource(ResourceType="Document", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"House": "aquarium"}


def test_window_night_opens_as_asked(ssm, deployed):
    found = ssm.get_maintenance_window(
        WindowId=deployed["aws_ssm_maintenance_window.night"]["id"]
    )
    assert agrees(
        found,
        {
            "Name": "aquarium-live-night",
            "Description": "When the visitors are gone",
            "Schedule": "cron(0 3 ? * SUN *)",
            "ScheduleTimezone": "Europe/Lisbon",
            "Duration": 3,
            "Cutoff": 1,
            "Enabled": True,
        },
    )


def test_window_night_has_its_tags(ssm, deployed):
    it = deployed["aws_ssm_maintenance_window.night"]
    found = ssm.list_tags_for_resource(
        ResourceType="MaintenanceWindow", ResourceId=it["id"]
    )["TagList"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"House": "aquarium"}


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.secret_names",
        'aws_ssm_parameter.setting["tanks/kelp/species"]',
        'aws_ssm_parameter.setting["tanks/reef/species"]',
    ],
)
def test_every_parameter_is_read(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("StringList", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.secret_names",
        'aws_ssm_parameter.setting["rotation/schedule"]',
        'aws_ssm_parameter.setting["rotation/webhook-secret"]',
        'aws_ssm_parameter.setting["tanks/kelp/celsius"]',
        'aws_ssm_parameter.setting["tanks/kelp/species"]',
        'aws_ssm_parameter.setting["tanks/reef/celsius"]',
        'aws_ssm_parameter.setting["tanks/reef/species"]',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.secret_names",
        'aws_ssm_parameter.setting["rotation/schedule"]',
        'aws_ssm_parameter.setting["rotation/webhook-secret"]',
        'aws_ssm_parameter.setting["tanks/kelp/celsius"]',
        'aws_ssm_parameter.setting["tanks/kelp/species"]',
        'aws_ssm_parameter.setting["tanks/reef/celsius"]',
        'aws_ssm_parameter.setting["tanks/reef/species"]',
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
        "aws_ssm_parameter.secret_names",
        'aws_ssm_parameter.setting["rotation/schedule"]',
        'aws_ssm_parameter.setting["rotation/webhook-secret"]',
        'aws_ssm_parameter.setting["tanks/kelp/celsius"]',
        'aws_ssm_parameter.setting["tanks/kelp/species"]',
        'aws_ssm_parameter.setting["tanks/reef/celsius"]',
        'aws_ssm_parameter.setting["tanks/reef/species"]',
    ],
)
def test_every_parameter_has_its_tags(ssm, deployed, address):
    it = deployed[address]
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"House": "aquarium"}


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.setting["rotation/schedule"]',
        'aws_ssm_parameter.setting["tanks/kelp/celsius"]',
        'aws_ssm_parameter.setting["tanks/reef/celsius"]',
    ],
)
def test_every_parameter_is_read_2(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("String", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


def test_parameter_setting_rotation_webhook_secret_is_read_by_who_may_decrypt_it(
    ssm, deployed
):
    it = deployed['aws_ssm_parameter.setting["rotation/webhook-secret"]']
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("SecureString", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]
    assert ssm.get_parameter(Name=it["name"])["Parameter"]["Value"] != it["value"]
