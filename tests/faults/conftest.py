from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.host import free_port
from tests.faults import leftovers
from tests.plugin.conftest import Corpus, corpus, environment
from tests.validation.conftest import engine, mirror, temporary

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["corpus", "engine", "mirror", "temporary"]


@dataclass
class Stub:
    """A running `stub.py`."""

    process: subprocess.Popen[bytes]
    port: int
    mode: Path

    @property
    def option(self) -> str:
        return f"--lsqm-emulator=http://127.0.0.1:{self.port}"


@contextmanager
def running_stub(folder: Path) -> Iterator[Stub]:
    port, mode = free_port(), folder / f"mode-{time.monotonic_ns()}"
    mode.write_text("ok")
    script = Path(__file__).with_name("stub.py")
    process = subprocess.Popen([sys.executable, "-I", str(script), str(port), str(mode)])
    try:
        deadline = time.monotonic() + 30
        while not _answers(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield Stub(process, port, mode)
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return wire.send(f"http://127.0.0.1:{port}", "GET", "/moto-api/", timeout=1.0).ok
    except OSError:
        return False


@dataclass
class Place:
    """Where runs are let go wrong: a corpus, a temporary folder, stubs as many as wanted."""

    corpus: Corpus
    temporary: Path
    stack: ExitStack
    engine: dict[str, str] = field(default_factory=dict)
    """The `DOCKER_…` variables of an engine that is not this machine's."""
    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def runs(self) -> list[int]:
        """The process ids of the runs that were begun here."""
        return [run.pid for run in self.begun]

    def stub(self) -> Stub:
        return self.stack.enter_context(running_stub(self.corpus.work))

    def add(self, name: str, test: str) -> None:
        """Add an architecture that needs nothing of an emulator but its health."""
        text = f'output "name" {{ value = "{name}" }}\n'
        self.corpus.add(name, text, test, services=("sqs",), resource_count=1)

    def begin(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        run = subprocess.Popen(
            # What breaks is broken by the app: it must get at it.
            self.corpus.command("--lsqm-sandbox=off", *arguments),
            cwd=self.corpus.work,
            env=environment() | {"TMPDIR": str(self.temporary)} | self.engine | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.begun.append(run)
        return run

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run to the end, and return the exit code and what was said."""
        return ended(self.begin(*arguments, **variables))


def ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = run.communicate(timeout=180)
    finally:
        run.kill()
    return run.returncode, output


@pytest.fixture
def place(corpus: Corpus) -> Iterator[Place]:
    """Offer a place, and see to it that nothing is left of what ran there."""
    with place_of(corpus, {}) as made:
        yield made


@contextmanager
def place_of(corpus: Corpus, engine: dict[str, str]) -> Iterator[Place]:
    """Offer a place whose runs use an engine, this machine's if none is named."""
    before = leftovers.unowned(engine)
    # Short: in a long one, validations would take their scratch folders elsewhere.
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder, ExitStack() as stack:
        made = Place(corpus, Path(folder), stack, engine)
        yield made
        for run in made.begun:
            run.kill()  # which only a test that failed has not ended
        leftovers.nothing_is_left(Path(folder), made.runs, before, engine)
