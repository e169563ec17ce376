import json
import os
from pathlib import Path

import boto3
import pytest
from app import Service


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def service(outputs):
    return Service(
        boto3.client("sns"),
        boto3.client("sqs"),
        outputs["topic_arns"],
        outputs["queue_urls"],
    )
