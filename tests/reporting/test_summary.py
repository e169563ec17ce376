"""The summary of a run, from records made by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.models import ServiceTrend, Status, ValidationResult
from pytest_lsqm.reporting import summary, terminal
from tests.reporting.made import BEFORE, EVERYTHING, NOW, RUN, lines, regression, report, result

if TYPE_CHECKING:
    from pytest_lsqm.reporting.document import RunReport


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("status", list(terminal.LETTERS))
def test_no_line_is_wider_than_the_terminal(status: Status, width: int) -> None:
    long = result(status, name="n" * 20, error_message="x" * 500)
    line, _ = terminal.verdict_line(long, "n" * 20, 1, width)
    assert len(line) <= width
    told = report(
        long, skipped={"a": "needs lambda: " + "y" * 300}, fixes=[(long, "FAILED")], compared_with=BEFORE
    )
    assert all(len(line) <= width for line in lines(told, width, EVERYTHING))


def test_what_did_not_pass_comes_before_what_did() -> None:
    shown = lines(report(result(name="aaa"), result("FAILED", name="zzz")), screen=EVERYTHING)
    assert shown[0].startswith("FAILED")
    assert "zzz is broken" in shown[0]
    assert shown[1].startswith("PASSED")


def test_regressions_and_fixes_come_first_with_both_versions() -> None:
    broken, fixed = result("FAILED", name="aaa"), result(name="bbb")
    found = regression(broken, from_version="4.6.0", to_version="4.14.0")
    shown = lines(report(fixed, broken, regressions=[found], fixes=[(fixed, "FAILED")]))
    assert shown[0] == "REGRESSION aaa: PASSED → FAILED (4.6.0 → 4.14.0) aaa is broken"
    assert shown[1] == "FIXED bbb: FAILED → PASSED"


def test_a_run_like_the_one_before_says_so() -> None:
    assert lines(report(result(), compared_with=BEFORE))[0] == f"no change since run {BEFORE}"


def test_reused_results_are_counted_by_the_run_in_which_they_were_obtained() -> None:
    def reused(run_id: str, *days: int) -> list[ValidationResult]:
        told = {"run_id": run_id, "at": NOW}
        return [result(reused=told, started_at=NOW - timedelta(days=day)) for day in days]

    assert summary.reused_from([result()]) == ""
    one = [*reused(RUN, 1, 3), result()]
    assert summary.reused_from(one) == f"2 reused from run {RUN} of {NOW - timedelta(days=3):%Y-%m-%d}"
    assert summary.reused_from([*reused(BEFORE, 9), *one]) == (
        f"3 reused: 2 from run {RUN[:8]} of {NOW - timedelta(days=3):%Y-%m-%d}, "
        f"1 from run {BEFORE[:8]} of {NOW - timedelta(days=9):%Y-%m-%d}"
    )


def test_tries_that_were_not_judged_are_told_with_their_reason() -> None:
    again = result("FAILED", name="tables", set_aside=["its neighbour fell", "the lights went out"])
    shown = lines(report(result(name="queue", set_aside=["its neighbour fell"]), again), width=120)
    assert "tried again: its neighbour fell (2), the lights went out (1): queue, tables" in shown
    told = terminal.explain(again, "pytest").splitlines()
    assert [line for line in told if "not judged" in line] == [
        "tried before, and not judged: its neighbour fell",
        "tried before, and not judged: the lights went out",
    ]


def test_errors_do_not_count_for_a_service() -> None:
    shown = lines(report(result(), result("FAILED", name="b"), result("ERROR", name="c")))
    assert "services: kms 1/2 sqs 1/2" in shown


def test_a_service_that_got_worse_is_marked() -> None:
    trend = ServiceTrend(
        service_name="sqs", current_pass_rate=0.5, trend="declining", architecture_count=2, history=()
    )
    assert "services: kms 1/1 sqs 1/1↓" in lines(report(result(), trends=[trend]))


def test_passing_architectures_are_counted_and_listed_only_where_everything_is_wanted() -> None:
    told = report(*[result(name=f"n{number}") for number in range(3)], result("TIMEOUT", name="slow"))
    shown = lines(told)
    assert [line.split()[0] for line in shown if line.startswith(("PASSED", "TIMEOUT"))] == ["TIMEOUT"]
    assert "3 PASSED, 1 TIMEOUT of 4 in 60.0 s" in shown
    assert sum(line.startswith("PASSED") for line in lines(told, screen=EVERYTHING)) == 3


def a_bad_run() -> RunReport:
    """Seventy architectures over fifty services, of which half fail, some of them anew; many skipped."""
    results = [
        result("FAILED" if number % 2 else "PASSED", f"architecture-{number}", services=(f"service{number % 50}",))
        for number in range(70)
    ]
    regressions = [regression(each) for each in results[1:8:2]]
    skipped = {f"{number:016x}": f"reason {number}" for number in range(12)}
    return report(*results, regressions=regressions, fixes=[(results[0], "FAILED")], skipped=skipped)


@pytest.mark.parametrize("height", [24, 40])
def test_a_summary_fits_the_screen_and_begins_with_what_changed(height: int) -> None:
    shown = lines(a_bad_run(), 80, summary.Screen(height))
    assert len(shown) <= height - summary.AROUND
    assert [line.split()[0] for line in shown[:5]] == ["REGRESSION"] * 4 + ["FIXED"]
    assert any(line.startswith("FAILED") for line in shown)
    assert any("more lines: -v shows them all" in line for line in shown)
    assert "35 PASSED, 35 FAILED of 70 in 60.0 s" in shown
    assert "skipped 8 for 8 other reasons: -v names them" in shown


def test_what_is_cut_from_a_summary_is_counted() -> None:
    everything = lines(a_bad_run(), 80)
    (cut,) = [line for line in lines(a_bad_run(), 80, summary.Screen(24)) if "more lines" in line]
    kept = lines(a_bad_run(), 80, summary.Screen(24)).index(cut)
    assert cut.split()[2] == str(everything.index("") - kept)


def test_a_log_has_no_height_so_nothing_that_failed_is_left_out_of_it() -> None:
    shown = lines(a_bad_run(), 80, summary.Screen.of(is_terminal=False, verbose=False))
    assert sum(line.startswith("FAILED") for line in shown) == 35


def test_all_services_are_named_where_everything_is_wanted() -> None:
    text = " ".join(lines(a_bad_run(), 80, EVERYTHING))
    assert all(f" service{number} " in text for number in range(50))
    some = " ".join(lines(a_bad_run(), 80))
    assert "(25 others passed everything)" in some
    assert " service2 " not in some


def test_services_that_all_passed_are_counted() -> None:
    results = [result(name=f"n{number}", services=(f"service{number}",)) for number in range(50)]
    assert "services: all 50 passed everything" in lines(report(*results), 80)


def test_services_that_changed_are_named_among_many_that_passed() -> None:
    results = [result(name=f"n{number}", services=(f"service{number}",)) for number in range(50)]
    trend = ServiceTrend(
        service_name="service7", current_pass_rate=1.0, trend="improving", architecture_count=1, history=()
    )
    assert "services: service7 1/1↑ (49 others passed everything)" in lines(report(*results, trends=[trend]), 80)


def test_a_screen_is_as_high_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "31")
    assert summary.Screen.of(is_terminal=True, verbose=False).height == 31
    assert summary.Screen.of(is_terminal=True, verbose=True) == EVERYTHING


def test_skips_of_one_reason_are_one_line() -> None:
    shown = lines(report(result(), skipped={"a": "needs lambda", "b": "needs lambda", "c": "no app"}))
    assert "skipped 2: needs lambda" in shown
    assert "skipped 1: no app" in shown


def test_what_is_said_of_several_services_alike_is_said_once() -> None:
    reasons = {
        "a": "needs ecs: not free",
        "b": "needs rds: not free",
        "c": "needs lambda: no runtime",
        "d": "x: y",
    }
    shown = lines(report(result(), skipped=reasons))
    assert "skipped 2: not free (ecs, rds)" in shown
    assert "skipped 1: needs lambda: no runtime" in shown
    assert "skipped 1: x: y" in shown


def test_what_a_destroy_left_behind_is_told_of_one_that_passed_too() -> None:
    left = {"success": False, "resources_destroyed": 1, "leftovers": ["aws_sqs_queue.q", "aws_sns_topic.t"]}
    shown = lines(report(result(name="queue", terraform_destroy=left)))
    assert "destroy: 2 resources were left behind: queue" in shown
    assert "aws_sqs_queue.q, aws_sns_topic.t" in terminal.explain(
        result("FAILED", terraform_destroy=left), "pytest"
    )


def test_what_a_stranger_wrote_cannot_steer_the_terminal() -> None:
    hostile = result("FAILED", name="\x1b[2Jgone", error_message="\x1b]0;title\x07\rall fine\x9b31m")
    everything = "\n".join([*lines(report(hostile)), terminal.explain(hostile, "pytest")])
    assert not set(everything) & {"\x1b", "\x07", "\r", "\x9b"}
    assert "gone" in everything
