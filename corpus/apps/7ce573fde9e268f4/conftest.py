import json
import os
from pathlib import Path

import boto3
import pytest


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def deployed():
    """The attributes of each managed resource, by its Terraform address."""
    listed = json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())
    return {resource["address"]: resource["attributes"] for resource in listed}


@pytest.fixture(scope="session")
def dynamodb():
    return boto3.client("dynamodb")


@pytest.fixture(scope="session")
def efs():
    return boto3.client("efs")


@pytest.fixture(scope="session")
def iam():
    return boto3.client("iam")


@pytest.fixture(scope="session")
def kms():
    return boto3.client("kms")


@pytest.fixture(scope="session")
def sns():
    return boto3.client("sns")


@pytest.fixture(scope="session")
def sqs():
    return boto3.client("sqs")
