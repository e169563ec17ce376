from uuid import uuid4

import pytest
from app import credentials, load_settings, rotate, seal, unseal
from botocore.exceptions import ClientError


def test_all_settings_are_read_by_their_path(ssm, outputs):
    settings = load_settings(ssm, outputs["path"])
    assert settings["http/port"] == "8443"
    assert settings["features/enabled"] == ["search", "export", "audit"]
    assert settings["license"].startswith("LICENSED-TO reporting")


def test_the_license_is_unreadable_without_decryption(ssm, outputs):
    name = outputs["path"] + "/license"
    parameter = ssm.get_parameter(Name=name)["Parameter"]
    assert parameter["Type"] == "SecureString"
    assert parameter["Value"] != load_settings(ssm, outputs["path"])["license"]


def test_a_new_setting_appears_under_the_path_and_can_be_taken_back(ssm, outputs):
    key = f"experiments/{uuid4()}"
    name = f"{outputs['path']}/{key}"
    ssm.put_parameter(Name=name, Type="String", Value="on")
    settings = load_settings(ssm, outputs["path"])
    assert settings[key] == "on"
    assert settings["http/timeout"] == "30"
    ssm.delete_parameter(Name=name)
    del settings[key]
    assert load_settings(ssm, outputs["path"]) == settings


def test_rotation_keeps_the_former_password_as_previous(secretsmanager, outputs):
    secret = outputs["secret_arn"]
    first, second = str(uuid4()), str(uuid4())
    rotate(secretsmanager, secret, first)
    rotate(secretsmanager, secret, second)
    assert credentials(secretsmanager, secret)["password"] == second
    previous = credentials(secretsmanager, secret, stage="AWSPREVIOUS")
    assert previous["password"] == first
    assert previous["username"] == "reporter"


def test_the_secret_is_encrypted_with_the_services_key(secretsmanager, outputs):
    secret = secretsmanager.describe_secret(SecretId=outputs["secret_arn"])
    assert secret["KmsKeyId"] == outputs["key_arn"]


def test_a_sealed_note_opens_for_its_reader_only(kms, outputs):
    note = f"pay no more than {uuid4()}"
    blob = seal(kms, outputs["key_alias"], note, reader="alice")
    assert note.encode() not in blob
    assert unseal(kms, blob, reader="alice") == note
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        unseal(kms, blob, reader="mallory")
