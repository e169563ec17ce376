"""A server on the loopback that speaks the Messages API as the SDK sees it, and remembers what it was asked.

https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MODEL = "claude-as-answered"
"""The model that the answers name, which is not the one that was asked for."""

CREATED = "2026-11-20T00:00:00Z"

Message = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One request as it arrived; `at` is the server's clock in seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float


@dataclass(frozen=True)
class Reply:
    """What is sent back: JSON, or other bytes; `complete=False` drops the connection in the middle of it."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    complete: bool = True

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def message(
    text: str,
    *,
    stop_reason: str | None = "end_turn",
    stop_details: Mapping[str, Any] | None = None,
    usage: Mapping[str, int] | None = None,
) -> Message:
    """Make a whole message of Claude's, which has thought before it spoke."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [
            {"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"},
            {"type": "text", "text": text},
        ],
        "stop_reason": stop_reason,
        "stop_details": stop_details,
        "stop_sequence": None,
        "usage": {"input_tokens": 100, "output_tokens": 50, **(usage or {})},
    }


def error(status: int, kind: str, text: str = "not now", **headers: str) -> Reply:
    """Make the answer to a request that the API does not serve."""
    return Reply(status, {"type": "error", "error": {"type": kind, "message": text}}, headers)


def overloaded(**headers: str) -> Reply:
    return error(529, "overloaded_error", "Overloaded", **headers)


def events(whole: Message, *, until: int | None = None) -> list[dict[str, Any]]:
    """Take a message apart as a stream sends it, with its text in pieces that end in the middle of a word."""
    thinking, said = whole["content"]
    text = said["text"]
    start = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
    signature = {"type": "signature_delta", "signature": thinking["signature"]}
    ending = {key: whole[key] for key in ("stop_reason", "stop_details", "stop_sequence")}
    made: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {**thinking, "signature": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": signature},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": whole["usage"]["output_tokens"]}},
        {"type": "message_stop"},
    ]
    return made[:until]


def stream(sent: list[dict[str, Any]], *, complete: bool = True) -> Reply:
    """Make a stream of server-sent events."""
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in sent)
    return Reply(body=body.encode(), kind="text/event-stream", complete=complete)


@dataclass
class Batch:
    """One batch: it ends when it was looked at `looks` times, or at once when it is cancelled."""

    id: str
    requests: list[dict[str, Any]]
    looks: int
    cancelled: bool = False

    @property
    def ended(self) -> bool:
        return self.looks <= 0


@dataclass
class MessagesAPI:
    """Answers with what a test has put into it, in turn, and with `otherwise` when that is used up."""

    otherwise: Message
    counted: int = 1000
    """What every prompt is said to have, in tokens."""

    messages: list[Reply | Message] = field(default_factory=list)
    counts: list[Reply] = field(default_factory=list)
    creations: list[Reply] = field(default_factory=list)
    retrievals: list[Reply] = field(default_factory=list)
    downloads: list[Reply] = field(default_factory=list)
    results: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """The results of batches by the first 16 characters of their ids; None for a line that is missing."""

    looks: int = 1
    """How often a batch is looked at before it has ended."""

    on_look: Callable[[], None] = lambda: None
    requests: list[Request] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    url: str = ""

    def asked(self, path: str) -> list[Request]:
        """Return the requests for a path, in their order."""
        return [request for request in self.requests if request.path == path]

    @property
    def prompts(self) -> list[Any]:
        """The bodies of all requests for a message, those in batches as well."""
        single = [request.body for request in self.asked("/v1/messages")]
        return single + [request["params"] for batch in self.batches for request in batch.requests]

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        match request.path.removeprefix("/v1/messages").split("/"):
            case [""]:
                return self._message()
            case ["", "count_tokens"]:
                return self.counts.pop(0) if self.counts else Reply(body={"input_tokens": self.counted})
            case ["", "batches"]:
                if self.creations:
                    return self.creations.pop(0)
                self.batches.append(Batch(f"msgbatch_{len(self.batches)}", request.body["requests"], self.looks))
                return self._state(self.batches[-1])
            case ["", "batches", name, *rest]:
                return self._about(next(batch for batch in self.batches if batch.id == name), rest)
        return error(404, "not_found_error", "no such path")

    def _message(self) -> Reply:
        reply = self.messages.pop(0) if self.messages else self.otherwise
        return reply if isinstance(reply, Reply) else stream(events(reply))

    def _about(self, batch: Batch, rest: list[str]) -> Reply:
        match rest:
            case ["cancel"]:
                batch.cancelled, batch.looks = True, 0
            case ["results"]:
                return self.downloads.pop(0) if self.downloads else self._lines(batch)
            case []:
                self.on_look()
                batch.looks -= 1
                if self.retrievals:
                    return self.retrievals.pop(0)
        return self._state(batch)

    def _lines(self, batch: Batch) -> Reply:
        lines = []
        # As the API says: in no order that anyone may rely on.
        for asked in reversed(batch.requests):
            done = {"type": "canceled"} if batch.cancelled else {"type": "succeeded", "message": self.otherwise}
            result = self.results.get(asked["custom_id"][:16], done)
            if result is not None:
                lines.append(json.dumps({"custom_id": asked["custom_id"], "result": result}) + "\n")
        return Reply(body="".join(lines).encode(), kind="application/x-jsonl")

    def _state(self, batch: Batch) -> Reply:
        counts = dict.fromkeys(("canceled", "errored", "expired", "processing", "succeeded"), 0)
        results = f"{self.url}/v1/messages/batches/{batch.id}/results" if batch.ended else None
        return Reply(
            body={
                "id": batch.id,
                "type": "message_batch",
                "created_at": CREATED,
                "expires_at": CREATED,
                "processing_status": "ended" if batch.ended else "in_progress",
                "request_counts": counts,
                "results_url": results,
            }
        )


@contextlib.contextmanager
def serve(otherwise: Message) -> Iterator[MessagesAPI]:
    """Serve until the block ends."""
    api = MessagesAPI(otherwise)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(json.loads(raw) if raw else None)

        def _answer(self, body: Any) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = api.answer(Request(self.command, self.path, headers, body, time.monotonic()))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Type", reply.kind)
            # A length that is never reached is what a connection that drops looks like.
            self.send_header("Content-Length", str(len(reply.raw) + (0 if reply.complete else 1)))
            self.end_headers()
            self.wfile.write(reply.raw)
            self.close_connection = not reply.complete

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that went away."""

    server = Server(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
