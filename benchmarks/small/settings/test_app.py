import json
import os

import boto3

with open(os.environ["LSQM_OUTPUTS"]) as file:
    OUTPUTS = json.load(file)


def test_the_parameters_are_read_below_their_prefix() -> None:
    ssm = boto3.client("ssm")
    found = ssm.get_parameters_by_path(Path=OUTPUTS["prefix"], WithDecryption=True)["Parameters"]
    assert sorted(entry["Value"] for entry in found) == ["correct horse", "db.internal"]


def test_the_secret_has_its_value() -> None:
    answer = boto3.client("secretsmanager").get_secret_value(SecretId=OUTPUTS["secret_arn"])
    assert answer["SecretString"] == "battery staple"
