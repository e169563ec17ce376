from __future__ import annotations

import json
import os
import shutil
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store, files
from pytest_lsqm.errors import StoreError
from tests.corpus.records import START, A, B, C, add_architecture, add_run, app, architecture, result, run_id

if TYPE_CHECKING:
    from pathlib import Path


def _path(store: Store) -> Path:
    return store.root / "architectures" / "index.json"


def test_the_index_has_the_shape_of_the_data_model(store: Store) -> None:
    add_architecture(store, A)
    store.add_app(app(A))
    add_run(store, 1, {A: "PASSED"})
    store.refresh_index()
    data = json.loads(_path(store).read_text())
    assert set(data) == {"version", "last_updated", "count", "architectures"}
    assert (data["version"], data["count"]) == (1, 1)
    entry = data["architectures"][A]
    wanted = {
        "source_url": f"https://example.com/{A}",
        "source_type": "github",
        "discovered_at": "2026-01-10T03:00:00Z",
        "has_app": True,
        "last_validated": "2026-01-11T03:10:15Z",
        "last_status": "PASSED",
    }
    assert wanted.items() <= entry.items()


def test_an_index_that_is_up_to_date_is_not_written_again(store: Store) -> None:
    add_architecture(store, A)
    first = store.refresh_index()
    written = _path(store).stat().st_mtime_ns, _path(store).stat().st_ino
    assert store.refresh_index() == first
    assert (_path(store).stat().st_mtime_ns, _path(store).stat().st_ino) == written


def test_reading_the_index_opens_no_architecture(store: Store) -> None:
    add_architecture(store, A)
    store.refresh_index()
    (store.terraform_folder(A) / "metadata.json").write_text("{")
    assert list(store.index().architectures) == [A]
    assert store.problems == ()


def test_an_index_that_is_absent_is_named_when_it_is_read(store: Store) -> None:
    with pytest.raises(StoreError, match=r"index.json cannot be read"):
        store.index()


def test_what_comes_and_goes_is_seen(store: Store) -> None:
    assert store.refresh_index().count == 0
    add_architecture(store, A)
    add_architecture(store, B)
    assert list(store.refresh_index().architectures) == [A, B]
    shutil.rmtree(store.terraform_folder(A))
    assert list(store.refresh_index().architectures) == [B]
    assert store.index().count == 1


def test_an_app_that_comes_or_goes_is_seen(store: Store) -> None:
    add_architecture(store, A)
    assert not store.refresh_index().architectures[A].has_app
    store.add_app(app(A))
    assert store.refresh_index().architectures[A].has_app
    shutil.rmtree(store.app_folder(A))
    assert not store.refresh_index().architectures[A].has_app


@pytest.mark.parametrize("way", ["in place", "replaced", "with an old time"])
def test_changed_metadata_are_seen_whatever_their_file_time(store: Store, way: str) -> None:
    add_architecture(store, A, name="first")
    add_architecture(store, B, name="other")
    store.refresh_index()
    path = store.terraform_folder(A) / "metadata.json"
    text = path.read_text().replace("first", "later")
    time.sleep(0.02)  # longer than the kernel's clock tick, which is what a change time is taken from
    if way == "replaced":
        path.unlink()
    path.write_text(text)
    if way == "with an old time":
        os.utime(path, (0, 0))
    entries = store.refresh_index().architectures
    assert (entries[A].name, entries[B].name) == ("later", "other")


def test_an_index_that_somebody_replaced_is_not_believed(store: Store) -> None:
    add_architecture(store, A, name="right")
    add_run(store, 1, {A: "PASSED"})
    before = store.refresh_index().architectures
    _path(store).write_text(_path(store).read_text().replace("right", "wrong"))
    assert store.refresh_index().architectures == before


