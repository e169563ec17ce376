"""What a sub-session's record says: counts, and whether it may be believed."""

from __future__ import annotations

import hmac
import json
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import PytestResults, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.process import Completed


@dataclass(frozen=True)
class Report:
    """The results of an app's session.

    `problem` says why the session says nothing about the architecture (nothing collected, nothing run);
    `cut_short` says why what it says is not all (killed, out of time).
    """

    results: PytestResults
    problem: str | None = None
    cut_short: str | None = None
    timed_out: bool = False


@dataclass
class _Test:
    outcome: str = "unfinished"
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
    start: float | None = None
    stop: float | None = None

    def add(self, phase: dict[str, Any]) -> None:
        if isinstance(phase.get("start"), float) and isinstance(phase.get("stop"), float):
            self.start = self.start or phase["start"]
            self.stop = phase["stop"]
        self.seconds += float(phase.get("seconds") or 0.0)
        if phase.get("message"):
            self.messages.append(str(phase["message"]))
        when, outcome = phase.get("when"), phase.get("outcome")
        if when == "call":
            self.outcome = str(outcome)
        elif outcome == "failed":
            # A fixture that broke, before or after: the test did not do what it says.
            self.outcome = "error"
        elif outcome == "skipped":
            self.outcome = "skipped"


RECORD_LIMIT = 64 * 1024 * 1024
"""Bytes of a record that are read: an app that is honest writes kilobytes."""


def load(path: Path, key: bytes) -> tuple[str, bool]:
    """Return what a record holds, nothing where it is no longer the plain file that it was, and if it is whole.

    It is not where a line, other than a last one that was cut off, lacks the seal that the recorder gives it: then
    somebody else has written it, or has taken out what was before.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return "", True
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return "", True
    with os.fdopen(descriptor, "rb") as stream:
        *lines, _ = stream.read(RECORD_LIMIT).split(b"\n")
    events: list[str] = []
    seal = b""
    for line in lines:
        told = line[len(seal) + 1 :] if seal else line.partition(b" ")[2]
        seal = hmac.digest(key, seal + told, "sha256").hex().encode()
        if not hmac.compare_digest(line, seal + b" " + told):
            return "\n".join(events), False
        events.append(told.decode("utf-8", "replace"))
    return "\n".join(events), True


def read(events: str, done: Completed, *, output: str, whole: bool = True) -> Report:
    """Judge a record together with how its process ended; one that is not `whole` proves nothing."""
    tests: dict[str, _Test] = {}
    broken: list[str] = []
    exit_code: int | None = None
    collected = False
    for event in _events(events):
        match event.get("event"):
            case "collected":
                collected = True
                tests |= {str(name): _Test() for name in event["tests"]}
            case "phase":
                tests.setdefault(str(event["test"]), _Test()).add(event)
            case "collect_error":
                broken.append(f"{event.get('where')} could not be collected: {_last_line(event)}")
            case "internal_error":
                broken.append(f"pytest broke: {_last_line(event)}")
            case "finished":
                exit_code = int(event["exit_code"])
    if not whole:
        broken.append("its record holds what the recorder did not write, or lacks what it did")
    if tests and not collected:
        broken.append("its record is not whole: the session that ran tests did not say which it had")
    results = _count(tests, exit_code, output)
    cut_short = None
    if done.timed_out:
        cut_short = f"the app's session was ended after {done.seconds:.0f} s"
    elif exit_code is None or done.returncode != exit_code:
        cut_short = f"the app's process ended with exit code {done.returncode} before its session was over"
    if done.overdone:
        broken.append(f"it was ended, since {done.overdone}")
    return Report(results, _problem(results, broken, cut_short), cut_short, done.timed_out)


def _problem(results: PytestResults, broken: list[str], cut_short: str | None) -> str | None:
    if broken:
        return f"the app is broken: {'; '.join(broken)}"
    if results.total == 0:
        if cut_short:
            return f"no test was collected: {cut_short}; it printed: {_tail(results.output)}"
        if results.exit_code not in {0, 5}:
            return f"no test was collected (pytest's exit code {results.exit_code}): {_tail(results.output)}"
        return "the app has no tests: pytest collected none in test_app.py"
    if results.skipped == results.total:
        return f"all {results.total} tests skipped themselves, so nothing was tested"
    return None


def _count(tests: dict[str, _Test], exit_code: int | None, output: str) -> PytestResults:
    outcomes = tuple(
        TestOutcome.model_validate(
            {
                "name": name.split("::", 1)[-1],
                "outcome": test.outcome,
                "seconds": round(test.seconds, 3),
                "message": "\n".join(test.messages) or None,
                "started": test.start,
                "ended": test.stop,
            }
        )
        for name, test in tests.items()
    )
    passed = sum(test.outcome == "passed" for test in outcomes)
    skipped = sum(test.outcome == "skipped" for test in outcomes)
    return PytestResults(
        total=len(outcomes),
        passed=passed,
        # With a test whose fixture broke, and one that never came to its end.
        failed=len(outcomes) - passed - skipped,
        skipped=skipped,
        output=output,
        tests=outcomes,
        exit_code=exit_code,
    )


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.split("\n"):  # not splitlines: a message may hold other line ends, U+2028 for one
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the process was killed
        if isinstance(event, dict):
            yield event


def _last_line(event: dict[str, Any]) -> str:
    lines = str(event.get("message", "")).strip().splitlines()
    return lines[-1] if lines else "no message"


def _tail(output: str) -> str:
    return " ".join(output.strip().splitlines()[-3:]) or "nothing"
