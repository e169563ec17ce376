from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store, files
from pytest_lsqm.errors import StoreError
from tests.corpus.records import START, A, B, C, add_run, listing, result, run, run_id, snapshot, summary

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import ValidationResult

LETTER_CONFIG = {"parallel": 4, "timeout": 300, "token_budget": 500000, "dry_run": False}
LETTER_SUMMARY = {
    "total": 150, "passed": 120, "partial": 10, "failed": 15, "timeout": 3, "error": 2,
    "new_architectures": 12, "tokens_used": 125000, "duration_seconds": 7200,
}  # fmt: skip


def _folder(store: Store, number: int = 1) -> Path:
    return store.root / "runs" / run_id(number)


def test_a_run_lies_where_the_data_model_says_in_the_shape_it_says(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "ERROR"}, localstack_version="4.14.0")
    folder = _folder(store)
    assert sorted(snapshot(folder)) == [
        "config.json", "localstack_version.txt", f"results/{A}.json", f"results/{B}.json", "summary.json",
    ]  # fmt: skip
    assert (folder / "localstack_version.txt").read_text() == "4.14.0\n"
    assert LETTER_CONFIG.items() <= json.loads((folder / "config.json").read_text()).items()
    counts = summary(passed=1, error=1)
    assert counts.items() <= json.loads((folder / "summary.json").read_text()).items()
    saved = json.loads((folder / "results" / f"{A}.json").read_text())
    assert (saved["arch_hash"], saved["run_id"], saved["status"]) == (A, run_id(1), "PASSED")


def test_a_finished_run_is_read_as_it_was_written(store: Store) -> None:
    written = add_run(store, 1, {A: "PASSED", B: "TIMEOUT"}, emulator="ministack", version="1.5.33")
    assert store.run(run_id(1)) == written
    assert store.results(run_id(1)) == {A: result(A), B: result(B, "TIMEOUT")}


def test_what_the_end_of_a_run_knows_better_replaces_what_its_start_wrote(store: Store) -> None:
    store.start_run(run(1, completed_at=None, localstack_version="latest"))
    better = run(1, emulator="localstack", version="4.14.0")
    store.finish_run(better)
    assert store.run(run_id(1)) == better


def test_unknown_fields_of_config_and_summary_are_kept(store: Store) -> None:
    add_run(store, 1, {})
    for name in ("config.json", "summary.json"):
        path = _folder(store) / name
        path.write_text(json.dumps(json.loads(path.read_text()) | {"weather": "fine"}))
    store.finish_run(store.run(run_id(1)))
    for name in ("config.json", "summary.json"):
        assert json.loads((_folder(store) / name).read_text())["weather"] == "fine"


def test_a_run_is_started_only_once(store: Store) -> None:
    add_run(store, 1, {A: "PASSED"})
    before = snapshot(store.root)
    with pytest.raises(StoreError, match="started only once"):
        store.start_run(run(1))
    assert snapshot(store.root) == before


def test_a_run_without_an_end_is_not_finished(store: Store) -> None:
    store.start_run(run(1, completed_at=None))
    with pytest.raises(ValueError, match="completed_at"):
        store.finish_run(run(1, completed_at=None))


def test_a_result_needs_a_run_that_was_started(store: Store) -> None:
    with pytest.raises(StoreError, match="removed or never started"):
        store.write_result(result())
    assert not _folder(store).exists()


def test_a_rerun_replaces_its_result(store: Store) -> None:
    add_run(store, 1, {A: "FAILED"})
    store.write_result(result(A, "PASSED"))
    assert store.results(run_id(1))[A].status == "PASSED"


def test_a_torn_result_is_not_replaced(store: Store) -> None:
    add_run(store, 1, {A: "FAILED"})
    path = _folder(store) / "results" / f"{A}.json"
    path.write_text("{")
    with pytest.raises(StoreError, match=f"{A}.json is torn"):
        store.write_result(result(A, "PASSED"))
    assert path.read_text() == "{"


@pytest.mark.parametrize("name", ["config.json", "summary.json"])
def test_a_run_with_a_broken_file_is_not_finished_over_it(store: Store, name: str) -> None:
    store.start_run(run(1, completed_at=None))
    (_folder(store) / name).write_text("{")
    before = snapshot(store.root)
    with pytest.raises(StoreError, match=f"{name} is torn"):
        store.finish_run(run(1))
    assert snapshot(store.root) == before


