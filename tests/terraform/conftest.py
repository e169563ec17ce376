from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import analysis
from pytest_lsqm.terraform.engine import Engine, find_engine
from pytest_lsqm.terraform.project import Project
from pytest_lsqm.terraform.providers import Mirror, open_mirror
from tests.support.emulator import new_account, shared_localstack
from tests.support.files import short_folder, write_tree
from tests.terraform import module_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.base import Instance
    from tests.terraform.module_registry import ModuleRegistry

    MakeProject = Callable[..., Project]

NOWHERE = "http://127.0.0.1:9"
"""An endpoint for projects that must not need one."""


@pytest.fixture(scope="session")
def engine() -> Engine:
    return find_engine(lambda _: None)


@pytest.fixture(scope="session")
def mirror(engine: Engine) -> Mirror:
    """The mirror from PyPI in the user's cache, filled once per machine."""
    return open_mirror("mirror", engine, lambda _: None)


@pytest.fixture
def localstack(pytestconfig: pytest.Config) -> Instance:
    return shared_localstack(pytestconfig)


@pytest.fixture
def project(tmp_path: Path, engine: Engine, mirror: Mirror) -> Iterator[MakeProject]:
    """Make a project out of the files of a configuration, as a validation does; each in folders of its own."""
    places = (tmp_path / f"project-{number}" for number in itertools.count(1))

    def make(files: Mapping[str, str], *, folder: str = ".", endpoint: str = NOWHERE, **changes: Any) -> Project:
        place = next(places)
        root = write_tree(place / "terraform", files) / folder
        facts = analysis.analyse(root)
        arguments: dict[str, Any] = {
            "root": root,
            "home": homes / place.name,
            "engine": engine,
            "mirror": mirror,
            "endpoint": endpoint,
            "account": new_account(),
            "region": "us-east-1",
            "blocks": facts.provider_blocks,
            "backends": facts.backends,
            "types": frozenset(facts.resource_types),
        }
        return Project(**(arguments | changes))

    with short_folder() as homes:
        yield make


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleRegistry]:
    """A module registry to which the user's CLI configuration leads."""
    with module_registry.serve() as server:
        (tmp_path / "user.tfrc").write_text(server.cli_config())
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "user.tfrc"))
        yield server
