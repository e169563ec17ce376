"""Emulators to test with: real ones, once per session, and a small one that is a real process too."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import emulators, process
from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.container import DockerLocalStack
from pytest_lsqm.emulators.host import HostInstance, Plan
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lsqm.emulators.base import Instance

SERVER = Path(__file__).with_name("little_server.py")


class LittleEmulator:
    """An emulator that starts in 0.1 s; `broken` makes its starts fail, with that message in the log."""

    name = "little"
    version = "1"
    single = False

    def __init__(self, isolation: Isolation = Isolation.ACCOUNT) -> None:
        self.isolation = isolation
        self.chosen_because: str | None = None
        self.broken = ""
        self.started: list[HostInstance] = []
        self.ahead: list[bool] = []
        """Whether each was to load all beforehand."""

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Nothing to fetch."""

    def lacks(self) -> Mapping[str, str]:
        return {}

    def limits(self) -> Mapping[str, str]:
        return {}

    def foreseen(self) -> EmulatorFacts | None:
        return None

    def start(self, *, ahead: bool = False) -> HostInstance:
        instance = HostInstance(
            EmulatorFacts(name=self.name, version=self.version), self._plan, self._healthy, "/reset"
        )
        instance.wait(timeout=10.0)
        self.ahead.append(ahead)
        self.started.append(instance)
        return instance

    def alive(self) -> list[HostInstance]:
        return [instance for instance in self.started if instance.is_healthy()]

    def _plan(self, folder: Path, port: int) -> Plan:
        argv: list[str | Path] = [sys.executable, SERVER, str(port)]
        if self.broken:
            argv.append(self.broken)
        return Plan(tuple(argv), process.base_environment(folder / "home"))

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        return wire.send(endpoint, "GET", "/health", timeout=timeout).ok


@pytest.fixture
def little() -> Iterator[LittleEmulator]:
    emulator = LittleEmulator()
    yield emulator
    for instance in emulator.started:
        instance.stop()


def _running(name: str) -> Iterator[Instance]:
    emulator = emulators.create(name)
    emulator.prepare(lambda _: None)
    foreseen = emulator.foreseen()
    instance = emulator.start()
    # What is reused because of it would have been the same.
    assert foreseen == instance.facts
    assert instance.facts.digest
    yield instance
    instance.stop()


@pytest.fixture(scope="session")
def localstack_host() -> Iterator[Instance]:
    yield from _running("localstack-host")


@pytest.fixture(scope="session")
def ministack() -> Iterator[Instance]:
    yield from _running("ministack")


@pytest.fixture(scope="session")
def moto() -> Iterator[Instance]:
    yield from _running("moto")


@pytest.fixture(scope="session")
def docker_localstack() -> DockerLocalStack:
    """The emulator in a container; without an engine or the image the test is skipped, or fails if so asked."""
    emulator = DockerLocalStack()
    try:
        emulator.prepare(lambda _: None)
    except EmulatorError as error:
        if os.environ.get("LSQM_REQUIRE_DOCKER") == "1":
            raise
        pytest.skip(str(error))
    return emulator


@pytest.fixture(scope="session")
def container(docker_localstack: DockerLocalStack) -> Iterator[Instance]:
    instance = docker_localstack.start()
    yield instance
    instance.stop()
