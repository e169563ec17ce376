"""What all emulators have in common that run as a process on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.emulators import wire
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.process import guard, warden

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.models import EmulatorFacts

START_TIMEOUT = 180.0
"""Seconds that an emulator may take until it is healthy."""

LAUNCHER = Path(__file__).with_name("launch.py")


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tail(log: Path, since: int = 0, limit: int = 64 * 1024) -> str:
    """Return the last `limit` bytes that a log file has after byte `since`."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(since, size - limit))
            return stream.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""


@dataclass(frozen=True)
class Plan:
    """How to start one: the command and its environment, for a folder of its own and a port."""

    argv: tuple[str | Path, ...]
    env: dict[str, str]


class HostInstance:
    """A running emulator in a process group of its own, with a folder that goes when it goes."""

    def __init__(
        self,
        facts: EmulatorFacts,
        plan: Callable[[Path, int], Plan],
        healthy: Callable[[str, float], bool],
        reset_path: str | None = None,
    ) -> None:
        self.facts = facts
        self._healthy = healthy
        self._reset_path = reset_path
        self._stopping = threading.Lock()
        self._stopped = False
        self._folder = Path(tempfile.mkdtemp(prefix=f"lsqm-{facts.name}-"))
        guard.watch_folder(self._folder)
        try:
            port = free_port()
            self.endpoint = f"http://127.0.0.1:{port}"
            chosen = plan(self._folder, port)
            self._server = process.Server(
                chosen.argv, env=chosen.env, cwd=self._folder, log=self._folder / "emulator.log"
            )
        except BaseException:
            self._remove_folder()
            raise

    @property
    def pid(self) -> int:
        """The process id of the emulator, which is also that of its group."""
        return self._server.pid

    def wait(self, timeout: float = START_TIMEOUT) -> None:
        """Wait until it is healthy; stop it and raise an EmulatorError when it ends or takes too long."""
        try:
            self._await_health(time.monotonic() + timeout, timeout)
        except BaseException:
            self.stop()
            raise

    def is_healthy(self, timeout: float = 5.0) -> bool:
        """Whether it runs and answers its health check now."""
        if self._stopped or self._server.returncode is not None:
            return False
        try:
            return self._healthy(self.endpoint, timeout)
        except OSError:
            return False

    def obituary(self) -> str:
        """Say how it ended, or that it does not answer, with the end of its log."""
        if self._stopped:
            return f"{self._title} was stopped."
        answers = self.is_healthy()
        code = self._server.returncode if answers else self._await_exit()
        if code is None:
            how = "answers" if answers else "runs, but does not answer its health check"
        elif code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        else:
            how = f"ended with exit code {code}"
        return f"{self._title} {how}. {self._last_lines()}"

    def log_size(self) -> int:
        """The byte at which the next log line will begin."""
        return self._server.log_size()

    def logs(self, since: int = 0) -> str:
        """Return what it has logged after that byte, at most the last 64 KiB."""
        return self._server.read_log(since)

    def memory(self) -> int | None:
        """Return the bytes of memory of all its processes."""
        return warden.memory(self.pid) or None

    def reset(self) -> None:
        """Drop all state, where this kind can."""
        if self._reset_path is None:
            raise EmulatorError(f"{self._title} cannot drop its state; it must be started anew.")
        wire.post_reset(self.endpoint, self._reset_path)

    def stop(self) -> None:
        """End the group at once, without asking: its state is thrown away anyway."""
        with self._stopping:
            if self._stopped:
                return
            # LocalStack takes 3.5 s to say goodbye when it is asked.
            self._server.stop(grace=0.0)
            self._stopped = True
            self._remove_folder()

    def _await_health(self, deadline: float, timeout: float) -> None:
        while not self.is_healthy(timeout=max(0.1, min(5.0, deadline - time.monotonic()))):
            if self._server.returncode is not None:
                raise EmulatorError(self.obituary())
            if time.monotonic() > deadline:
                raise EmulatorError(
                    f"{self._title} did not become healthy within {timeout:.0f} s. {self._last_lines()}"
                )
            time.sleep(0.05)

    def _await_exit(self, timeout: float = 1.0) -> int | None:
        # Its port closes a moment before the process has ended, and often that is why we are asked.
        deadline = time.monotonic() + timeout
        while self._server.returncode is None and time.monotonic() < deadline:
            time.sleep(0.02)
        return self._server.returncode

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        guard.forget_folder(self._folder)

    @property
    def _title(self) -> str:
        return f"{self.facts.name} {self.facts.version}"

    def _last_lines(self, count: int = 12) -> str:
        lines = [line for line in self.logs().splitlines() if line.strip()][-count:]
        return "Its log ends:\n" + "\n".join(lines) if lines else "It logged nothing."
