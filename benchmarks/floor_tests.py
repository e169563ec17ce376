"""The tests of one architecture in a forked process that has pytest and boto3 loaded; part of `floor.py`."""

from __future__ import annotations

import os
import sys


def run(work: str, environment: dict[str, str]) -> None:
    """Run them in this process, which ends with pytest's exit code."""
    import pytest

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(work)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:lsqm", "-p", "no:xdist", "-p", "no:anyio")
    os._exit(int(pytest.main([*options, "lsqm"])))
