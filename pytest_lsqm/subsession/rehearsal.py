"""A small session of the kind that apps have: what it loads is what they load. See `process/forkserver.py`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

APP = """
import datetime, io, time, uuid, zipfile

import boto3
import pytest


@pytest.fixture
def client():
    options = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("sqs", endpoint_url="http://127.0.0.1:9", **options)


def test_that_passes(client):
    assert client.exceptions is not None


def test_that_fails():
    assert {"what": "a message is made of"} == {}


def test_of_an_error():
    with pytest.raises(ValueError, match="a"):
        raise ValueError("a")
    pytest.skip("done")
"""


def main() -> None:
    """Run it and leave nothing behind."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # as for an app
    with tempfile.TemporaryDirectory(prefix="lsqm-rehearsal-") as name:
        Path(name, "test_app.py").write_text(APP)
        Path(name, "pytest.ini").write_text("[pytest]\n")
        options = ["--rootdir", name, "-c", f"{name}/pytest.ini", "-p", "no:cacheprovider", "-p", "pytest_timeout"]
        pytest.main([*options, "--timeout=60", "-q", "--tb=short", "--color=no", "-rfEs", name])


if __name__ == "__main__":
    main()
