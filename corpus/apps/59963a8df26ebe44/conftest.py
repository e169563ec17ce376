import json
import os
from pathlib import Path

import boto3
import pytest
from app import Club


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def resources():
    """Every managed resource: address, type, name, id, attributes."""
    return json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())


@pytest.fixture(scope="session")
def idp():
    return boto3.client("cognito-idp")


@pytest.fixture(scope="session")
def identity():
    return boto3.client("cognito-identity")


@pytest.fixture
def club(idp, outputs):
    club = Club(idp, outputs["user_pool_id"], outputs["web_client_id"])
    yield club
    club.forget_all()
