import json
import os
from pathlib import Path

import boto3
import pytest


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def deployed():
    """The attributes of each managed resource, by its Terraform address."""
    listed = json.loads(Path(os.environ["LSQM_RESOURCES"]).read_text())
    return {resource["address"]: resource["attributes"] for resource in listed}


@pytest.fixture(scope="session")
def ec2():
    return boto3.client("ec2")
