"""A run as the store remembers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import UsageError
from pytest_lsqm.reporting import recalling
from pytest_lsqm.reporting.recalling import Difference, recall
from tests.corpus import records
from tests.corpus.records import A, B, C

if TYPE_CHECKING:
    from pathlib import Path

LOCALSTACK = {"parallel": 1, "timeout": 300, "token_budget": 0, "dry_run": False}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "corpus")
    for key in (A, B, C):
        records.add_architecture(made, key)
    return made


def test_each_architecture_is_compared_with_its_own_latest_earlier_result(store: Store) -> None:
    records.add_run(store, 1, {A: "FAILED", B: "PASSED"})
    records.add_run(store, 2, {B: "FAILED"})
    run = records.add_run(store, 3, {A: "PASSED", B: "PARTIAL", C: "PASSED"})
    records.add_run(store, 4, {A: "FAILED", B: "PASSED"})  # later: of no concern
    found = recall(store, run)
    assert [(fixed.arch_hash, before) for fixed, before in found.report.fixes] == [(A, "FAILED"), (B, "FAILED")]
    assert found.report.compared_with == f"{records.run_id(1)}, {records.run_id(2)}"
    assert [each.status for each in found.histories[B].history] == ["PARTIAL", "FAILED", "PASSED"]
    assert [other.run_id for other in found.runs] == [records.run_id(number) for number in (1, 2, 3)]


def test_a_verdict_that_changed_is_told_also_where_it_is_no_regression_and_no_fix(store: Store) -> None:
    records.add_run(store, 1, {A: "PASSED", B: "FAILED", C: "PASSED"})
    run = records.add_run(store, 2, {A: "PARTIAL", B: "TIMEOUT", C: "PASSED"})
    found = recall(store, run)
    assert [(result.arch_hash, before) for result, before in found.others] == [(A, "PASSED"), (B, "FAILED")]


def test_it_is_compared_with_the_run_that_it_was_compared_with_then(store: Store) -> None:
    first = records.add_run(store, 1, {A: "FAILED"})
    records.add_run(store, 2, {A: "PASSED"})
    run = records.add_run(store, 3, {A: "PASSED"}, config={**LOCALSTACK, "baseline": first.run_id})
    assert [before for _, before in recall(store, run).report.fixes] == ["FAILED"]
    unasked = records.add_run(store, 4, {A: "PASSED"}, config={**LOCALSTACK, "baseline": "none"})
    assert recall(store, unasked).report.compared_with is None
    gone = records.add_run(store, 5, {A: "PASSED"}, config={**LOCALSTACK, "baseline": records.run_id(99)})
    assert recall(store, gone).report.compared_with is None


def test_runs_of_another_emulator_are_no_past_of_it(store: Store) -> None:
    records.add_run(store, 1, {A: "FAILED"}, config={**LOCALSTACK, "emulator": {"name": "moto", "version": "5"}})
    run = records.add_run(store, 2, {A: "PASSED"})
    found = recall(store, run)
    assert found.report.fixes == []
    assert [other.run_id for other in found.runs] == [run.run_id]


def test_what_changed_around_it_is_counted_by_part(store: Store) -> None:
    records.add_run(store, 1, {A: "PASSED", B: "PASSED"}, version="4.6.0")
    run = records.add_run(store, 2, {A: "PASSED", B: "PASSED", C: "PASSED"}, version="4.14.0")
    assert recall(store, run).differences == [Difference("emulator", "version 4.6.0", "version 4.14.0", 2)]


def test_the_chart_has_the_last_twelve_runs(store: Store) -> None:
    for number in range(1, 15):
        run = records.add_run(store, number, {A: "PASSED"})
    assert [other.run_id for other in recall(store, run).runs] == [records.run_id(n) for n in range(3, 15)]


def test_the_latest_run_is_the_latest_that_judged_something(store: Store) -> None:
    with pytest.raises(UsageError, match="has no run with a result yet: `pytest --lsqm` makes one"):
        recalling.latest(store)
    records.add_run(store, 1, {A: "PASSED"})
    records.add_run(store, 2, {})
    assert recalling.latest(store).run_id == records.run_id(1)
