"""`lsqm compare`, as a person and as a program run it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.reporting import document
from pytest_lsqm.reporting.document import RunReport
from tests.cli.test_commands import USAGE_ERROR, lsqm
from tests.corpus.records import A, B, C, add_run, result, run_id

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "corpus")
    add_run(made, 1, {A: "PASSED", B: "FAILED", C: "PASSED"}, emulator="moto", version="5.1")
    add_run(made, 2, {A: "FAILED", B: "PASSED", C: "PASSED"}, emulator="moto", version="5.2")
    add_run(made, 3, {A: "FAILED", B: "PASSED", C: "PASSED"}, emulator="moto", version="5.2")
    return made


def test_what_got_worse_comes_first_and_is_exit_code_1(store: Store, tmp_path: Path) -> None:
    done = lsqm("compare", run_id(1), run_id(2), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"before: {run_id(1)} of ")
    assert lines[1].endswith("on moto 5.2, 2 of 3 passed")
    assert lines[2].startswith("REGRESSION arch-a: PASSED → FAILED (5.1 → 5.2)")
    assert lines[3] == "FIXED arch-b: FAILED → PASSED"
    assert lines[-1] == "1 regression, 1 fix; 1 as they were."


def test_runs_that_are_alike_are_exit_code_0(store: Store, tmp_path: Path) -> None:
    done = lsqm("compare", run_id(2), "latest", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "failing in both (1): arch-a" in done.stdout
    assert "No regressions and no fixes; 3 architectures are as they were." in done.stdout


def test_programs_get_json_and_pages_get_markdown(store: Store, tmp_path: Path) -> None:
    told = json.loads(lsqm("compare", run_id(1), run_id(2), "--json", cwd=tmp_path).stdout)
    assert [each["arch_hash"] for each in told["regressions"]] == [A]
    assert [each["arch_hash"] for each in told["fixes"]] == [B]
    assert (told["before"]["version"], told["after"]["version"], told["equal"]) == ("5.1", "5.2", 1)
    page = lsqm("compare", run_id(1), run_id(2), "--format", "markdown", cwd=tmp_path).stdout
    assert page.startswith("**1 regression, 1 fix; 1 as they were.**")
    assert "| regression | arch-a | PASSED → FAILED \\(5.1 → 5.2\\) |" in page


def test_documents_are_compared_without_a_store(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "elsewhere")
    for number, status in ((1, "PASSED"), (2, "TIMEOUT")):
        run = add_run(store, number, {A: status})  # type: ignore[dict-item]
        report = RunReport(run, [result(A, status, number)], (), ())  # type: ignore[arg-type]
        (tmp_path / f"{number}.json").write_text(json.dumps(document.as_json(report)))
    done = lsqm("compare", "1.json", "2.json", cwd=tmp_path)
    assert (done.returncode, "REGRESSION arch-a: PASSED → TIMEOUT" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("names", "sentence", "code"),
    [
        (["latest", "beef"], "there is no run 'beef'", USAGE_ERROR),
        (["0000", "latest"], "is the beginning of 3 runs", USAGE_ERROR),
        (["latest", "latest"], "name two runs", USAGE_ERROR),
        (["latest", "none.json"], "none.json cannot be read", 1),
        (["latest", "other.json"], "other.json is no document that --lsqm-json wrote", 1),
    ],
)
def test_what_is_no_run_is_one_sentence(
    store: Store, tmp_path: Path, names: list[str], sentence: str, code: int
) -> None:
    (tmp_path / "other.json").write_text('{"run": {}}')
    done = lsqm("compare", *names, cwd=tmp_path)
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
