from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.observing import Proxy
from pytest_lsqm.process import jail
from pytest_lsqm.process.container import ContainerJail
from pytest_lsqm.process.forking import Forks
from pytest_lsqm.process.jail import ENDPOINT, Jail
from tests.support import engines
from tests.support.apps import Runner
from tests.support.files import short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile.outside import Outside


@pytest.fixture(autouse=True)
def bubblewrap() -> None:
    """These tests are about what a jail holds; a machine that must have one says so (`LSQM_REQUIRE_JAIL`)."""
    if (reason := jail.unavailable()) is not None:
        if os.environ.get("LSQM_REQUIRE_JAIL"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """One for all hostile apps: what one of them does to it the next ones would feel."""
    forks = Forks(subsession.REHEARSAL)
    yield forks
    forks.close()


@pytest.fixture(params=["process", "fork", "container"])
def confined(folder: Path, outside: Outside, request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Runs apps in a jail whose door leads to an emulator that answers everything with 200."""
    if request.param == "container":
        engines.require()
    socket = folder / "emulator"
    forks = request.getfixturevalue("forks") if request.param == "fork" else None
    kind = ContainerJail if request.param == "container" else Jail
    with Proxy(outside.endpoint, socket=(socket, ENDPOINT)):
        yield Runner(folder, kind(socket=socket), forks)


@pytest.fixture
def outside() -> Iterator[Outside]:
    from tests.hostile.outside import Outside

    with Outside() as server:
        yield server
