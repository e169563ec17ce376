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
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def ssm():
    return boto3.client("ssm")


@pytest.fixture(scope="session")
def secretsmanager():
    return boto3.client("secretsmanager")


@pytest.fixture(scope="session")
def kms():
    return boto3.client("kms")