def _with_output(value: object) -> ValidationResult:
    apply = {"success": True, "resources_created": 1, "outputs": {"odd": value}, "logs": ""}
    return result(terraform_apply=apply)


def test_text_that_is_no_unicode_is_read_as_it_was_written(store: Store) -> None:
    store.start_run(run(1, completed_at=None))
    store.write_result(_with_output("a\udc80b\\udc80 ü"))
    assert store.results(run_id(1))[A] == _with_output("a\udc80b\\udc80 ü")


def test_a_run_that_was_killed_counts_the_results_it_left(store: Store) -> None:
    store.start_run(run(1, completed_at=None))
    for arch_hash, status in ((A, "PASSED"), (B, "ERROR"), (C, "PASSED")):
        store.write_result(result(arch_hash, status))  # type: ignore[arg-type]
    found = store.run(run_id(1))
    assert found.completed_at is None
    counted = summary(passed=2, error=1) | {"duration_seconds": 15.0, "reused": 0}
    assert found.summary.model_dump(exclude={"skipped"}) == counted
    assert store.runs() == [found]
    # What it reused was obtained long before it: that is not how long it ran.
    reused = {"run_id": run_id(7), "at": START + timedelta(days=1, minutes=11)}
    store.write_result(result(A, started_at=START - timedelta(days=9), completed_at=START, reused=reused))
    recounted = store.run(run_id(1)).summary
    assert (recounted.duration_seconds, recounted.reused) == (60.0, 1)


def test_a_run_that_was_killed_before_its_first_result_is_empty(store: Store) -> None:
    store.start_run(run(1, completed_at=None))
    assert store.run(run_id(1)) == run(1, completed_at=None)


def test_a_run_without_a_summary_counts_its_results(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "PARTIAL"})
    (_folder(store) / "summary.json").unlink()
    assert store.run(run_id(1)).summary.model_dump(include={"total", "passed", "partial"}) == {
        "total": 2,
        "passed": 1,
        "partial": 1,
    }


def _write_to_the_letter(store: Store, number: int, results: int) -> None:
    folder = _folder(store, number)
    (folder / "results").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(LETTER_CONFIG))
    (folder / "localstack_version.txt").write_text("4.0.3")
    (folder / "summary.json").write_text(json.dumps(LETTER_SUMMARY))
    for position in range(results):
        data = files.dump(result(f"{position:016x}", "PASSED", number))
        for addition in ("schema_version", "services", "name", "stages", "modifications", "versions"):
            del data[addition]
        (folder / "results" / f"{position:016x}.json").write_text(json.dumps(data))


def test_a_run_that_has_no_addition_of_ours_is_read(store: Store) -> None:
    _write_to_the_letter(store, 3, results=150)
    found = store.run(run_id(3))
    assert found.started_at == START + timedelta(days=3, minutes=10)
    assert found.localstack_version == "4.0.3"
    assert found.emulator_kind == "localstack"
    assert LETTER_SUMMARY.items() <= found.summary.model_dump().items()
    assert len(store.statuses(run_id(3))) == 150


def test_a_run_with_no_trace_of_its_start_is_foreign(store: Store) -> None:
    _write_to_the_letter(store, 3, results=0)
    with pytest.raises(StoreError, match="started_at: it is absent"):
        store.run(run_id(3))


def test_runs_are_ordered_by_their_own_start_and_not_by_file_times(store: Store) -> None:
    for number in (2, 3, 1):
        add_run(store, number, {})
    for number, seconds in ((1, 3000), (2, 1000), (3, 2000)):
        for path in [_folder(store, number), *_folder(store, number).iterdir()]:
            os.utime(path, (seconds, seconds))
    assert [found.run_id for found in store.runs()] == [run_id(1), run_id(2), run_id(3)]


