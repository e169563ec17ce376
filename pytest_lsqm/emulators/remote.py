"""A pool offered to other processes: pytest-xdist's workers lease from the controller's.

Every call is one connection; but all that a worker says of itself, stage by stage, takes one that it keeps.
Workers of this machine come over a unix socket in a folder that only this user can enter, workers elsewhere
over TCP, to a port that is opened only for them. Both must know a key that only the workers are told, and
nothing of a stranger is read before that is shown.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import EmulatorError, EnvironmentProblem, UsageError
from pytest_lsqm.process import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.emulators.pool import Lease, Pool

_OFFERED = frozenset({"lease", "release", "healthy", "logs", "obituary"})
CALL = "lsqm-pool-call"
"""The name of the threads that serve one call each."""

_LONGEST = 90
"""A unix socket's path may have 107 bytes."""

Place = str | tuple[str, int]
"""A unix socket's path, or host and port."""


class Served:
    """A pool that others can reach until `close`; `tell` is given what workers say of what they do."""

    def __init__(self, pool: Pool, tell: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        self._pool = pool
        self._tell = tell
        self._key = token_hex(32)
        self._folder = Path(tempfile.mkdtemp(prefix="lsqm-pool-"))
        if len(str(self._folder)) > _LONGEST:
            self._folder.rmdir()
            self._folder = Path(tempfile.mkdtemp(prefix="lsqm-pool-", dir="/tmp"))
        guard.watch_folder(self._folder)
        self._closed = False
        self._listeners: dict[Place, Listener] = {}
        self._accepting: list[threading.Thread] = []
        self._path = str(self._folder / "socket")
        self._listen(self._path)

    @property
    def address(self) -> str:
        """What `connect` wants on this machine; it holds the key, so it goes to workers only."""
        return f"{self._key}@{self._path}"

    def address_towards(self, host: str) -> str:
        """Return what `connect` wants on another host; the port is opened on the address that faces it."""
        ours = _facing(host)
        place = next((place for place in self._listeners if place[0] == ours), None) or self._listen((ours, 0))
        return f"{self._key}@tcp:{place[0]}:{place[1]}"

    def close(self) -> None:
        """Stop offering the pool; the pool itself stays as it is. Harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        for place, listener in self._listeners.items():
            # A thread in accept() is not woken by closing the listener, but by a visitor. This one must not
            # wait for an answer, as the thread may have seen the end already.
            family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
            with contextlib.suppress(OSError), socket.socket(family) as visitor:
                visitor.connect(place)
            listener.close()
        for thread in self._accepting:
            thread.join(timeout=5.0)  # as long as it is in accept(), the kernel keeps the port open
        shutil.rmtree(self._folder, ignore_errors=True)
        guard.forget_folder(self._folder)

    def _listen(self, place: Place) -> Place:
        # Without the key: asked for it in accept(), one silent visitor would keep all others out.
        listener = Listener(place, family="AF_UNIX" if isinstance(place, str) else "AF_INET", backlog=128)
        self._listeners[listener.address] = listener
        thread = threading.Thread(target=self._accept, args=(listener,), name="lsqm-pool", daemon=True)
        thread.start()
        self._accepting.append(thread)
        bound: Place = listener.address
        return bound

    def _accept(self, listener: Listener) -> None:
        while not self._closed:
            try:
                connection = listener.accept()
            except (OSError, EOFError):
                continue
            threading.Thread(target=self._serve, args=(connection,), name=CALL, daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        with connection, contextlib.suppress(OSError, EOFError, AuthenticationError):
            deliver_challenge(connection, self._key.encode())
            answer_challenge(connection, self._key.encode())
            name, arguments, options = connection.recv()
            while name == "tell" and self._tell is not None and not self._closed:
                self._tell(*arguments)
                connection.send((True, None))
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


def _facing(host: str) -> str:
    """Return the address of this machine from which packets to another host are sent; none is sent here."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as visitor:
            visitor.connect((host, 9))
            return str(visitor.getsockname()[0])
    except OSError as error:
        raise UsageError(f"--tx: the host {host} of a worker is not known here: {error}") from error


class RemotePool:
    """The pool of another process, as `owner`; the other process gives back what we hold when we die."""

    def __init__(self, address: str, owner: str) -> None:
        self._key, _, place = address.partition("@")
        self._place: Place = place
        if place.startswith("tcp:"):
            _, host, port = place.split(":")
            self._place = (host, int(port))
        self._owner = owner
        self._telling = threading.Lock()
        self._kept: Connection[Any, Any] | None = None

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

    def tell(self, event: Mapping[str, Any]) -> None:
        """Say what is done here, if anybody still listens."""
        with self._telling:
            # Kept only after an answer: what was interrupted half-way is not used again.
            connection, self._kept = self._kept, None
            try:
                connection = connection or self._connect()
                connection.send(("tell", (dict(event),), {}))
                connection.recv()  # so that it is heard before the result of which it is a part
            except (OSError, EOFError, AuthenticationError):
                if connection is not None:
                    connection.close()
            else:
                self._kept = connection

    def _connect(self) -> Connection[Any, Any]:
        return Client(self._place, authkey=self._key.encode())

    def _call(self, name: str, *arguments: object, **options: object) -> Any:
        try:
            with self._connect() as connection:
                connection.send((name, arguments, options))
                succeeded, result = connection.recv()
        except (OSError, EOFError, AuthenticationError) as error:
            raise EmulatorError(f"the process that owns the emulators does not answer: {error!r}") from error
        if not succeeded:
            raise EmulatorError(result)
        return result


def serve(pool: Pool, tell: Callable[[Mapping[str, Any]], None] | None = None) -> Served:
    """Offer a pool to other processes."""
    return Served(pool, tell)


def connect(address: str, owner: str) -> RemotePool:
    """Return the pool behind an address that `serve` gave, as `owner` (an xdist worker's id)."""
    return RemotePool(address, owner)
