"""Which exchange with the emulator an error speaks of, and how exchanges, logs and diagnostics are quoted."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_lsqm.analysis import services
from pytest_lsqm.observing.proxy import UNANSWERED
from pytest_lsqm.validation import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.models import TestOutcome
    from pytest_lsqm.observing import Exchange

LINES = 5
"""Lines of the emulator's log that are kept as proof."""

NOTICED = 2.0
"""Seconds in which the proxy has noticed that a client went away."""


def unsuccessful(exchange: Exchange) -> bool:
    """Whether it was refused, failed, or never answered."""
    return exchange.status is None or exchange.status >= 400


def during(test: TestOutcome, exchange: Exchange) -> bool:
    """Whether it was answered while a test ran, or given up as it ended."""
    if test.started is None or test.ended is None:
        return True
    return test.started <= exchange.at <= test.ended + (NOTICED if exchange.code == UNANSWERED else 0.0)


def unrouted(exchange: Exchange) -> bool:
    """Whether nobody was there to answer: AWS's own 404 has a code or a message."""
    return exchange.status == 404 and not exchange.code and not words.message(exchange.body)


def taken_for_s3(exchange: Exchange) -> bool:
    """Whether S3 answered in place of another service: it takes the first part of a path for a bucket's name."""
    if exchange.operation is None or exchange.operation.startswith("s3"):
        return False
    bucket = re.search(r"<BucketName>([^<]+)</BucketName>", exchange.body)
    return bucket is not None and exchange.path.startswith(f"/{bucket[1]}/")


def meant(error: str, failed: Sequence[Exchange], service: str | None = None) -> Exchange | None:
    """Return the exchange that an error speaks of: by request id, or else by operation, code, words, service."""
    best, most = None, 1
    for exchange in failed:
        if exchange.operation is None:
            continue
        if exchange.request_id and exchange.request_id in error:
            return exchange
        name = exchange.operation.split(".")[1]
        said = words.message(exchange.body)
        points = 2 * bool(exchange.code and exchange.code in error)
        points += 2 * bool(said and said[:60] in error)
        points += 2 * bool(re.search(rf"\b{re.escape(name)}\b", error))
        points += exchange.operation.split(".")[0] == service
        points += bool(exchange.status and re.search(rf"(?i)status ?code:? {exchange.status}\b", error))
        if points > most:
            best, most = exchange, points
    if best is None and words.NO_ANSWER.search(error):
        return next((each for each in failed if each.status is None), None)
    return best


def last_about(diagnostic: dict[str, Any], asked: Sequence[Exchange]) -> Exchange | None:
    """Return the last exchange with the service of a resource."""
    service = service_of(diagnostic)
    return next((each for each in reversed(asked) if (each.operation or "").split(".")[0] == service), None)


def address_of(diagnostic: dict[str, Any]) -> str | None:
    """Return the resource that a diagnostic is about; where Terraform itself speaks of one, it is in the words."""
    if address := diagnostic.get("address"):
        return str(address)
    found = words.OF_RESOURCE.search(words_of(diagnostic))
    return found[1] if found else None


def service_of(diagnostic: dict[str, Any]) -> str | None:
    """Return the AWS service of the resource that a diagnostic is about."""
    parts = (address_of(diagnostic) or "").split("[")[0].split(".")
    return services.table().get(parts[-2]) if len(parts) > 1 else None


def operation_called(text: str, asked: Sequence[Exchange]) -> str | None:
    """Return the operation that a traceback's lines call last, or else the last that the test asked for."""
    named = [each.operation for each in asked if each.operation]
    by_name = {operation.split(".")[1].lower(): operation for operation in named}
    called = [word.replace("_", "") for word in re.findall(r"\.(\w+)\(", text)]
    last = asked[-1].operation if asked else None
    return next((by_name[word] for word in reversed(called) if word in by_name), last)


def polled(asked: Sequence[Exchange]) -> Exchange | None:
    """Return the last exchange if it was not the only one of its operation: so something was waited for."""
    last = asked[-1] if asked else None
    return last if last and sum(each.operation == last.operation for each in asked) > 1 else None


def waited_for(failed: Sequence[Exchange]) -> Exchange | None:
    """Return what time was lost on: what was never answered, or else what failed most often."""
    named = [each for each in failed if each.operation]
    unanswered = next((each for each in named if each.code == UNANSWERED), None)
    counted = Counter(each.operation for each in named)
    return unanswered or next((each for each in named if each.operation == counted.most_common(1)[0][0]), None)


def quote(exchange: Exchange) -> str:
    """Say an exchange in a line: operation, outcome, and what the emulator said."""
    said = words.message(exchange.body) or last_line(exchange.body)
    asked = exchange.operation or f"{exchange.method} {exchange.path}"
    return f"{asked} => {exchange.outcome}{': ' + said[:300] if said else ''}"


def log_lines(logs: str, exchange: Exchange) -> list[str]:
    """Return the last lines of the emulator's log that tell of an exchange."""
    name = exchange.operation or exchange.path
    wanted = (line for line in logs.splitlines() if name in line and (str(exchange.status) in line))
    return [last_line(line) for line in list(wanted)[-LINES:]]


def words_of(diagnostic: dict[str, Any]) -> str:
    """Return what a diagnostic says, whole."""
    return f"{diagnostic.get('summary', '')}\n{diagnostic.get('detail') or ''}".strip()


def place_of(diagnostic: dict[str, Any]) -> str:
    """Say a diagnostic in a line, with its file and line where it has one."""
    where = diagnostic.get("range") or {}
    line = where.get("start", {}).get("line")
    place = f"{where['filename']}:{line}: " if where.get("filename") else ""
    return f"{place}{last_line(words_of(diagnostic).replace(chr(10), ' '))}"


def assertion(text: str) -> str:
    """Return the first line that pytest marks as the error, or else the last."""
    marked = next((line[1:].strip() for line in text.splitlines() if line.startswith("E ")), None)
    return (marked or last_line(text))[:300]


def last_line(text: str) -> str:
    """Return the last line, cut to a length."""
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""
