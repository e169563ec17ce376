"""The one door to other processes.

Every child gets a process group of its own, an environment that the caller spelled out, no standard
input, and an end: a deadline, the caller's `with` block, or, when this process dies without a word,
the reaper that watches over it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, Self

from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.process import guard
from pytest_lsqm.process.jail import Entrance
from pytest_lsqm.process.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from pytest_lsqm.process.jail import Jail

HEAD = 512 * 1024
TAIL = 1536 * 1024
GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class Completed:
    """How a command ended; `stdout` and `stderr` are bounded, their middle is cut where they were long."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False
    overdone: str | None = None
    """What it took too much of in its jail, which is why it was ended."""

    @property
    def ok(self) -> bool:
        """Whether it ended by itself, with exit code 0."""
        return self.returncode == 0 and not self.timed_out

    def describe(self, lines: int = 12) -> str:
        """Say in a few lines what was run and how it failed, for a message to a person."""
        how = "ran out of time" if self.timed_out else f"ended with exit code {self.returncode}"
        how = f"was ended, since {self.overdone}," if self.overdone else how
        text = (self.stderr.strip() or self.stdout.strip()).splitlines()[-lines:]
        return f"{' '.join(self.argv[:4])} … {how} after {self.seconds:.1f} s:\n" + "\n".join(text)


class Capture:
    """Reads a pipe to its end and keeps its first and last bytes."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._cut = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                block = os.read(self._pipe.fileno(), 65536)
            except (OSError, ValueError):
                return
            if not block:
                return
            room = HEAD - len(self._head)
            self._head += block[:room]
            if rest := block[room:] if room > 0 else block:
                self._tail.append(rest)
                self._tail_size += len(rest)
                while self._tail_size - len(self._tail[0]) > TAIL:
                    self._tail_size -= len(self._tail.popleft())
                    self._cut = True

    def text(self) -> str:
        """Return what has come, the middle of it cut out where it is long."""
        # A grandchild that left the group may hold the pipe open for ever: what has come by now is what counts.
        self._thread.join(timeout=1.0)
        middle = b"\n[... cut ...]\n" if self._cut else b""
        return (bytes(self._head) + middle + b"".join(list(self._tail))).decode("utf-8", "replace")


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    jail: Jail | None = None,
) -> Completed:
    """Run a command to its end, or to the deadline, after which its whole process group is ended.

    In a `jail` all that it has started ends with it, and it is ended for what it takes too much of.
    """
    started = time.monotonic()
    words = tuple(str(word) for word in argv)
    with jail.entered(words, cwd, env) if jail else nullcontext(Entrance(words, env)) as way:
        child = spawn(way.words, env=way.env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watched = jail.writable if jail else ()
        warden = Warden(lambda: way.heads(child.pid), watched, lambda: signal_group(child.pid, signal.SIGKILL))
        with child, warden if jail else nullcontext():
            assert child.stdout is not None
            assert child.stderr is not None
            out, err = Capture(child.stdout), Capture(child.stderr)
            timed_out = finish(child, timeout)
            stdout, stderr = out.text(), err.text()
    seconds = time.monotonic() - started
    return Completed(words, child.returncode, stdout, stderr, seconds, timed_out, warden.reason)


def spawn(
    words: tuple[str, ...],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
) -> subprocess.Popen[bytes]:
    """Start a command in a group of its own, which the reaper ends if we cannot."""
    guard.start()
    try:
        child = subprocess.Popen(
            words,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except OSError as error:
        # Python blames the file, which may be the working folder rather than the program.
        where = f": {error.filename}" if error.filename not in {None, words[0]} else ""
        raise EnvironmentProblem(f"cannot start {words[0]}: {error.strerror or error}{where}") from error
    guard.watch_group(child.pid)
    return child


class Child(Protocol):
    """A process at the head of a group of its own, as `subprocess.Popen` is one."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code; a TimeoutExpired when it takes longer."""


def finish(child: Child, timeout: float) -> bool:
    """Wait for a child's end or its deadline, and end its group either way; whether it was the deadline."""
    try:
        _await_end(child, timeout)
        child.wait(timeout=0.0)
    except subprocess.TimeoutExpired:
        return True
    finally:
        # Also after a clean end: what it left running in its group must not outlive it.
        end_group(child)
    return False


def _await_end(child: Child, timeout: float) -> None:
    """Wait for a child's end or the time without the naps of up to 50 ms that `Popen.wait` takes between looks."""
    if not isinstance(child, subprocess.Popen) or not hasattr(os, "pidfd_open"):
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(timeout, 0.0))
        return
    try:
        descriptor = os.pidfd_open(child.pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(max(timeout, 0.0) * 1000)
    finally:
        os.close(descriptor)


def end_group(child: Child, grace: float = GRACE) -> None:
    """End a child and everything in its group: ask, wait, then kill. Safe to call twice."""
    if child.poll() is None:
        signal_group(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            pass
        except KeyboardInterrupt:
            signal_group(child.pid, signal.SIGKILL)
            raise
    signal_group(child.pid, signal.SIGKILL)
    child.wait()
    guard.forget_group(child.pid)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to all that is left of a group."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


class Server:
    """A long-lived child whose output goes to a log file; a context manager that ends its group."""

    def __init__(self, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            words = tuple(str(word) for word in argv)
            self._child = spawn(words, env=env, cwd=cwd, stdout=stream, stderr=subprocess.STDOUT)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._child.poll()

    def read_log(self, since: int = 0, limit: int = 64 * 1024) -> str:
        """Return the last `limit` bytes of what it has logged after byte `since`."""
        try:
            with self.log.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(since, size - limit))
                return stream.read(limit).decode("utf-8", "replace")
        except OSError:
            return ""

    def log_size(self) -> int:
        """The byte at which the next log line will begin."""
        try:
            return self.log.stat().st_size
        except OSError:
            return 0

    def stop(self, grace: float = GRACE) -> None:
        """End it; harmless when it has ended already."""
        end_group(self._child, grace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def base_environment(home: Path) -> dict[str, str]:
    """The environment that every child starts from: a search path, a language, a home that is not the user's."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home),
    }


def network_environment() -> dict[str, str]:
    """What a trusted installer needs of the caller's environment to reach its index: proxies, certificates."""
    return proxy_environment() | _chosen((), ("UV_", "PIP_", "NPM_CONFIG_"))


def proxy_environment() -> dict[str, str]:
    """What a program needs of the caller's environment to reach the network: no index, which may hold a token."""
    certificates = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return _chosen(certificates, ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"))


def _chosen(names: tuple[str, ...], prefixes: tuple[str, ...]) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k in names or k.upper().startswith(prefixes)}
