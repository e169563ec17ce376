"""`lsqm merge`: what it takes and what it refuses; tests/plugin/test_sharding.py has real runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import ShardFacts
from pytest_lsqm.reporting import document
from pytest_lsqm.reporting.document import RunReport
from tests.cli.test_commands import lsqm
from tests.corpus.records import A, B, C, add_architecture, add_run, result, run, summary

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Run, Status


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "corpus")
    add_architecture(made, A)
    add_architecture(made, B)
    add_run(made, 1, {A: "PASSED", B: "FAILED"}, emulator="moto")
    return made


def shard(number: int, status: Status, arch_hash: str) -> Run:
    made = run(number + 5, emulator="moto", summary=summary(**{status.lower(): 1}))
    facts = ShardFacts(number=number, count=2, plan="p", architectures=(arch_hash,))
    return made.model_copy(update={"config": made.config.model_copy(update={"shard": facts})})


def written(path: Path, number: int, status: Status, arch_hash: str) -> Path:
    made = shard(number, status, arch_hash)
    report = RunReport(made, [result(arch_hash, status, number + 5)], (), ())
    path.write_text(json.dumps(document.as_json(report)))
    return path


@pytest.fixture
def documents(tmp_path: Path) -> list[Path]:
    return [written(tmp_path / "1.json", 1, "FAILED", A), written(tmp_path / "2.json", 2, "PASSED", B)]


@pytest.mark.parametrize(("fail_on", "code"), [("any", 1), ("regression", 1), ("never", 0)])
def test_the_merged_run_decides_the_exit_code(
    store: Store, documents: list[Path], tmp_path: Path, fail_on: str, code: int
) -> None:
    done = lsqm("merge", *documents, "--fail-on", fail_on, "--output", "run.json", cwd=tmp_path)
    assert done.returncode == code, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("REGRESSION arch-a: PASSED → FAILED")
    assert lines[1] == "FIXED arch-b: FAILED → PASSED"
    merged = store.runs()[-1]
    assert (merged.summary.total, merged.summary.passed, merged.completed_at is not None) == (2, 1, True)
    assert document.read(tmp_path / "run.json")[0] == merged
    assert {each.to_run_id for each in store.regressions()} == {merged.run_id}


def test_the_baseline_may_be_named(store: Store, documents: list[Path], tmp_path: Path) -> None:
    done = lsqm("merge", *documents, "--baseline", "none", "--fail-on", "regression", cwd=tmp_path)
    assert (done.returncode, "REGRESSION" in done.stdout) == (0, False)


def test_in_github_actions_the_merge_writes_summary_and_annotations(
    store: Store, documents: list[Path], tmp_path: Path
) -> None:
    step = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = lsqm("merge", *documents, cwd=tmp_path, **step)
    assert "::error title=regression%3A arch-a::PASSED → FAILED" in done.stdout
    assert "1 of 2 passed" in (tmp_path / "summary.md").read_text()


def test_the_last_runs_of_a_store_are_taken_of_one_division(store: Store, tmp_path: Path) -> None:
    other = Store.create(tmp_path / "other")
    for number, status, arch_hash in ((1, "PASSED", A), (2, "PASSED", B)):
        made = shard(number, status, arch_hash)  # type: ignore[arg-type]
        other.start_run(made.model_copy(update={"completed_at": None}))
        other.write_result(result(arch_hash, status, number + 5))  # type: ignore[arg-type]
        other.finish_run(made)
    done = lsqm("merge", other.root, cwd=tmp_path)
    assert (done.returncode, store.runs()[-1].summary.passed) == (0, 2), done.stderr


@pytest.mark.parametrize(
    ("sources", "sentence"),
    [
        (["1.json"], "shard 2 of 2 is missing"),
        (["corpus"], "is the store that is merged into"),
        (["nowhere"], "is neither a store nor a document of --lsqm-json"),
        (["empty"], "has no run with --lsqm-shard"),
        (["1.json", "strange.json"], f"has no architecture {C}"),
    ],
)
def test_what_cannot_be_merged_is_refused_and_leaves_the_store_alone(
    store: Store, documents: list[Path], tmp_path: Path, sources: list[str], sentence: str
) -> None:
    Store.create(tmp_path / "empty")
    written(tmp_path / "strange.json", 2, "PASSED", C)
    done = lsqm("merge", *sources, cwd=tmp_path)
    assert (done.returncode, sentence in done.stderr) == (4, True), done.stderr
    assert len(store.runs()) == 1
