"""The events of `terraform test -json`, as Terraform 1.11.4 writes them."""

from __future__ import annotations

import json
from typing import Any

from pytest_lsqm.terraform.testing import parse

FILE = "tests/a.tftest.hcl"


def run(name: str, status: str | None = None) -> dict[str, Any]:
    told = {"path": FILE, "run": name, "progress": "complete" if status else "starting"}
    return {"type": "test_run", "test_run": told | ({"status": status} if status else {})}


def error(name: str | None, summary: str, detail: str) -> dict[str, Any]:
    place = {"@testfile": FILE, "@testrun": name} if name else {}
    diagnostic = {"severity": "error", "summary": summary, "detail": detail}
    return {"type": "diagnostic", "diagnostic": diagnostic, **place}


SUMMARY = {"type": "test_summary", "test_summary": {"status": "fail"}}


def text(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def test_each_run_block_is_a_test_with_its_outcome() -> None:
    found = parse(
        text(
            *(run("one"), run("one", "pass")),
            *(run("two"), run("two", "fail"), error("two", "Test assertion failed", "twice one is not three")),
            *(run("three"), run("three", "error"), run("four", "skip")),
            SUMMARY,
        ),
        problem=None,
    )
    assert (found.total, found.passed, found.failed, found.skipped) == (4, 1, 2, 1)
    assert found.problem is None
    assert {test.name.rpartition("::")[2]: test.outcome for test in found.tests} == {
        "one": "passed",
        "two": "failed",
        "three": "error",
        "four": "skipped",
    }
    assert found.tests[1].message == "Test assertion failed: twice one is not three"


def test_a_run_that_never_came_to_its_end_has_not_passed() -> None:
    found = parse(text(run("one", "pass"), run("two")), problem="it was ended after 3 s")
    assert (found.passed, found.failed, found.problem) == (1, 1, "it was ended after 3 s")
    assert found.tests[1].outcome == "unfinished"


def test_an_end_without_a_summary_is_a_problem_with_its_reason() -> None:
    assert (
        parse(text(error(None, "No tests", "none was found")), problem=None).problem == "No tests: none was found"
    )
    assert parse("not json\n[]\n", problem=None).problem == "it ended without a summary"
