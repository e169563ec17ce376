"""What `terraform test -json` says of the tests that an architecture brings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import TerraformTests, TestOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTCOMES = {"pass": "passed", "fail": "failed", "error": "error", "skip": "skipped"}


def parse(text: str, *, problem: str | None) -> TerraformTests:
    """Read the events; `problem` is why the command ended before its time, None when it did not.

    A run block that was begun and of which no end is told is `unfinished`, and counts as failed.
    """
    found: dict[str, str] = {}
    messages: dict[str, list[str]] = {}
    summed_up = False
    for event in _events(text):
        run = event.get("test_run")
        if isinstance(run, dict):
            name = f"{run.get('path')}::{run.get('run')}"
            found.setdefault(name, "unfinished")
            found[name] = OUTCOMES.get(str(run.get("status")), found[name])
        elif isinstance(diagnostic := event.get("diagnostic"), dict) and diagnostic.get("severity") == "error":
            name = f"{event.get('@testfile')}::{event.get('@testrun')}" if event.get("@testrun") else ""
            messages.setdefault(name, []).append(f"{diagnostic.get('summary')}: {diagnostic.get('detail')}")
        summed_up = summed_up or "test_summary" in event
    if problem is None and not summed_up:
        problem = "; ".join(messages.get("", [])) or "it ended without a summary"
    tests = tuple(
        TestOutcome.model_validate(
            {"name": name, "outcome": outcome, "message": "\n".join(messages.get(name, []))[:4000] or None}
        )
        for name, outcome in found.items()
    )
    return TerraformTests(
        total=len(tests),
        passed=sum(test.outcome == "passed" for test in tests),
        failed=sum(test.outcome in {"failed", "error", "unfinished"} for test in tests),
        skipped=sum(test.outcome == "skipped" for test in tests),
        tests=tests,
        problem=problem,
    )


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.split("\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
