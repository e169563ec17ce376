from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.process.forking import Forks
from tests.support.apps import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks(subsession.REHEARSAL)
    yield forks
    forks.close()


@pytest.fixture(params=["fork", "process"])
def apps(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    """Both ways to run an app, which have to come to the same."""
    return Runner(tmp_path, forks=request.getfixturevalue("forks") if request.param == "fork" else None)
