import json
import os
from pathlib import Path

import boto3
import pytest
from app import Site
from botocore import UNSIGNED
from botocore.config import Config


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


@pytest.fixture
def site(s3, outputs):
    return Site(s3, outputs["site_bucket"])


@pytest.fixture(scope="session")
def visitor():
    """Somebody without credentials."""
    return boto3.client("s3", config=Config(signature_version=UNSIGNED))
