"""What the servers have in common: they route by path, remember who asked for what, and fail when told to."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support import loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message

    from tests.support.loopback import Request


class Asked(NamedTuple):
    """A request as it came; `path` with its query."""

    method: str
    path: str
    headers: Message


@dataclass
class Reply:
    """An answer to be sent; `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """An answer that takes the place of the right one, `left` times."""

    fits: Callable[[str], bool]
    reply: Reply
    left: float


@dataclass(frozen=True)
class Query:
    """What is asked for: the parts of the path, and the first value of each parameter."""

    path: str
    parts: tuple[str, ...]
    values: dict[str, str]
    headers: Message
    method: str = "GET"
    body: bytes = b""

    def number(self, name: str, default: int) -> int:
        text = self.values.get(name, "")
        return int(text) if text.isdigit() else default


class _Every(dict[str, "loopback.Answer"]):
    """Answers every path in one way."""

    def __init__(self, answer: loopback.Answer) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, path: str) -> loopback.Answer:
        return self._answer


class ApiServer(loopback.Server):
    """A loopback server whose answers `reply` makes from what is asked."""

    def __init__(self) -> None:
        super().__init__(answers=_Every(self._respond))
        self.faults: list[Fault] = []

    @property
    def address(self) -> str:
        """The address of the server, without a slash at its end."""
        return self.url("")

    @property
    def requests(self) -> list[Asked]:
        """Every request since the start, in the order in which they came."""
        return [Asked(each.handler.command, each.path, each.headers) for each in self.asked]

    def fail(
        self,
        where: str | Callable[[str], bool],
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        times: float = 1,
        body: Any = b"",
    ) -> None:
        """Answer the next requests whose path begins with `where`, or fits it, with something else."""
        fits = where if callable(where) else lambda path: path.startswith(where)
        self.faults.append(Fault(fits, Reply(status, body, dict(headers or {})), times))

    def reply(self, query: Query) -> Reply:
        """Make the right answer."""
        raise NotImplementedError

    def decorate(self, query: Query, reply: Reply) -> Reply:
        """Add to an answer, right or not, what the server adds to each."""
        return reply

    def _respond(self, request: Request) -> None:
        parts = urlsplit(request.path)
        query = Query(
            parts.path,
            tuple(unquote(part) for part in parts.path.strip("/").split("/")),
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            request.headers,
            request.handler.command,
            request.body,
        )
        reply = self.decorate(query, self._fault(request.path) or self.reply(query))
        body, headers = reply.body, dict(reply.headers)
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        # Headers and body go out one after the other; together with the client's patience that costs 40 ms each.
        request.handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request.send(reply.status, body, **headers)

    def _fault(self, path: str) -> Reply | None:
        for fault in self.faults:
            if fault.left > 0 and fault.fits(path):
                fault.left -= 1
                return Reply(fault.reply.status, fault.reply.body, dict(fault.reply.headers))
        return None