def test_a_list_of_finished_runs_opens_no_result(store: Store) -> None:
    add_run(store, 1, {A: "PASSED"})
    (_folder(store) / "results" / f"{A}.json").write_text("{")
    assert [found.run_id for found in store.runs()] == [run_id(1)]
    assert store.problems == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", ""),
        ("config.json", "{}"),
        ("config.json", '{"schema_version": 2}'),
        ("config.json", json.dumps(LETTER_CONFIG | {"run_id": run_id(9)})),
        ("summary.json", "{"),
        ("summary.json", json.dumps(LETTER_SUMMARY | {"total": 1})),
        ("summary.json", json.dumps(LETTER_SUMMARY | {"completed_at": "2020-01-01T00:00:00Z"})),
        ("localstack_version.txt", ""),
    ],
)
def test_a_broken_run_is_reported_and_left_alone(store: Store, name: str, content: str) -> None:
    add_run(store, 1, {A: "PASSED"})
    add_run(store, 2, {A: "PASSED"})
    (_folder(store) / name).write_text(content)
    before = snapshot(_folder(store))
    assert [found.run_id for found in store.runs()] == [run_id(2)]
    assert len(store.problems) == 1
    assert str(_folder(store)) in store.problems[0]
    assert store.retain(1) == []
    assert snapshot(_folder(store)) == before


def test_an_empty_folder_and_a_folder_with_another_name_are_no_runs(store: Store) -> None:
    _folder(store, 1).mkdir()
    (store.root / "runs" / "notes").mkdir()
    (store.root / "runs" / ".hidden").mkdir()
    (store.root / "runs" / "README.md").write_text("")
    assert store.runs() == []
    assert len(store.problems) == 2
    assert store.refresh_index().count == 0


@pytest.mark.parametrize("name", ["..", "../x", "", "notes", "{550e8400-e29b-41d4-a716-446655440000}"])
def test_a_name_that_is_no_run_id_leads_nowhere(store: Store, name: str) -> None:
    for ask in (store.run, store.results, store.statuses):
        with pytest.raises(StoreError, match="is no run id"):
            ask(name)


def test_a_run_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(StoreError, match=f"has no run {run_id(1)}"):
        store.run(run_id(1))


def test_broken_results_are_reported_and_left_out(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "FAILED", C: "PARTIAL"})
    folder = _folder(store) / "results"
    (folder / f"{A}.json").write_text("{")
    (folder / f"{B}.json").rename(folder / f"{'d' * 16}.json")
    (folder / f".{B}.json.0011.lsqm-tmp").write_text("{")
    for found in (store.results(run_id(1)), store.statuses(run_id(1))):
        assert list(found) == [C]
    assert len(store.problems) == 2


def test_a_result_of_a_newer_release_is_reported_and_left_out(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "PASSED"})
    path = _folder(store) / "results" / f"{A}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 2}))
    for found in (store.results(run_id(1)), store.statuses(run_id(1))):
        assert list(found) == [B]
    (problem,) = store.problems
    assert f"{path} was written by a newer pytest-lsqm" in problem


def test_statuses_are_what_the_results_say(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "FAILED"})
    found = store.statuses(run_id(1))
    assert {name: (verdict.status, verdict.services, verdict.name) for name, verdict in found.items()} == {
        A: ("PASSED", ("s3", "sqs"), "arch-a"),
        B: ("FAILED", ("s3", "sqs"), "arch-b"),
    }


def test_the_oldest_runs_beyond_those_kept_are_removed(store: Store) -> None:
    for number in (4, 1, 3, 2):
        add_run(store, number, {A: "PASSED"})
    assert store.retain(2, current=run_id(4)) == [run_id(1), run_id(2)]
    assert [found.run_id for found in store.runs()] == [run_id(3), run_id(4)]
    assert store.retain(2) == []
    assert listing(store.root / "runs") == [run_id(3), run_id(4)]


def test_fifty_two_runs_are_kept_by_default(store: Store) -> None:
    for number in range(1, 54):
        add_run(store, number, {})
    assert store.retain() == [run_id(1)]
    assert len(store.runs()) == 52


def test_the_current_run_is_never_removed(store: Store) -> None:
    for number in (1, 2, 3):
        add_run(store, number, {})
    # Its clock may be wrong, so that it looks like the oldest.
    assert store.retain(1, current=run_id(1)) == [run_id(2)]
    assert [found.run_id for found in store.runs()] == [run_id(1), run_id(3)]


def test_what_is_linked_into_the_runs_is_not_removed(store: Store, tmp_path: Path) -> None:
    add_run(store, 1, {A: "PASSED"})
    shutil.move(_folder(store), tmp_path / "elsewhere")
    _folder(store).symlink_to(tmp_path / "elsewhere")
    add_run(store, 2, {})
    assert store.retain(1) == []
    assert (tmp_path / "elsewhere" / "config.json").exists()
