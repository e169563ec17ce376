import json
import os
from pathlib import Path

import boto3
import pytest
from app import Network


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def ec2():
    return boto3.client("ec2")


@pytest.fixture(scope="session")
def logs():
    return boto3.client("logs")


@pytest.fixture
def network(ec2, outputs):
    return Network(ec2, outputs["vpc_id"])
