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
def iam():
    return boto3.client("iam")


@pytest.fixture(scope="session")
def kms():
    return boto3.client("kms")


@pytest.fixture(scope="session")
def ssm():
    return boto3.client("ssm")


@pytest.fixture(scope="session")
def sts():
    return boto3.client("sts")
