"""What GitHub Actions is shown of a run, and what it must not take for a command."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import StoreError
from pytest_lsqm.reporting import actions
from tests.reporting.made import BEFORE, NOW, regression, report, result

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import ValidationResult
    from pytest_lsqm.reporting.document import RunReport

HOSTILE = "50%,\r\n::error::forged\n##[error]forged | <b>x</b> `code` [a](b)"


@pytest.fixture(autouse=True)
def in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def regressed(*failed: ValidationResult) -> RunReport:
    told = {"from_version": "4.6.0", "to_version": "4.14.0", "attributed_to": "emulator"}
    found = [regression(each, services_affected=("sqs",), **told) for each in failed]
    return report(result(name="fine"), *failed, regressions=found)


def test_a_regression_is_an_error_or_a_warning_where_it_fails_nothing() -> None:
    told = regressed(result("FAILED", "orders"))
    said = "title=regression%3A orders::PASSED → FAILED (4.6.0 → 4.14.0) [emulator]: orders is broken"
    assert list(actions.commands(told, fails=True)) == [f"::error {said}"]
    assert list(actions.commands(told, fails=False)) == [f"::warning {said}"]


def test_the_summary_says_what_was_reused() -> None:
    told = report(result(reused={"run_id": BEFORE, "at": NOW}), result(name="run anew"))
    counted = told.run.summary.model_copy(update={"reused": 1})
    told = replace(told, run=told.run.model_copy(update={"summary": counted}))
    assert f"1 reused from run {BEFORE} of {NOW:%Y-%m-%d}." in list(actions.summary(told))


def test_what_wavered_is_a_warning() -> None:
    attempts = [{"status": status, "started_at": NOW, "duration_seconds": 1.0} for status in ("FAILED", "PASSED")]
    told = report(result(flaky=True, attempts=attempts))
    assert list(actions.commands(told, fails=True)) == [
        "::warning title=flaky%3A orders::FAILED first, then PASSED"
    ]


def test_more_than_github_shows_are_summed_up_in_the_last() -> None:
    lines = list(actions.commands(regressed(*[result("FAILED", f"n{n}") for n in range(14)]), fails=True))
    assert len(lines) == 10
    assert lines[-1] == "::error title=5 more::n9, n10, n11, n12, n13"


def test_a_stranger_writes_no_command_and_no_property() -> None:
    told = regressed(result("FAILED", f"x,file=y::{HOSTILE}", error_message=HOSTILE))
    (line,) = list(actions.commands(told, fails=True))
    assert "\n" not in line
    assert "\r" not in line
    head, _, data = line.removeprefix("::error ").partition("::")
    assert "," not in head
    assert "title=regression%3A x%2Cfile=y%3A%3A50%25%2C" in head
    assert "[emulator]: 50%25," in data


def test_elsewhere_there_are_no_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert list(actions.commands(regressed(result("FAILED")), fails=True)) == []
    assert actions.harmless("::error::x") == "::error::x"


@pytest.mark.parametrize("line", ["::error::x", "  ::add-mask::x", "REGRESSION x: ##[error]y", "\t##[group]"])
def test_a_line_that_would_be_a_command_is_made_harmless(line: str) -> None:
    shown = actions.harmless(line)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown
    assert actions.harmless("arn:aws:sqs:::x") == "arn:aws:sqs:::x"


def test_json_has_no_command_in_it_and_says_the_same() -> None:
    text = actions.harmless_json({"a": [HOSTILE]})
    assert "##[" not in text
    assert json.loads(text) == {"a": [HOSTILE]}
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_the_summary_begins_with_what_got_worse() -> None:
    lines = list(actions.summary(regressed(result("FAILED", "orders"))))
    assert lines[0] == "## localstack 4.14.0: 1 of 2 passed"
    assert lines[2] == "### :red_circle: 1 regressed"
    assert "| orders | PASSED → FAILED \\(4.6.0 → 4.14.0\\) | emulator | orders is broken |" in lines
    assert any(line.startswith("| orders | FAILED | 0/3 |") for line in lines)


def test_text_of_strangers_is_no_markup_in_the_summary() -> None:
    told = regressed(result("FAILED", HOSTILE, error_message=HOSTILE.partition("\n")[2].replace("\n", " ")))
    text = "\n".join(actions.summary(told))
    assert "<b" not in text
    for row in (line for line in text.splitlines() if "forged" in line):
        assert row.startswith("| ")
        assert row.count(" | ") in {3, 4}
        assert "[a](b)" not in row
        assert "`code`" not in row.replace("\\`", "")


def test_the_summary_is_appended_to_the_file_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.append_summary(report(result()))
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    actions.append_summary(report(result()))
    assert path.read_text().startswith("before\n## localstack 4.14.0: 1 of 1 passed\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "such.md"))
    with pytest.raises(StoreError, match=r"GITHUB_STEP_SUMMARY: .* cannot be written"):
        actions.append_summary(report(result()))


def test_a_long_list_of_failures_is_cut() -> None:
    lines = list(actions.summary(report(*[result("FAILED", f"n{n}") for n in range(actions.ROWS + 7)])))
    assert sum(line.startswith("| n") for line in lines) == actions.ROWS
    assert "… and 7 more." in lines
