import json
import os
from pathlib import Path

import boto3
import pytest
from app import Lake


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def glue():
    return boto3.client("glue")


@pytest.fixture(scope="session")
def athena():
    return boto3.client("athena")


@pytest.fixture
def lake(glue, outputs):
    lake = Lake(boto3.client("s3"), glue, outputs["bucket"], outputs["database"])
    yield lake
    lake.tidy()
