"""`lsqm report`, run as a person runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import USAGE_ERROR, lsqm
from tests.reporting.html import stores
from tests.reporting.test_matrix import made as matrix_made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    stores.ordinary(tmp_path / "corpus")
    return tmp_path


def test_without_a_word_more_it_is_the_latest_run_and_lies_in_the_store(work: Path) -> None:
    done = lsqm("report", cwd=work)
    assert (done.returncode, done.stderr) == (0, "")
    page = work / "corpus" / "reports" / "latest" / "index.html"
    assert done.stdout == f"report: {page.relative_to(work)}\n"
    text = page.read_text()
    assert "2 of 3 architectures pass" in text
    assert "lsqm-matrix" not in text


def test_a_run_a_place_and_a_comparison_can_be_named(work: Path) -> None:
    first = min(
        (work / "corpus" / "runs").iterdir(),
        key=lambda run: json.loads((run / "config.json").read_text())["started_at"],
    )
    (work / "told").mkdir()
    (work / "told" / "compatibility.json").write_text(matrix_made().model_dump_json())
    for place in ("told", "told/compatibility.json"):
        done = lsqm("report", first.name, "--output", "new/run.html", "--matrix", place, cwd=work)
        assert (done.returncode, done.stderr) == (0, "")
        text = (work / "new" / "run.html").read_text()
        assert "2 of 3 architectures pass on localstack 4.14.0" in text
        assert "localstack-host@4.14.0" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["6f1c2a34-0000-4000-8000-000000000000"],
            "there is no run 6f1c2a34-0000-4000-8000-000000000000; the runs are",
        ),
        (["--output", "."], "--output: . is a folder; name a file"),
        (
            ["--matrix", "corpus"],
            "--matrix: corpus has no compatibility.json; `lsqm matrix --output DIR` writes one",
        ),
        (["--corpus", "nowhere"], "nowhere is no store"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_exit_code_4(work: Path, arguments: list[str], sentence: str) -> None:
    done = lsqm("report", *arguments, cwd=work)
    assert done.returncode == USAGE_ERROR
    assert done.stderr.startswith(f"lsqm: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_a_torn_comparison_is_named_and_nothing_is_written(work: Path) -> None:
    (work / "m.json").write_text("{")
    done = lsqm("report", "--matrix", "m.json", cwd=work)
    assert done.returncode == 1
    assert "m.json is torn" in done.stderr
    assert not (work / "corpus" / "reports").exists()
