"""Ways in which an emulator can fail, put between a client and a real one for a single operation."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from multidict import CIMultiDict

from pytest_lsqm.observing.operations import Request, operation
from pytest_lsqm.observing.proxy import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    PassOn = Callable[[], Awaitable[Answer]]
    Change = Callable[[Answer], Answer]


@dataclass(frozen=True)
class Fault:
    """What happens to one operation; everything else is passed on."""

    operation: str
    kind: str
    change: Change | None = None
    seconds: float = 0.0

    async def __call__(self, request: Request, pass_on: PassOn) -> Answer | None:
        if operation(request) != self.operation:
            return await pass_on()
        if self.kind == "dropped":
            return None
        if self.kind == "delayed":
            await asyncio.sleep(self.seconds)
        if self.kind in {"500", "501"}:
            return _error(request, int(self.kind))
        answer = await pass_on()
        return self.change(answer) if self.change else answer

    def __str__(self) -> str:
        return f"{self.operation}-{self.kind}"

    @property
    def service(self) -> str:
        return self.operation.split(".")[0]

    @property
    def late(self) -> bool:
        """Whether somebody waits for it in vain."""
        return self.kind == "delayed"


@dataclass(frozen=True)
class Several:
    """Faults of many operations at once."""

    faults: tuple[Fault, ...]
    late = False

    async def __call__(self, request: Request, pass_on: PassOn) -> Answer | None:
        asked = operation(request)
        fault = next((each for each in self.faults if each.operation == asked), None)
        return await (fault(request, pass_on) if fault else pass_on())


def _error(request: Request, status: int) -> Answer:
    code = "InternalFailure" if status == 501 else "InternalError"
    said = "The operation is not yet implemented" if status == 501 else "Something broke on the way"
    if request.headers.get("x-amz-target") or "json" in request.headers.get("content-type", ""):
        body = json.dumps({"__type": code, "message": said})
        kind = "application/x-amz-json-1.0"
    elif request.form:
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"
        kind = "text/xml"
    else:
        body = f"<Error><Code>{code}</Code><Message>{said}</Message></Error>"
        kind = "application/xml"
    return Answer(status, CIMultiDict({"Content-Type": kind}), body.encode())


def broken(name: str) -> Fault:
    """Answer an operation with 500."""
    return Fault(name, "500")


def missing(name: str) -> Fault:
    """Answer an operation as an emulator does that has not got it."""
    return Fault(name, "501")


def dropped(name: str) -> Fault:
    """Hang up instead of answering an operation."""
    return Fault(name, "dropped")


def delayed(name: str, seconds: float = 300.0) -> Fault:
    """Answer an operation too late."""
    return Fault(name, "delayed", seconds=seconds)


def wrong(name: str, pattern: str, by: str) -> Fault:
    """Replace something in the answers of an operation."""

    def change(answer: Answer) -> Answer:
        body, count = re.subn(pattern.encode(), by.encode(), answer.body)
        assert count, f"{name} does not answer with {pattern}: {answer.body!r}"
        headers = CIMultiDict(answer.headers)
        headers.popall("Content-Length", None)
        for checksum in [header for header in headers if "checksum" in header.lower()]:
            headers.popall(checksum)
        return replace(answer, body=body, headers=headers)

    return Fault(name, "wrong", change)


def reordered(name: str, key: str) -> Fault:
    """Turn a list in the JSON answers of an operation round."""

    def change(answer: Answer) -> Answer:
        body = json.loads(answer.body)
        body[key] = body[key][::-1]
        headers = CIMultiDict(answer.headers)
        for header in ("Content-Length", "x-amz-crc32"):
            headers.popall(header, None)
        return replace(answer, body=json.dumps(body).encode(), headers=headers)

    return Fault(name, "reordered", change)
