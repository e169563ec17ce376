"""A pool offered to other processes of this machine: pytest-xdist's workers lease from the controller's.

Every call is one connection over a unix socket in a folder that only this user can enter, with a key
that only the workers are told.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import EmulatorError, EnvironmentProblem
from pytest_lsqm.process import guard

if TYPE_CHECKING:
    from pytest_lsqm.emulators.pool import Lease, Pool

_OFFERED = frozenset({"lease", "release", "healthy", "logs", "obituary"})
CALL = "lsqm-pool-call"
"""The name of the threads that serve one call each."""

_LONGEST = 90
"""A unix socket's path may have 107 bytes."""


class Served:
    """A pool that others can reach under `address` until `close`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._key = token_hex(16)
        self._folder = Path(tempfile.mkdtemp(prefix="lsqm-pool-"))
        if len(str(self._folder)) > _LONGEST:
            self._folder.rmdir()
            self._folder = Path(tempfile.mkdtemp(prefix="lsqm-pool-", dir="/tmp"))
        guard.watch_folder(self._folder)
        self._path = str(self._folder / "socket")
        self._listener = Listener(self._path, family="AF_UNIX", backlog=128, authkey=self._key.encode())
        self._closed = False
        threading.Thread(target=self._accept, name="lsqm-pool", daemon=True).start()

    @property
    def address(self) -> str:
        """What `connect` wants; it holds the key, so it goes to workers only."""
        return f"{self._key}@{self._path}"

    def close(self) -> None:
        """Stop offering the pool; the pool itself stays as it is. Harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        # A thread in accept() is not woken by closing the listener, but by a visitor. This one must not
        # wait for an answer, as the thread may have seen the end already.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(self._path)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        guard.forget_folder(self._folder)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue
            threading.Thread(target=self._serve, args=(connection,), name=CALL, daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        with connection, contextlib.suppress(OSError, EOFError):
            name, arguments, options = connection.recv()
            if name not in _OFFERED:
                return
            try:
                result = getattr(self._pool, name)(*arguments, **options)
            except EnvironmentProblem as error:
                connection.send((False, str(error)))
                return
            try:
                connection.send((True, result))
            except OSError:
                # Whoever asked died while waiting; nobody else would give this lease back.
                if name == "lease":
                    self._pool.release(result, dirty=False)


class RemotePool:
    """The pool of another process, as `owner`; the other process gives back what we hold when we die."""

    def __init__(self, address: str, owner: str) -> None:
        self._key, _, self._path = address.partition("@")
        self._owner = owner

    def lease(self, *, fresh: bool = False) -> Lease:
        """Wait for an emulator and take it, `fresh` one that nobody had before."""
        found: Lease = self._call("lease", owner=self._owner, fresh=fresh)
        return found

    def release(self, lease: Lease, *, dirty: bool) -> None:
        """Give it back."""
        self._call("release", lease, dirty=dirty)

    def healthy(self, lease: Lease) -> bool:
        """Whether the emulator still answers."""
        return bool(self._call("healthy", lease))

    def logs(self, lease: Lease) -> str:
        """Return what the emulator has logged since the lease began."""
        return str(self._call("logs", lease))

    def obituary(self, lease: Lease) -> str:
        """Say what is known of the emulator's end."""
        return str(self._call("obituary", lease))

    def _call(self, name: str, *arguments: object, **options: object) -> Any:
        try:
            with Client(self._path, authkey=self._key.encode()) as connection:
                connection.send((name, arguments, options))
                succeeded, result = connection.recv()
        except (OSError, EOFError, AuthenticationError) as error:
            raise EmulatorError(f"the process that owns the emulators does not answer: {error!r}") from error
        if not succeeded:
            raise EmulatorError(result)
        return result


def serve(pool: Pool) -> Served:
    """Offer a pool to other processes of this machine and user."""
    return Served(pool)


def connect(address: str, owner: str) -> RemotePool:
    """Return the pool behind an address that `serve` gave, as `owner` (an xdist worker's id)."""
    return RemotePool(address, owner)
