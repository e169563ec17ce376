import json
import os
from pathlib import Path

import boto3
import pytest
from app import Greenhouse


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def greenhouse(outputs):
    return Greenhouse(
        boto3.client("stepfunctions"),
        boto3.client("sqs"),
        boto3.client("dynamodb"),
        outputs,
    )
