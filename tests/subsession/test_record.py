"""The judgement of a record, on records made by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.process import Completed
from pytest_lsqm.subsession import record

if TYPE_CHECKING:
    from pytest_lsqm.subsession.record import Report

A, B = "test_app.py::test_a", "test_app.py::test_b[x::y]"


def collected(*tests: str) -> dict[str, Any]:
    return {"event": "collected", "tests": list(tests)}


def phase(test: str, when: str, outcome: str = "passed", message: str | None = None) -> dict[str, Any]:
    return {
        "event": "phase", "test": test, "when": when, "outcome": outcome, "seconds": 0.25, "message": message,
    }  # fmt: skip


def whole(test: str, outcome: str = "passed") -> list[dict[str, Any]]:
    return [phase(test, "setup"), phase(test, "call", outcome), phase(test, "teardown")]


def finished(code: int = 0) -> dict[str, Any]:
    return {"event": "finished", "exit_code": code}


def read(*events: dict[str, Any] | str, returncode: int = 0, timed_out: bool = False, output: str = "") -> Report:
    text = "\n".join(event if isinstance(event, str) else json.dumps(event) for event in events)
    done = Completed(("python",), returncode, "", "", 12.0, timed_out)
    return record.read(text, done, output=output)


def test_a_whole_record_is_counted_with_the_time_of_all_phases() -> None:
    report = read(collected(A, B), *whole(A), *whole(B, "failed"), finished(1), returncode=1, output="said")
    results = report.results
    assert (results.total, results.passed, results.failed, results.skipped) == (2, 1, 1, 0)
    assert [(test.name, test.outcome, test.seconds) for test in results.tests] == [
        ("test_a", "passed", 0.75),
        ("test_b[x::y]", "failed", 0.75),
    ]
    assert (results.exit_code, results.output) == (1, "said")
    assert (report.problem, report.cut_short) == (None, None)


def test_a_torn_last_line_costs_only_itself() -> None:
    report = read(collected(A, B), *whole(A), '{"event": "phase", "test": "test_app.py::te', returncode=-9)
    assert [test.outcome for test in report.results.tests] == ["passed", "unfinished"]
    assert report.results.failed == 1
    assert "exit code -9" in str(report.cut_short)


@pytest.mark.parametrize("line", ["", "null", "[1]", '"text"', "17", "{}", '{"event": "weather"}', "\x00"])
def test_a_line_that_is_no_event_is_passed_over(line: str) -> None:
    report = read(collected(A), line, *whole(A), finished())
    assert (report.results.passed, report.results.total, report.cut_short) == (1, 1, None)


def test_phases_out_of_order_do_not_make_a_broken_fixture_a_passed_test() -> None:
    teardown = phase(A, "teardown", "failed", "lost")
    report = read(collected(A), phase(A, "setup"), phase(A, "call"), teardown, finished(1), returncode=1)
    assert report.results.tests[0].outcome == "error"


def test_a_test_that_only_came_through_its_setup_is_unfinished_and_counts_as_failed() -> None:
    report = read(collected(A), phase(A, "setup"), returncode=1)
    assert report.results.tests[0].outcome == "unfinished"
    assert report.results.failed == 1


def test_a_test_that_was_never_announced_is_counted_all_the_same() -> None:
    assert read(*whole(A, "failed"), finished(1), returncode=1).results.failed == 1


def test_a_phase_of_a_test_that_ran_twice_counts_once() -> None:
    report = read(collected(A), *whole(A, "failed"), *whole(A), finished())
    assert report.results.total == 1


def test_a_message_with_unusual_line_ends_does_not_tear_the_record() -> None:
    text = json.dumps(phase(A, "call", "failed", "one\u2028two\x85three"), ensure_ascii=False)
    report = read(collected(A), text, finished(1), returncode=1)
    assert report.results.tests[0].message == "one\u2028two\x85three"


def test_an_empty_record_says_what_the_process_printed_last() -> None:
    report = read(returncode=1, output="Traceback\nModuleNotFoundError: no pytest\n")
    assert report.results.total == 0
    assert "ModuleNotFoundError: no pytest" in str(report.problem)


def test_a_file_that_cannot_be_collected_is_a_problem_though_others_ran() -> None:
    error = {"event": "collect_error", "where": "test_app.py", "message": "one\nE   ImportError: no app"}
    report = read(error, collected(A), *whole(A), finished(2), returncode=2)
    assert "test_app.py could not be collected: E   ImportError: no app" in str(report.problem)


def test_an_error_without_a_message_is_still_a_problem() -> None:
    report = read({"event": "internal_error"}, collected(A), *whole(A), finished())
    assert "pytest broke: no message" in str(report.problem)


def test_a_session_that_ran_out_of_time_says_so_and_keeps_what_it_had() -> None:
    report = read(collected(A, B), *whole(A), returncode=-9, timed_out=True)
    assert report.timed_out
    assert report.results.passed == 1
    assert "12 s" in str(report.cut_short)


@pytest.mark.parametrize(("recorded", "returncode"), [(0, 1), (1, 0), (0, -11), (None, 0)])
def test_a_process_that_does_not_end_as_its_session_did_was_cut_short(
    recorded: int | None, returncode: int
) -> None:
    events = [collected(A), *whole(A), *([] if recorded is None else [finished(recorded)])]
    assert read(*events, returncode=returncode).cut_short is not None


def test_tests_that_all_skipped_are_a_problem_and_one_that_ran_is_none() -> None:
    skipped = [phase(A, "setup", "skipped", "Skipped: x"), phase(A, "teardown")]
    assert "all 1 tests skipped" in str(read(collected(A), *skipped, finished()).problem)
    assert read(collected(A, B), *skipped, *whole(B), finished()).problem is None
