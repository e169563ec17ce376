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
def logs():
    return boto3.client("logs")


@pytest.fixture(scope="session")
def resource_groups():
    return boto3.client("resource-groups")


@pytest.fixture(scope="session")
def sqs():
    return boto3.client("sqs")


@pytest.fixture(scope="session")
def ssm():
    return boto3.client("ssm")
