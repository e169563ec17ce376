import json
import os
from pathlib import Path

import boto3
import pytest
from app import Studio


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def s3():
    return boto3.client("s3")


@pytest.fixture(scope="session")
def sqs():
    return boto3.client("sqs")


@pytest.fixture
def studio(s3, sqs, outputs):
    return Studio(s3, sqs, outputs["bucket"], outputs["queue_urls"])
