"""A web server on 127.0.0.1 whose answers a test writes down, faults and all."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message
    from ssl import SSLContext
    from types import TracebackType

    Answer = Callable[["Request"], None]


@dataclass
class Request:
    """One request, to be answered; `released` is set when the server is closed."""

    handler: BaseHTTPRequestHandler
    path: str
    headers: Message
    released: threading.Event
    body: bytes = b""
    endured: bool = False

    def send(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Answer as it should be, unless a header says otherwise; `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if status != 204:
            named.setdefault("Content-Length", str(len(body)))
        self.handler.send_response(status)
        for name, value in named.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()
        self.handler.close_connection = True

    def drip(self, data: bytes = b" ") -> None:
        """Send a few bytes again and again, until somebody has had enough; `endured` if nobody ever has."""
        for _ in range(250):
            if not self.released.wait(0.02):
                self.raw(data)
        self.endured = not self.released.is_set()


@dataclass
class Server:
    """Answers each path by its function; a context manager."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    tls: SSLContext | None = None
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def url(self, path: str) -> str:
        return f"{'https' if self.tls else 'http'}://{self.netloc}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = Request(self, self.path, self.headers, owner.released, body)
                owner.asked.append(request)
                with suppress(OSError):
                    owner.answers[urlsplit(self.path).path](request)

            do_POST = do_PATCH = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing of a client that hangs up."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """Make an answer that is always the same."""
    return lambda request: request.send(status, body, **headers)


def in_turn(*answers: Answer) -> Answer:
    """Make an answer that is another each time, and at the end always the last."""
    left = list(answers)

    def reply(request: Request) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return reply
