from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.process import jail
from pytest_lsqm.process.forking import Forks
from pytest_lsqm.process.jail import Jail
from tests.support.apps import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks(subsession.REHEARSAL)
    yield forks
    forks.close()


@pytest.fixture
def confinement() -> Jail:
    """A jail; a machine that must have one says so (`LSQM_REQUIRE_JAIL`)."""
    if (reason := jail.unavailable()) is not None:
        if os.environ.get("LSQM_REQUIRE_JAIL"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Jail()


@pytest.fixture(params=["fork", "process"])
def unconfined(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    """The ways to run an app outside of a jail: where it has the ids of its processes from this machine."""
    return Runner(tmp_path, forks=request.getfixturevalue("forks") if request.param == "fork" else None)


@pytest.fixture(params=["fork", "process", "fork in a jail"])
def apps(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    """The ways to run an app, which have to come to the same."""
    confinement = request.getfixturevalue("confinement") if "jail" in request.param else None
    return Runner(tmp_path, confinement, request.getfixturevalue("forks") if "fork" in request.param else None)
