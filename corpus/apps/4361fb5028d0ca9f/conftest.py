import json
import os
from pathlib import Path

import boto3
import pytest
from app import HutRegister


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def apigateway():
    return boto3.client("apigateway")


def open_stage(outputs, stage):
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    return HutRegister(boto3.Session(), endpoint, outputs["api_id"], stage)


@pytest.fixture
def live(outputs):
    return open_stage(outputs, "live")


@pytest.fixture
def trial(outputs):
    return open_stage(outputs, "trial")
