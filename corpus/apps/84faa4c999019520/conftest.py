import json
import os
from pathlib import Path

import boto3
import pytest
from app import Checkpoints


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def kinesis():
    return boto3.client("kinesis")


@pytest.fixture(scope="session")
def dynamodb():
    return boto3.resource("dynamodb")


@pytest.fixture
def checkpoints(dynamodb, outputs):
    return {
        reader: Checkpoints(dynamodb.Table(table))
        for reader, table in outputs["checkpoint_tables"].items()
    }
