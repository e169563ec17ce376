"""Runs Python scripts in processes that are forked from one that has loaded what they load (Linux).

Each is a process as `process.run` would start it: a session and group of its own, the environment that the
caller spelled out, no standard input, no open files, an end. It differs in what is loaded at its beginning.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.process import cgroup, guard
from pytest_lsqm.process.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lsqm.process.jail import Jail

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
        # Whatever it forks is in it from the beginning, and there is only one script at a time.
        self._bound = contextlib.ExitStack()
        if (group := self._bound.enter_context(cgroup.bound())) is not None:
            with contextlib.suppress(OSError):
                group.write_text(str(self._child.pid))

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

    def fork(self, order: Mapping[str, Any], descriptors: list[int]) -> _Fork | None:
        """Have it fork; None when what is forked cannot enter its jail, an OSError when the server has gone."""
        self.uses += 1
        self._control.settimeout(START_TIMEOUT)
        socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
        told = self.receive(START_TIMEOUT)
        if told is None:
            raise ConnectionError("the process that forks has ended")
        if told["pid"] is None:
            return None
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
        self._bound.close()


class Forks:
    """The servers of this process: as many as scripts run at a time."""

    def __init__(self, rehearsal: Path) -> None:
        self._rehearsal = rehearsal
        self._home = Path(tempfile.mkdtemp(prefix="lsqm-forks-"))
        guard.watch_folder(self._home)
        self._lock = threading.Lock()
        self._idle: list[_Server] = []
        self._closed = False
        self._can_enter = True

    def warm(self) -> None:
        """Start a server, to be ready when the first script is to run."""
        self._put(_Server(self._rehearsal, self._home))

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        timeout: float,
        jail: Jail | None = None,
    ) -> process.Completed | None:
        """Run `SCRIPT ARGUMENT...` as `process.run` runs a command.

        None when there is nothing to fork from, or nothing that is forked comes into a `jail`.
        """
        if jail is not None and not (self._can_enter and jail.lasting):
            return None
        with self._lock:
            server = self._idle.pop() if self._idle else None
        if server is None or not server.alive:
            server = _Server(self._rehearsal, self._home)
        if not server.ready():
            server.stop()
            return None
        try:
            order = {"argv": [str(word) for word in argv], "env": dict(env), "cwd": str(cwd)}
            done = _run(server, order, timeout, jail)
            self._can_enter = self._can_enter and done is not None
            return done
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


class _Cell:
    """A jail in which nothing runs but its door, until something is forked into it."""

    def __init__(self, jail: Jail, cwd: str) -> None:
        self.writable, self.limits = jail.writable, jail.bounds()
        nowhere = subprocess.DEVNULL
        env = {"PATH": os.environ.get("PATH", os.defpath)}
        words = tuple(jail.wrap([], Path(cwd)))
        self._child = process.spawn(words, env=env, cwd=None, stdout=subprocess.PIPE, stderr=nowhere)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        process.end_group(self._child, grace=0.0)
        assert self._child.stdout is not None
        self._child.stdout.close()

    @property
    def pid(self) -> int:
        """Bubblewrap's own process, which is not in the jail."""
        return self._child.pid

    def inside(self) -> int | None:
        """Wait until the door is open, and return the process that holds it; None when it does not open."""
        assert self._child.stdout is not None
        if not select.select([self._child.stdout], [], [], START_TIMEOUT)[0]:
            return None
        if os.read(self._child.stdout.fileno(), 16) != b"ready":
            return None
        with contextlib.suppress(OSError, IndexError):
            (first,) = _children(self._child.pid)  # bubblewrap again, as the first process in the jail
            return _children(first)[0]
        return None

    def end(self) -> None:
        """End all that is in it."""
        process.signal_group(self._child.pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _run(server: _Server, order: dict[str, Any], timeout: float, jail: Jail | None) -> process.Completed | None:
    if jail is None:
        return _run_in(None, server, order, timeout)
    with _Cell(jail, order["cwd"]) as cell:
        if (inside := cell.inside()) is None:
            return None
        return _run_in(cell, server, order | {"jail": inside, "limits": cell.limits}, timeout)


def _run_in(
    cell: _Cell | None, server: _Server, order: dict[str, Any], timeout: float
) -> process.Completed | None:
    started, argv = time.monotonic(), tuple(order["argv"])
    pipes = [os.pipe(), os.pipe()]
    nothing = os.open(os.devnull, os.O_RDONLY)
    child = None
    try:
        child = server.fork(order, [nothing, *(writing for _, writing in pipes)])
    except OSError as error:
        server.stop()
        raise EnvironmentProblem(f"cannot fork for {argv[0]}: {error}") from error
    finally:
        kept = [] if child is None else [reading for reading, _ in pipes]
        for descriptor in {nothing, *(end for pipe in pipes for end in pipe)} - set(kept):
            os.close(descriptor)
    if child is None:
        return None
    with os.fdopen(pipes[0][0], "rb") as stdout, os.fdopen(pipes[1][0], "rb") as stderr:
        out, err = process.Capture(stdout), process.Capture(stderr)
        heads = (child.pid, cell.pid) if cell else ()
        warden = Warden(lambda: heads, cell.writable, cell.end) if cell else None
        with warden or contextlib.nullcontext():
            timed_out = process.finish(child, timeout)
            if cell:
                cell.end()  # whatever it left running holds the pipes
            texts = out.text(), err.text()
    seconds = time.monotonic() - started
    overdone = warden.reason if warden else None
    return process.Completed(argv, child.wait(), texts[0], texts[1], seconds, timed_out, overdone)