def test_one_broken_metadata_file_is_reported_each_time_and_left_out(store: Store) -> None:
    for name in (A, B):
        add_architecture(store, name)
    store.refresh_index()
    path = store.terraform_folder(A) / "metadata.json"
    path.write_text("{")
    for _ in range(2):
        fresh = Store.open(store.root)
        assert list(fresh.refresh_index().architectures) == [B]
        assert len(fresh.problems) == 1
        assert fresh.problems[0].startswith(f"{path} is torn")
    assert path.read_text() == "{"


def test_metadata_that_are_repaired_come_back_with_their_last_status(store: Store) -> None:
    add_architecture(store, A)
    add_run(store, 1, {A: "PASSED"})
    add_run(store, 2, {A: "FAILED"})
    good = store.refresh_index()
    path = store.terraform_folder(A) / "metadata.json"
    text = path.read_text()
    path.write_text("{")
    assert store.refresh_index().count == 0
    path.write_text(text)
    assert store.refresh_index().architectures == good.architectures


def test_an_app_without_an_architecture_is_reported(store: Store) -> None:
    add_architecture(store, A)
    store.add_app(app(A))
    shutil.rmtree(store.terraform_folder(A))
    store.refresh_index()
    assert [problem.split(" is ")[0] for problem in store.problems] == [str(store.app_folder(A))]


def test_a_torn_index_is_named_and_left_alone(store: Store) -> None:
    add_architecture(store, A)
    _path(store).write_text("<<<<<<< HEAD\n")
    for ask in (store.index, store.refresh_index, lambda: store.update_index([result()])):
        with pytest.raises(StoreError, match=r"index.json is torn"):
            ask()
    assert _path(store).read_text() == "<<<<<<< HEAD\n"


def test_an_index_of_a_newer_release_is_named_and_left_alone(store: Store) -> None:
    _path(store).write_text('{"version": 2}')
    with pytest.raises(StoreError, match="written by a newer pytest-lsqm"):
        store.refresh_index()
    assert _path(store).read_text() == '{"version": 2}'


def test_the_results_of_a_run_are_entered(store: Store) -> None:
    for name in (A, B, C):
        add_architecture(store, name)
    store.refresh_index()
    add_run(store, 1, {A: "PASSED", B: "ERROR"})
    entries = store.update_index([result(A, "PASSED", 1), result(B, "ERROR", 1)]).architectures
    assert [entries[name].last_status for name in (A, B, C)] == ["PASSED", "ERROR", None]
    assert entries[A].last_validated == START + timedelta(days=1, minutes=10, seconds=15)
    assert store.index().architectures == entries
    written = _path(store).stat().st_mtime_ns, _path(store).stat().st_ino
    assert store.refresh_index().architectures == entries
    assert (_path(store).stat().st_mtime_ns, _path(store).stat().st_ino) == written


def test_an_older_result_never_replaces_a_newer_one(store: Store) -> None:
    add_architecture(store, A)
    store.update_index([result(A, "PASSED", 5)])
    store.update_index([result(A, "FAILED", 4)])
    assert store.index().architectures[A].last_status == "PASSED"


def test_a_reused_result_is_the_last_one_and_took_what_it_took_then(store: Store) -> None:
    add_architecture(store, A)
    add_run(store, 1, {A: "PASSED"})
    add_run(store, 2, {A: "FAILED"})
    add_run(store, 3, {})
    at = START + timedelta(days=3)
    store.write_result(result(A, "PASSED", 1, run_id=run_id(3), reused={"run_id": run_id(1), "at": at}))
    for index in (store.refresh_index(), store.rebuild_index()):
        entry = index.architectures[A]
        assert (entry.last_status, entry.last_validated, entry.last_seconds) == ("PASSED", at, 15.0)


def test_results_already_in_memory_are_not_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_architecture(store, A)
    store.refresh_index()
    add_run(store, 1, {A: "PASSED"})
    opened = _record_reads(monkeypatch)
    store.update_index([result(A, "PASSED", 1)])
    store.refresh_index()
    assert not [path for path in opened if "/results/" in path]


