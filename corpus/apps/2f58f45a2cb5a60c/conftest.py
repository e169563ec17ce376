import json
import os
from pathlib import Path

import boto3
import pytest
from app import Forwarder, Lake, Radar


@pytest.fixture(scope="session")
def outputs():
    """The Terraform outputs, name to plain value."""
    return json.loads(Path(os.environ["LSQM_OUTPUTS"]).read_text())


@pytest.fixture(scope="session")
def kinesis():
    return boto3.client("kinesis")


@pytest.fixture(scope="session")
def firehose():
    return boto3.client("firehose")


@pytest.fixture(scope="session")
def logs():
    return boto3.client("logs")


@pytest.fixture(scope="session")
def s3():
    return boto3.client("s3")


@pytest.fixture
def radar(kinesis, outputs):
    return Radar(kinesis, outputs["stream_name"])


@pytest.fixture
def forwarder(kinesis, firehose, outputs):
    """Starts behind what is in the stream already."""
    ssm = boto3.client("ssm")
    parameter = ssm.get_parameter(Name=outputs["routes_parameter"])["Parameter"]
    routes = json.loads(parameter["Value"])
    return Forwarder(kinesis, firehose, outputs["stream_name"], routes)


@pytest.fixture
def lake(s3, outputs):
    return Lake(s3, outputs["lake_bucket"])
