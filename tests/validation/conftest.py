from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.terraform.engine import Engine, find_engine
from pytest_lsqm.terraform.providers import Mirror, open_mirror
from tests.support.architectures import Bench
from tests.support.emulator import Lent, shared_localstack
from tests.support.files import short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine() -> Engine:
    return find_engine(lambda _: None)


@pytest.fixture(scope="session")
def mirror(engine: Engine) -> Mirror:
    return open_mirror("mirror", engine, lambda _: None)


@pytest.fixture
def leases(pytestconfig: pytest.Config) -> Lent:
    return Lent(shared_localstack(pytestconfig))


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which temporary folders are made during this test."""
    with short_folder() as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture
def bench(tmp_path: Path, engine: Engine, mirror: Mirror, leases: Lent, temporary: Path) -> Bench:
    return Bench(tmp_path, engine, mirror, leases)
