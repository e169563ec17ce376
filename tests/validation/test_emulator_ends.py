"""The emulator dies, or never lives: that is an ERROR and never a verdict on the architecture."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import emulators, process
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.host import HostInstance, Plan
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.models import EmulatorFacts, ValidationResult
from tests.support import architectures, processes
from tests.support.architectures import Bench, stages
from tests.support.emulator import Lent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

BEHIND_THE_GATE = architectures.QUEUE.replace(
    '"orders"\n  delay', '"orders"\n  depends_on = [terraform_data.gate]\n  delay'
)


@pytest.fixture
def mortal() -> Iterator[HostInstance]:
    """A real emulator that the test may kill."""
    emulator = emulators.create("moto")
    emulator.prepare(lambda _: None)
    instance = emulator.start()
    assert isinstance(instance, HostInstance)
    yield instance
    instance.stop()


def kill(instance: HostInstance) -> None:
    os.killpg(instance.pid, signal.SIGKILL)


def when_reached(gate: Path, act: Callable[[], None]) -> threading.Thread:
    """Do something as soon as the other side has reached the gate, and open it then."""
    gate.mkdir()

    def wait() -> None:
        while not (gate / "reached").exists():
            time.sleep(0.02)
        act()
        (gate / "open").touch()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_an_emulator_that_dies_in_mid_apply_is_an_error_with_its_obituary(
    tmp_path: Path, engine: Engine, mirror: Mirror, mortal: HostInstance, temporary: Path
) -> None:
    leases = Lent(mortal)
    killer = when_reached(tmp_path / "gate", lambda: kill(mortal))
    # What waits at the gate must see it: not from a jail.
    result = Bench(tmp_path, engine, mirror, leases, confined=False).validate(
        BEHIND_THE_GATE + architectures.waits_for(tmp_path / "gate"), architectures.READS_QUEUE, timeout=60
    )
    assert not killer.is_alive()
    assert result.status == "ERROR"
    assert "the emulator no longer answers: moto 5.2.5 was killed by SIGKILL" in str(result.error_message)
    assert result.terraform_apply is not None
    assert not result.terraform_apply.success
    assert stages(result) == {"prepare": "ok", "init": "ok", "apply": "error"}
    # What the dead emulator held is not asked back, and nobody else is to have it.
    assert result.terraform_destroy is None
    assert leases.released == [True]
    assert list(temporary.iterdir()) == []
    assert ValidationResult.model_validate_json(result.model_dump_json()) == result


def dies_in_its_last_test(gate: Path, assertion: str) -> str:
    return f"""
        import pathlib, time

        def test_good(): pass

        def test_after_its_end():
            pathlib.Path({str(gate / "reached")!r}).touch()
            while not pathlib.Path({str(gate / "open")!r}).exists():
                time.sleep(0.02)
            assert {assertion}
        """


def test_an_emulator_that_dies_during_the_tests_is_an_error_and_not_their_failure(
    tmp_path: Path, engine: Engine, mirror: Mirror, mortal: HostInstance
) -> None:
    gate = tmp_path / "gate"
    killer = when_reached(gate, lambda: kill(mortal))
    result = Bench(tmp_path, engine, mirror, Lent(mortal), confined=False).validate(
        architectures.NO_CLOUD, dies_in_its_last_test(gate, "not 'reachable'")
    )
    assert not killer.is_alive()
    assert result.status == "ERROR"
    assert "killed by SIGKILL" in str(result.error_message)
    assert result.pytest_results is not None
    assert (result.pytest_results.passed, result.pytest_results.failed) == (1, 1)


def test_an_emulator_that_dies_when_every_test_has_passed_takes_nothing_back_but_serves_nobody_else(
    tmp_path: Path, engine: Engine, mirror: Mirror, mortal: HostInstance
) -> None:
    gate, leases = tmp_path / "gate", Lent(mortal)
    killer = when_reached(gate, lambda: kill(mortal))
    result = Bench(tmp_path, engine, mirror, leases, confined=False).validate(
        architectures.NO_CLOUD, dies_in_its_last_test(gate, "True")
    )
    assert not killer.is_alive()
    assert (result.status, result.terraform_destroy) == ("PASSED", None)
    assert leases.released == [True]


class Stillborn:
    """An emulator whose process does what it is told in place of serving."""

    name = "stillborn"
    version = "1"
    isolation = Isolation.ACCOUNT
    single = False
    chosen_because: str | None = None

    def __init__(self, program: str) -> None:
        self._program = program
        self.pids: list[int] = []

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Nothing to fetch."""

    def lacks(self) -> Mapping[str, str]:
        return {}

    def limits(self) -> Mapping[str, str]:
        return {}

    def foreseen(self) -> EmulatorFacts | None:
        return None

    def start(self, *, ahead: bool = False) -> HostInstance:
        instance = HostInstance(EmulatorFacts(name=self.name, version=self.version), self._plan, self._healthy)
        self.pids.append(instance.pid)
        instance.wait(timeout=0.5)
        return instance

    def _plan(self, folder: Path, port: int) -> Plan:
        return Plan((sys.executable, "-c", self._program), process.base_environment(folder / "home"))

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        return False


@pytest.mark.parametrize(
    ("program", "story"),
    [
        ("import sys; print('no licence was found'); sys.exit(55)", r"exit code 55[\s\S]*no licence was found"),
        ("import time; print('thinking', flush=True); time.sleep(600)", "did not become healthy"),
    ],
    ids=["it exits", "it never answers"],
)
def test_an_emulator_that_never_gets_healthy_is_an_error_with_its_story(
    tmp_path: Path, engine: Engine, mirror: Mirror, program: str, story: str
) -> None:
    emulator = Stillborn(program)
    pool = Pool(emulator, size=1, fresh=False)
    try:
        result = Bench(tmp_path, engine, mirror, pool).validate(architectures.NO_CLOUD)
    finally:
        pool.close()
    assert result.status == "ERROR"
    assert re.search(story, str(result.error_message))
    assert str(result.error_message).startswith("no emulator: ")
    assert (result.stages, result.pytest_results) == ((), None)
    assert len(emulator.pids) == 1
    assert not processes.running(emulator.pids[0])
    assert ValidationResult.model_validate_json(result.model_dump_json()) == result
