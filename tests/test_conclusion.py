"""What a run is compared with, and how much of the past is read for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import conclusion
from pytest_lsqm.corpus import Store, files
from tests.corpus.records import A, B, C, add_architecture, add_run, result, run, run_id

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Status

NOW = 9


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "corpus")
    for arch_hash in (A, B, C):
        add_architecture(made, arch_hash)
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The results that were read, as `run/hash`."""
    found: list[str] = []
    really = files.read_bytes

    def noting(path: Path) -> bytes:
        if path.parent.name == "results":
            found.append(f"{path.parents[1].name}/{path.stem}")
        return really(path)

    monkeypatch.setattr(files, "read_bytes", noting)
    return found


def expected(store: Store, baseline: str = "latest") -> dict[str, Status]:
    now = run(NOW, completed_at=None, emulator="localstack")
    return conclusion.expected(now, store, store.index(), baseline)


def past(store: Store, number: int, statuses: dict[str, Status], emulator: str = "localstack") -> None:
    add_run(store, number, statuses, emulator=emulator)


def test_no_more_of_the_past_is_read_than_holds_the_last_result_of_each(store: Store, read: list[str]) -> None:
    for number in (1, 2, 3, 4):
        past(store, number, {A: "PASSED", B: "FAILED"})
    store.refresh_index()
    read.clear()
    assert expected(store) == {A: "PASSED"}
    assert sorted(read) == [f"{run_id(4)}/{A}", f"{run_id(4)}/{B}"]


def test_a_run_of_a_subset_hides_nothing_of_the_runs_before_it(store: Store) -> None:
    past(store, 1, {A: "PASSED", B: "PARTIAL"})
    past(store, 2, {A: "FAILED"})
    store.refresh_index()
    assert expected(store) == {B: "PARTIAL"}


def test_runs_of_another_emulator_or_a_later_time_stand_for_nothing(store: Store) -> None:
    past(store, 1, {A: "PASSED"})
    past(store, 2, {A: "FAILED"}, emulator="moto")
    past(store, NOW + 1, {A: "FAILED"})
    store.refresh_index()
    assert expected(store) == {A: "PASSED"}


def test_a_run_that_is_named_is_read_alone(store: Store, read: list[str]) -> None:
    past(store, 1, {A: "FAILED"})
    past(store, 2, {A: "PASSED"})
    past(store, 3, {A: "FAILED"})
    store.refresh_index()
    read.clear()
    assert expected(store, run_id(2)) == {A: "PASSED"}
    assert read == [f"{run_id(2)}/{A}"]
    assert expected(store, "none") == {}


def test_at_the_end_each_earlier_result_is_read_once_and_those_of_the_run_not_at_all(
    store: Store, read: list[str]
) -> None:
    for number in (1, 2, 3):
        past(store, number, {A: "PASSED", B: "PASSED"})
    now = run(NOW, completed_at=None, emulator="localstack")
    store.start_run(now)
    results = {key: result(key, "FAILED", NOW) for key in (A, B)}
    for each in results.values():
        store.write_result(each)
    index = store.refresh_index()
    read.clear()
    outcome = conclusion.conclude(run(NOW, emulator="localstack"), results, store, index, "latest")
    assert sorted(read) == sorted(f"{run_id(number)}/{key}" for number in (1, 2, 3) for key in (A, B))
    assert {(each.arch_hash, each.from_run_id) for each in outcome.report.regressions} == {
        (A, run_id(3)),
        (B, run_id(3)),
    }
    assert [entry.run_id for entry in outcome.trends.architectures[A].history] == [
        run_id(number) for number in (NOW, 3, 2, 1)
    ]
