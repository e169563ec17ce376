import json
import os
from pathlib import Path

import boto3
import pytest
from app import DropBox


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def sqs():
    return boto3.client("sqs")


@pytest.fixture(scope="session")
def box(outputs, sqs):
    return DropBox(
        boto3.client("s3"),
        sqs,
        boto3.resource("dynamodb").Table(outputs["index_table"]),
        outputs["bucket"],
        outputs["queue_urls"],
    )