def test_the_results_of_a_killed_run_are_found_by_the_next_refresh(store: Store) -> None:
    add_architecture(store, A)
    add_architecture(store, B)
    store.refresh_index()
    add_run(store, 1, {A: "FAILED"})
    assert store.refresh_index().architectures[A].last_status == "FAILED"
    store.write_result(result(B, "PASSED", 1))
    assert store.refresh_index().architectures[B].last_status == "PASSED"


def test_a_last_status_outlives_its_run(store: Store) -> None:
    add_architecture(store, A)
    add_run(store, 1, {A: "FAILED"})
    before = store.refresh_index().architectures
    shutil.rmtree(store.root / "runs" / run_id(1))
    assert store.refresh_index().architectures == before


def test_an_index_that_was_deleted_is_built_again_from_metadata_and_runs(store: Store) -> None:
    for name in (A, B):
        add_architecture(store, name)
    add_run(store, 2, {A: "FAILED"})
    add_run(store, 1, {A: "PASSED", B: "PARTIAL"})
    before = store.refresh_index().architectures
    _path(store).unlink()
    assert store.refresh_index().architectures == before
    assert [before[name].last_status for name in (A, B)] == ["FAILED", "PARTIAL"]


def test_a_clone_reads_no_results_that_its_index_knows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_architecture(store, A)
    add_run(store, 1, {A: "PASSED"})
    before = store.refresh_index()
    (store.root / ".index-check").unlink()
    opened = _record_reads(monkeypatch)
    assert store.refresh_index() == before
    assert any(path.endswith("metadata.json") for path in opened)
    assert not [path for path in opened if "/results/" in path]


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"index": 1, "architectures": 2, "runs": 3}', '{"index": null}']
)
def test_a_broken_check_only_costs_time(store: Store, content: str) -> None:
    add_architecture(store, A)
    before = store.refresh_index()
    (store.root / ".index-check").write_text(content)
    assert store.refresh_index() == before
    assert json.loads((store.root / ".index-check").read_text())["architectures"].keys() == {A}


def test_a_store_that_cannot_be_written_can_be_read_when_its_index_is_right(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_architecture(store, A)
    before = store.refresh_index()
    (store.root / ".index-check").unlink()

    def refuse(path: Path, *_: object) -> None:
        files.refuse_write(path, OSError(30, "Read-only file system"))

    monkeypatch.setattr(files, "write_bytes", refuse)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert store.refresh_index() == before
    shutil.rmtree(store.terraform_folder(A))
    with pytest.raises(StoreError, match=r"index.json cannot be written: Read-only file system"):
        store.refresh_index()


def test_fields_of_other_tools_in_the_index_are_kept(store: Store) -> None:
    add_architecture(store, A)
    store.refresh_index()
    data = json.loads(_path(store).read_text())
    data["curator"] = "me"
    data["architectures"][A]["stars"] = 7
    _path(store).write_text(json.dumps(data))
    add_architecture(store, B)
    index = store.refresh_index()
    assert index.model_extra == {"curator": "me"}
    assert index.architectures[A].model_extra == {"stars": 7}


def test_ten_thousand_architectures_are_checked_in_under_a_second_and_none_is_opened(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(files.dump(architecture("0" * 16)))
    for number in range(10_000):
        name = f"{number:016x}"
        folder = store.root / "architectures" / name
        folder.mkdir()
        (folder / "metadata.json").write_text(text.replace("0" * 16, name))
    assert store.refresh_index().count == 10_000
    opened = _record_reads(monkeypatch)
    before = time.process_time()  # of this process alone: the machine may have other work
    assert store.refresh_index().count == 10_000
    assert time.process_time() - before < 1
    assert opened == [str(_path(store))]


def _record_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    opened: list[str] = []
    real = files.read_bytes

    def read_bytes(path: Path) -> bytes:
        opened.append(str(path))
        return real(path)

    monkeypatch.setattr(files, "read_bytes", read_bytes)
    return opened
