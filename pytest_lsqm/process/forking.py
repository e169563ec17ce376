"""Runs Python scripts in processes that are forked from one that has loaded what they load (Linux).

Each is a process as `process.run` would start it: a session and group of its own, the environment that the
caller spelled out, no standard input, no open files, an end. It differs in what is loaded at its beginning.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.process import guard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START_TIMEOUT = 60.0
USES = 200
"""Scripts for which one server forks before it is replaced."""


def possible() -> bool:
    """Whether this platform can: it takes Linux' ways to adopt orphans and to pass descriptors."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


class _Fork:
    """A forked process, as far as `process.end_group` wants to know it."""

    def __init__(self, server: _Server, pid: int) -> None:
        self._server, self.pid = server, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code; a TimeoutExpired when it takes longer."""
        if self.returncode is None:
            # Whoever waits without an end has killed it: a server that does not say so was stopped by it.
            told = self._server.receive(process.GRACE * 2 if timeout is None else timeout)
            if told is None and timeout is not None and self._server.alive:
                raise subprocess.TimeoutExpired("fork", timeout)
            if told is None:
                self._server.stop()
            self.returncode = -signal.SIGKILL if told is None else int(told["code"])
        return self.returncode


class _Server:
    """A process that forks, for one script at a time."""

    def __init__(self, rehearsal: Path, home: Path) -> None:
        self.uses, self._is_ready = 0, False
        guard.start()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("forkserver.py")
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(script), str(theirs.fileno()), str(rehearsal)],
                env=process.base_environment(home),
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        guard.watch_group(self._child.pid)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def ready(self) -> bool:
        """Wait until it is ready to fork; False when it is not going to be."""
        if not self._is_ready:
            with contextlib.suppress(OSError):
                self._control.settimeout(START_TIMEOUT)
                self._is_ready = self._control.recv(64) == b"ready"
        return self._is_ready and self.alive

    def fork(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, descriptors: list[int]) -> _Fork:
        """Have it fork; an OSError when it has gone."""
        self.uses += 1
        order = {"argv": list(argv), "env": dict(env), "cwd": str(cwd)}
        self._control.settimeout(START_TIMEOUT)
        socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
        told = self.receive(START_TIMEOUT)
        if told is None:
            raise ConnectionError("the process that forks has ended")
        guard.watch_group(told["pid"])
        return _Fork(self, told["pid"])

    def receive(self, timeout: float) -> Any:
        """Return what it says within that time, None for nothing."""
        try:
            # 0 would mean not to wait at all, and be another error.
            self._control.settimeout(max(timeout, 0.001))
            message = self._control.recv(4096)
        except OSError:
            return None
        if not message:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(1.0)
            self.stop()
            return None
        return json.loads(message)

    def stop(self) -> None:
        """End it; harmless when repeated."""
        process.end_group(self._child, grace=0.0)
        self._control.close()


class Forks:
    """The servers of this process: as many as scripts run at a time."""

    def __init__(self, rehearsal: Path) -> None:
        self._rehearsal = rehearsal
        self._home = Path(tempfile.mkdtemp(prefix="lsqm-forks-"))
        guard.watch_folder(self._home)
        self._lock = threading.Lock()
        self._idle: list[_Server] = []
        self._closed = False

    def warm(self) -> None:
        """Start a server, to be ready when the first script is to run."""
        self._put(_Server(self._rehearsal, self._home))

    def run(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, timeout: float
    ) -> process.Completed | None:
        """Run `SCRIPT ARGUMENT...` as `process.run` runs a command; None when there is nothing to fork from."""
        with self._lock:
            server = self._idle.pop() if self._idle else None
        if server is None or not server.alive:
            server = _Server(self._rehearsal, self._home)
        if not server.ready():
            server.stop()
            return None
        try:
            return _run(server, tuple(str(word) for word in argv), env, cwd, timeout)
        finally:
            self._put(server)

    def close(self) -> None:
        """End the servers. Harmless when repeated."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for server in idle:
            server.stop()
        shutil.rmtree(self._home, ignore_errors=True)
        guard.forget_folder(self._home)

    def _put(self, server: _Server) -> None:
        if server.alive and server.uses < USES:
            with self._lock:
                if not self._closed:
                    self._idle.append(server)
                    return
        server.stop()


def _run(
    server: _Server, argv: tuple[str, ...], env: Mapping[str, str], cwd: Path, timeout: float
) -> process.Completed:
    started = time.monotonic()
    pipes = [os.pipe(), os.pipe()]
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        child = server.fork(argv, env, cwd, [nothing, *(writing for _, writing in pipes)])
    except OSError as error:
        for reading, _ in pipes:
            os.close(reading)
        server.stop()
        raise EnvironmentProblem(f"cannot fork for {argv[0]}: {error}") from error
    finally:
        for descriptor in (nothing, *(writing for _, writing in pipes)):
            os.close(descriptor)
    with os.fdopen(pipes[0][0], "rb") as stdout, os.fdopen(pipes[1][0], "rb") as stderr:
        out, err = process.Capture(stdout), process.Capture(stderr)
        timed_out = process.finish(child, timeout)
        texts = out.text(), err.text()
    seconds = time.monotonic() - started
    return process.Completed(argv, child.wait(), texts[0], texts[1], seconds, timed_out)
