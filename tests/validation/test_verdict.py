"""Every rule from what happened to a status."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lsqm.models import PytestResults
from pytest_lsqm.subsession.record import Report
from pytest_lsqm.validation import verdict


def results(passed: int = 0, failed: int = 0, skipped: int = 0, exit_code: int | None = None) -> PytestResults:
    """Make the counts of a session that ended with pytest's own exit code for them, unless another is given."""
    return PytestResults(
        total=passed + failed + skipped,
        passed=passed,
        failed=failed,
        skipped=skipped,
        output="",
        exit_code=(1 if failed else 0) if exit_code is None else exit_code,
    )


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(results(passed=3)), "PASSED"),
        (Report(results(passed=1, skipped=2)), "PASSED"),
        (Report(results(passed=2, failed=1)), "PARTIAL"),
        (Report(results(passed=1, failed=9, skipped=1)), "PARTIAL"),
        (Report(results(failed=3)), "FAILED"),
        (Report(results(failed=1, skipped=3)), "FAILED"),
        (Report(results(passed=1, failed=1), cut_short="killed"), "PARTIAL"),
        (Report(results(failed=2), cut_short="killed"), "FAILED"),
        (Report(results(passed=2), cut_short="killed"), "ERROR"),
        (Report(results(), problem="no tests"), "ERROR"),
        (Report(results(skipped=2), problem="all skipped"), "ERROR"),
        (Report(results(passed=2), problem="the app is broken"), "ERROR"),
        (Report(results(passed=1, failed=1), problem="the app is broken"), "ERROR"),
        (Report(results(passed=1, exit_code=1)), "ERROR"),
        (Report(results(passed=1, exit_code=4)), "ERROR"),
        (Report(results(passed=1), cut_short="ended", timed_out=True), "TIMEOUT"),
        (Report(results(), problem="no tests", cut_short="ended", timed_out=True), "TIMEOUT"),
    ],
)
def test_a_session_is_judged_by_its_counts_and_by_how_it_ended(report: Report, status: str) -> None:
    found = verdict.tested(report, seconds=300)
    assert found.status == status
    assert (found.message is None) == (status == "PASSED")


@pytest.mark.parametrize("exit_code", [0, 1, 2, 3, 4, 5, None])
@pytest.mark.parametrize("skipped", [0, 1, 4])
@pytest.mark.parametrize("timed_out", [False, True])
def test_a_session_in_which_no_test_passed_is_never_passed(
    exit_code: int | None, skipped: int, timed_out: bool
) -> None:
    counted = results(skipped=skipped).model_copy(update={"exit_code": exit_code})
    assert verdict.tested(Report(counted, timed_out=timed_out), seconds=300).status != "PASSED"


@pytest.mark.parametrize("exit_code", [1, 2, 3, 4, 5, 137, -9, None])
def test_a_session_that_did_not_end_with_0_is_never_passed(exit_code: int | None) -> None:
    counted = results(passed=3).model_copy(update={"exit_code": exit_code})
    assert verdict.tested(Report(counted), seconds=300).status == "ERROR"


def test_a_failure_counts_its_tests_and_says_what_cut_it_short() -> None:
    found = verdict.tested(Report(results(passed=3, failed=2), cut_short="killed by itself"), seconds=300)
    assert found.message == "2 of 5 tests failed; killed by itself"


def test_a_timeout_names_the_stage_and_the_time_that_there_was() -> None:
    found = verdict.timed_out("apply", 300.0)
    assert (found.status, found.timed_out_in) == ("TIMEOUT", "apply")
    assert "300 s" in str(found.message)
    assert verdict.tested(Report(results(), timed_out=True), seconds=300).timed_out_in == "test"


def test_the_results_of_an_app_that_never_ran_are_zeros_that_say_why() -> None:
    empty = verdict.no_tests("terraform apply failed")
    assert (empty.total, empty.passed, empty.failed, empty.skipped, empty.exit_code) == (0, 0, 0, 0, None)
    assert empty.output == "no test was run: terraform apply failed"


def error(summary: str, detail: str = "", **more: Any) -> dict[str, object]:
    return {"severity": "error", "summary": summary, "detail": detail, **more}


def test_an_emulator_that_says_that_it_could_not_install_a_part_is_the_machines_fault() -> None:
    answer = (
        "operation error Lambda: CreateFunction, https response error StatusCode: 500, InternalError: "
        "exception while calling lambda.CreateFunction: Installation of lambda-runtime v0.1.28 failed."
    )
    assert answer in str(verdict.environment_fault((error("creating Lambda Function (f)", answer),)))
    assert answer in str(verdict.environment_fault((error("something else"), error(answer))))


def test_a_provider_whose_program_does_not_start_is_the_machines_fault() -> None:
    answer = "Failed to load plugin schemas", "Could not load the schema for provider hashicorp/aws: ..."
    assert "hashicorp/aws" in str(verdict.environment_fault((error(*answer),)))


@pytest.mark.parametrize(
    "diagnostics",
    [
        (),
        (error("creating queue", "InvalidAttributeValue"),),
        (error("failed Installation of "),),
        (error("Installation of it went well"),),
        (error("Installation of "), error(" failed")),
        (error("not implemented yet: the API action 'X' for service 'y'"),),
        ({"severity": "error"},),
    ],
)
def test_no_other_answer_is_the_machines_fault(diagnostics: tuple[dict[str, object], ...]) -> None:
    assert verdict.environment_fault(diagnostics) is None


def test_the_first_error_is_told_with_its_address_and_the_first_line_of_its_detail() -> None:
    diagnostics: tuple[dict[str, object], ...] = (
        {"severity": "warning", "summary": "Argument is deprecated"},
        error("creating SQS Queue", "InvalidAttributeValue: no\nmore of it", address="aws_sqs_queue.orders"),
        error("a later one"),
    )
    assert verdict.first_error(diagnostics) == (
        "aws_sqs_queue.orders: creating SQS Queue: InvalidAttributeValue: no"
    )
    assert verdict.first_error((error("only a summary"),)) == "only a summary"


def test_warnings_are_no_errors() -> None:
    assert verdict.first_error(({"severity": "warning", "summary": "careful"},)) is None
    assert verdict.first_error(()) is None
