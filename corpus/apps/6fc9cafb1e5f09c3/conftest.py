import json
import os
from pathlib import Path

import boto3
import pytest
from app import Vault


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
def kms():
    return boto3.client("kms")


@pytest.fixture(scope="session")
def vault(s3, outputs):
    return Vault(s3, outputs["vault_bucket"])


@pytest.fixture(scope="session")
def copy(s3, outputs):
    return Vault(s3, outputs["copy_bucket"])
