"""A reverse proxy in front of an emulator that notes each exchange and changes nothing that matters.

It passes on requests with the `Host` that they were sent to, and answers byte by byte, with one exception:
the URL of a queue names the emulator's own address, and an SDK sends there; so in the answers of SQS, and
nowhere else, that address becomes the proxy's. When the emulator does not answer, neither does the proxy.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from pytest_lsqm.errors import EnvironmentProblem, UsageError
from pytest_lsqm.observing.operations import Request, operation, region

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from types import TracebackType

    from aiohttp import ClientSession, web
    from multidict import CIMultiDict

KEPT = 2048
"""Bytes of a failure's body that are kept."""

LARGEST = 512 * 1024 * 1024
"""Bytes of a request: S3's own largest single upload is ten times that, and no test wants it."""

UNANSWERED = "Unanswered"
"""In place of an error's code: the client did not wait for the answer any longer."""

_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding")
)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `status` is None where none came, `code` AWS's name of an error.

    `operation` is None for what is no call of AWS's: a health check, an API that was deployed.
    """

    phase: str
    operation: str | None
    method: str
    path: str
    status: int | None
    code: str | None = None
    body: str = ""
    at: float = 0.0
    """When the answer was there, in seconds since the epoch."""
    request_id: str | None = None
    """By which an SDK's error names the answer that it is about."""
    region: str | None = None
    """For which the request is signed."""

    @property
    def outcome(self) -> str:
        """The status with the code, such as `200` or `400 ValidationException`."""
        shown = "no answer" if self.status is None else str(self.status)
        return f"{shown} {self.code}" if self.code else shown


