import json
import os
from pathlib import Path

import boto3
import pytest
from app import Shore


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def shores(outputs):
    """Either shore's table, by the shore's name."""
    return {
        name: Shore(
            boto3.client("dynamodb", region_name=region),
            boto3.client("dynamodbstreams", region_name=region),
            outputs["table_name"],
            outputs["stream_arns"][name],
        )
        for name, region in outputs["regions"].items()
    }


@pytest.fixture
def near(shores):
    return shores["near"]


@pytest.fixture
def far(shores):
    return shores["far"]
