"""The page of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import UsageError
from pytest_lsqm.reporting import compatibility
from pytest_lsqm.reporting.compatibility import Notes
from tests.corpus.records import START, A
from tests.reporting.test_matrix import NEW, OLD, between, cell, made

if TYPE_CHECKING:
    from pathlib import Path

NOTES = f"""
remarks = ["The machine was busy."]

[[note]]
architectures = ["queue"]
before = "{OLD}"
after = "{NEW}"
text = "SendMessage forgot its | sequence number"
"""


def test_an_emulator_that_could_not_be_made_ready_says_why() -> None:
    matrix = made(columns=[{"label": OLD, "problem": "wants Python 3.11"}], cells={}, operations={})
    assert "wants Python 3.11" in "\n".join(compatibility.markdown(matrix, Notes()))


def test_the_document_has_a_row_per_architecture_service_and_gap_and_no_cell_breaks_its_table() -> None:
    page = list(compatibility.markdown(made(), Notes()))
    assert "| queue | pass | pass | FAIL |" in page
    assert "| sqs | 2/2 | 2/2 | 0/1 |" in page
    assert "| sqs.SendMessage | works | works | 501 NotImplemented |" in page
    failed = next(line for line in page if line.startswith("| queue | moto"))
    assert "FAIL (2 times)" in failed
    assert failed.count("|") == 7
    assert "boto3 1.44.5" in page[0]


def test_no_folder_of_the_machine_is_published() -> None:
    told = "app.py:3: in ask\n/home/me/.venv/lib/python3.13/site-packages/botocore/client.py:606: in _api_call"
    matrix = made(cells={A: {OLD: cell("FAILED", cause={"kind": "unknown", "error": told})}})
    published = compatibility.portable(matrix).cells[A][OLD].cause
    assert published is not None
    assert published.error == "app.py:3: in ask\n…/site-packages/botocore/client.py:606: in _api_call"


def test_what_was_not_run_yet_is_no_cell_and_what_cannot_be_run_is_told_apart() -> None:
    matrix = made(cells={A: {OLD: {"skipped": "needs sqs"}, NEW: cell()}})
    assert "| queue | - | pass |  |" in list(compatibility.markdown(matrix, Notes()))


def test_a_page_of_a_comparison_that_is_not_finished_says_so() -> None:
    said = "**Not finished**: 8 verdicts on 3 of 3 architectures"
    assert any(said in line for line in compatibility.markdown(made(), Notes()))
    done = made(completed_at=START)
    assert not any("Not finished" in line for line in compatibility.markdown(done, Notes()))


def test_a_loss_has_the_note_that_lies_beside_the_page(tmp_path: Path) -> None:
    (tmp_path / "notes.toml").write_text(NOTES)
    notes = compatibility.read_notes(tmp_path / "notes.toml")
    page = list(compatibility.markdown(between(cell(), cell("FAILED")), notes))
    said = "SendMessage forgot its ¦ sequence number"
    assert f"| queue | {OLD} | {NEW} | pass → FAIL | {said} |" in page
    assert "The machine was busy." in page


def test_a_loss_without_a_note_is_not_explained_yet(tmp_path: Path) -> None:
    notes = compatibility.read_notes(tmp_path / "none.toml")
    page = list(compatibility.markdown(between(cell(), cell("PARTIAL")), notes))
    assert f"| queue | {OLD} | {NEW} | pass → part | not explained yet |" in page


@pytest.mark.parametrize("text", ["[[note", '[[note]]\ntext = "x"\n', 'remark = ["x"]\n'])
def test_notes_that_are_none_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.toml").write_text(text)
    with pytest.raises(UsageError, match=r"notes\.toml"):
        compatibility.read_notes(tmp_path / "notes.toml")