@dataclass(frozen=True)
class Answer:
    """What goes back to the client in place of the emulator's answer, or after it was changed."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


@dataclass
class Proxy:
    """A running proxy for one emulator; `phase` is written beside each exchange from then on.

    With a `socket` it listens there alone, and `endpoint` is what stands for it where that socket is reached.
    """

    target: str
    phase: str = ""
    socket: tuple[Path, str] | None = None
    meddle: Callable[[Request, Callable[[], Awaitable[Answer]]], Awaitable[Answer | None]] | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    endpoint: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._done: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="lsqm-proxy", daemon=True)

    def __enter__(self) -> Self:
        try:
            import aiohttp  # noqa: F401
        except ImportError as error:
            raise UsageError("operations are recorded with aiohttp: pip install 'pytest-lsqm[local]'") from error
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise EnvironmentProblem(f"the recording proxy cannot be started: {self._problem}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._done is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._problem = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

        self._done = asyncio.Event()
        async with ClientSession(
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            # No connection twice: an emulator may close one that rests just as it is used again.
            connector=TCPConnector(limit=0, force_close=True),
            timeout=ClientTimeout(total=None, sock_connect=10.0),
            trust_env=False,
        ) as session:

            async def handle(request: web.BaseRequest) -> web.StreamResponse:
                return await self._exchange(session, request)

            server = web.Server(handle, access_log=None, handler_cancellation=True)
            runner = web.ServerRunner(server, shutdown_timeout=0.0)
            await runner.setup()
            if self.socket is not None:
                path, self.endpoint = self.socket
                await web.UnixSite(runner, path).start()
            else:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._done.wait()
            await runner.cleanup()

    async def _exchange(self, session: ClientSession, asked: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import ClientError, web

        phase = self.phase
        body = await self._body(asked)
        request = _request(asked, body)
        named = operation(request)
        try:
            answer = await self._answer(session, asked, request, body, named)
        except (ClientError, OSError, TimeoutError) as error:
            self._note(Exchange(phase, named, request.method, request.path, None, type(error).__name__))
            if asked.transport is not None:
                asked.transport.abort()
            return web.Response(status=502)  # which nobody gets any more
        except asyncio.CancelledError:
            # The client went, or we are ended: what it waited for is what a timeout is about.
            self._note(Exchange(phase, named, request.method, request.path, None, UNANSWERED))
            raise
        self._note(_noted(phase, named, request, answer))
        response = web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        if request.method == "HEAD" or answer.status in {204, 304}:
            response = web.Response(status=answer.status, headers=answer.headers)
        return response

    def _note(self, exchange: Exchange) -> None:
        self.exchanges.append(replace(exchange, at=time.time()))

    async def _body(self, asked: web.BaseRequest) -> bytes:
        from aiohttp import web

        parts, size = [], 0
        async for part in asked.content.iter_chunked(1 << 16):
            size += len(part)
            if size > LARGEST:
                raise web.HTTPRequestEntityTooLarge(max_size=LARGEST, actual_size=size)
            parts.append(part)
        return b"".join(parts)

    async def _answer(
        self, session: ClientSession, asked: web.BaseRequest, request: Request, body: bytes, named: str | None
    ) -> Answer:
        async def pass_on() -> Answer:
            return await self._ask(session, asked, body, named)

        if self.meddle is None:
            return await pass_on()
        answer = await self.meddle(request, pass_on)
        if answer is None:
            raise ConnectionResetError("dropped")
        return answer

    async def _ask(self, session: ClientSession, asked: web.BaseRequest, body: bytes, named: str | None) -> Answer:
        from multidict import CIMultiDict
        from yarl import URL

        skipped = _HOP_BY_HOP | {"content-length", "expect"}
        headers = [(key, value) for key, value in asked.headers.items() if key.lower() not in skipped]
        url = URL(self.target.rstrip("/") + asked.raw_path, encoded=True)
        without = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
        async with session.request(
            asked.method, url, headers=headers, data=body or None, allow_redirects=False, skip_auto_headers=without
        ) as answer:
            content = await answer.read()
            kept = CIMultiDict(
                (key, value) for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP
            )
            if named is not None and named.startswith("sqs."):
                content = self._with_our_address(content)
                kept.popall("Content-Length", None)
            return Answer(answer.status, kept, content)

    def _with_our_address(self, content: bytes) -> bytes:
        port = urlsplit(self.target).port
        pattern = rb"(QueueUrl\W{1,6})http://(?:localhost|127\.0\.0\.1):%d/" % port if port else rb"(?!)"
        return re.sub(pattern, rb"\1" + self.endpoint.encode() + b"/", content)


def _request(asked: web.BaseRequest, body: bytes) -> Request:
    headers = {key.lower(): value for key, value in asked.headers.items()}
    form: dict[str, str] = {}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        found = parse_qs(body[:4096].decode("ascii", "replace"), keep_blank_values=True)
        form = {key: found[key][0] for key in ("Action", "Version") if key in found}
    path, _, query = asked.raw_path.partition("?")
    return Request(asked.method, path, query, headers, form)


_REQUEST_ID = ("x-amzn-requestid", "x-amz-request-id")
_CODE = re.compile(rb'"(?:__type|code|Code)"\s*:\s*"([^"]+)"|<Code>([^<]+)</Code>')


def _noted(phase: str, named: str | None, request: Request, answer: Answer) -> Exchange:
    if answer.status < 400:
        return Exchange(phase, named, request.method, request.path, answer.status, region=region(request))
    found = _CODE.search(answer.body[:KEPT])
    code = answer.headers.get("x-amzn-errortype") or (
        (found[1] or found[2]).decode("utf-8", "replace") if found else None
    )
    return Exchange(
        phase,
        named,
        request.method,
        request.path,
        answer.status,
        _plain(code) if code else None,
        answer.body[:KEPT].decode("utf-8", "replace"),
        request_id=next((answer.headers[name] for name in _REQUEST_ID if name in answer.headers), None),
    )


def _plain(code: str) -> str:
    """`ns#Name:http://…` is how the JSON protocols write `Name`."""
    return code.rsplit("#", maxsplit=1)[-1].split(":", maxsplit=1)[0][:100]
