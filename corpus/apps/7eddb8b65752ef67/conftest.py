import json
import os
from pathlib import Path

import boto3
import pytest
from app import Phrasebook


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def functions():
    return boto3.client("lambda")


@pytest.fixture(scope="session")
def stepfunctions():
    return boto3.client("stepfunctions")


@pytest.fixture
def phrasebook(stepfunctions, outputs):
    return Phrasebook(stepfunctions, outputs["state_machine_arn"])
