"""A would-be regression is tried again: what bears it out, what takes it back, and what says nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.models import PytestResults, ValidationResult
from pytest_lsqm.validation import confirm

if TYPE_CHECKING:
    from pytest_lsqm.models import Status

START = datetime(2026, 1, 10, tzinfo=UTC)


def result(status: Status) -> ValidationResult:
    return ValidationResult(
        arch_hash="0123456789abcdef",
        run_id="550e8400-e29b-41d4-a716-446655440000",
        status=status,
        started_at=START,
        completed_at=START,
        duration_seconds=1.0,
        pytest_results=PytestResults(total=0, passed=0, failed=0, skipped=0, output=""),
        error_message=f"it was {status}",
    )


def confirmed(first: Status, *then: Status, times: int = 1) -> ValidationResult:
    tries = iter(then)
    found = confirm(result(first), lambda: result(next(tries)), times)
    assert list(tries) == [], "every try that was foreseen was made"
    return found


@pytest.mark.parametrize(
    ("first", "then", "times"),
    [
        ("FAILED", ["FAILED"], 1),
        ("FAILED", ["TIMEOUT", "FAILED"], 2),
        ("ERROR", ["ERROR"], 1),
        ("FAILED", ["ERROR", "FAILED"], 1),
        ("TIMEOUT", ["ERROR", "ERROR"], 1),
    ],
)
def test_a_try_that_ends_in_error_bears_nothing_out_and_another_stands_in_for_it(
    first: Status, then: list[Status], times: int
) -> None:
    found = confirmed(first, *then, times=times)
    assert (found.status, found.flaky) == (first, False)
    assert [made.status for made in found.attempts] == [first, *then]


@pytest.mark.parametrize("then", [["PASSED"], ["ERROR", "PARTIAL"]])
def test_the_first_try_that_passes_takes_it_back(then: list[Status]) -> None:
    found = confirmed("FAILED", *then)
    assert (found.status, found.flaky) == (then[-1], True)


@pytest.mark.parametrize(("then", "kept", "flaky"), [("PASSED", "PASSED", True), ("PARTIAL", "PARTIAL", False)])
def test_a_partial_is_taken_back_by_a_pass_alone(then: Status, kept: Status, *, flaky: bool) -> None:
    found = confirmed("PARTIAL", then)
    assert (found.status, found.flaky) == (kept, flaky)


def test_without_tries_it_stands_as_it_was_met() -> None:
    assert confirmed("FAILED", times=0).status == "FAILED"
