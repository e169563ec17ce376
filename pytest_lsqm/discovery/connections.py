"""Connections that end when their time is up, however slowly the other side sends."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from contextvars import ContextVar
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidHeader, NewConnectionError
from urllib3.exceptions import TimeoutError as Silence
from urllib3.util import Retry

if TYPE_CHECKING:
    from types import TracebackType

FAILURES = (requests.RequestException, HTTPError, OSError)
"""What the network raises."""

_CURRENT: ContextVar[Watch | None] = ContextVar("_CURRENT", default=None)


class Watch:
    """Ends the connections on which its `with` block waits for an answer, once `seconds` have passed.

    Time limits of a socket are for one read of it, and a byte in each of them would keep it open for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """The seconds left; 0 or less when the time is up."""
        return self._end - time.monotonic()

    def add(self, connected: socket.socket) -> None:
        """Watch over a connection until the block ends."""
        # By a handle of its own: the one given may be closed while its answer is still being read.
        with self._lock, contextlib.suppress(OSError):
            self._sockets.append(socket.fromfd(connected.fileno(), connected.family, connected.type))
        if self.left <= 0:
            self._shut()

    def _shut(self) -> None:
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _CURRENT.reset(self._token)
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()


# From here on a server may drip. A handshake of TLS cannot be dripped: its limit is for the whole of it.
def _watched(connected: socket.socket | None) -> None:
    watch = _CURRENT.get()
    if watch is not None and connected is not None:
        watch.add(connected)


class _Plain(HTTPConnection):
    def getresponse(self) -> Any:
        _watched(self.sock)
        return super().getresponse()


class _Secure(HTTPSConnection):
    def getresponse(self) -> Any:
        _watched(self.sock)
        return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def session() -> requests.Session:
    """Return a session that takes nothing from the environment and whose connections are watched."""
    made = requests.Session()
    # Else requests would take passwords for hosts from ~/.netrc.
    made.trust_env = False
    made.headers["User-Agent"] = f"pytest-lsqm/{version('pytest-lsqm')}"
    made.mount("http://", _Adapter())
    made.mount("https://", _Adapter())
    return made


def reason(error: BaseException, silence: float) -> str:
    """Say what went wrong on the network, as the end of a sentence that begins with an address.

    The error's own text is no use: it has the whole address, with what is secret in it.
    """
    said = "broke the connection"
    inner: BaseException | None = error
    while inner is not None:
        # To urllib3 a connection that was refused is a kind of timeout.
        refused = isinstance(inner, NewConnectionError)
        if isinstance(inner, requests.Timeout | Silence | TimeoutError) and not refused:
            return f"was silent for {silence:g} s"
        if isinstance(inner, http.client.IncompleteRead):
            return "broke off before the end of its answer"
        if isinstance(inner, ssl.SSLCertVerificationError):
            return f"has a certificate that is not trusted: {inner.verify_message}"
        if isinstance(inner, OSError) and isinstance(inner.strerror, str):
            said = f"cannot be reached: {inner.strerror}"
        inner = inner.__cause__ or inner.__context__
    return said


def retry_after(answer: requests.Response) -> float | None:
    """Return how many seconds a server asks to be left alone for."""
    try:
        return Retry().get_retry_after(answer.raw)
    except InvalidHeader:
        return None
