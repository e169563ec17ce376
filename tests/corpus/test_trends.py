from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import ArchitectureTrends, Regression, ServiceTrend
from tests.corpus.records import START, A, B, add_run, run_id, snapshot

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store

ROOT = Path(__file__).parents[2]

NONE = ArchitectureTrends(last_updated=START, architectures={})


def _regression(arch_hash: str = A, before: int = 1, after: int = 2, **changes: Any) -> Regression:
    fields = {
        "arch_hash": arch_hash,
        "from_run_id": run_id(before),
        "to_run_id": run_id(after),
        "from_status": "PASSED",
        "to_status": "FAILED",
        "detected_at": START,
        "services_affected": ["s3"],
    }
    return Regression.model_validate(fields | changes)


def _service(name: str) -> ServiceTrend:
    return ServiceTrend(service_name=name, current_pass_rate=1.0, trend="stable", architecture_count=1, history=())


def _two_runs(store: Store) -> None:
    add_run(store, 1, {A: "PASSED", B: "PASSED"})
    add_run(store, 2, {A: "FAILED", B: "FAILED"})


def test_there_are_no_trends_before_the_first_run(store: Store) -> None:
    assert (store.service_trends(), store.architecture_trends(), store.regressions()) == ([], None, [])


def test_trends_are_arrays_and_an_object_as_the_data_model_says(store: Store) -> None:
    _two_runs(store)
    store.write_trends([_service("s3")], NONE, [_regression()])
    folder = store.root / "trends"
    services, regressions = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("services", "regressions")
    )
    assert [trend["service_name"] for trend in services] == ["s3"]
    assert [regression["arch_hash"] for regression in regressions] == [A]
    architectures = json.loads((folder / "architectures.json").read_text())
    assert architectures == {"version": 1, "last_updated": "2026-01-10T03:00:00Z", "architectures": {}}
    assert store.service_trends() == [_service("s3")]
    assert store.architecture_trends() == NONE
    assert store.regressions() == [_regression()]


def test_services_are_replaced_and_regressions_accumulate(store: Store) -> None:
    _two_runs(store)
    store.write_trends([_service("s3")], NONE, [_regression(A)])
    store.write_trends([_service("sqs")], NONE, [_regression(B), _regression(A)])
    assert [trend.service_name for trend in store.service_trends()] == ["sqs"]
    assert store.regressions() == [_regression(A), _regression(B)]


def test_a_regression_that_is_known_keeps_what_was_added_to_it(store: Store) -> None:
    _two_runs(store)
    store.write_trends([], NONE, [_regression()])
    noted = _regression(github_issue_url="https://github.com/localstack/localstack/issues/1")
    store.replace_regressions(noted)
    store.write_trends([], NONE, [_regression()])
    assert store.regressions() == [noted]


def test_only_a_recorded_regression_can_be_replaced(store: Store) -> None:
    _two_runs(store)
    with pytest.raises(StoreError, match=f"has no regression of {A}"):
        store.replace_regressions(_regression())


@pytest.mark.parametrize(("before", "after"), [(1, 9), (9, 2)])
def test_a_regression_of_a_run_that_does_not_exist_is_refused(store: Store, before: int, after: int) -> None:
    _two_runs(store)
    store.write_trends([_service("s3")], NONE, [])
    kept = snapshot(store.root)
    with pytest.raises(StoreError, match=f"has no run {run_id(9)}"):
        store.write_trends([], NONE, [_regression(before=before, after=after)])
    assert snapshot(store.root) == kept


def test_regressions_outlive_their_runs(store: Store) -> None:
    _two_runs(store)
    store.write_trends([], NONE, [_regression()])
    add_run(store, 3, {A: "FAILED"})
    store.retain(1)
    store.write_trends([], NONE, [_regression()])
    assert store.regressions() == [_regression()]


@pytest.mark.parametrize("name", ["services", "architectures", "regressions"])
@pytest.mark.parametrize("content", ["", "[{", "3", '[{"schema_version": 2}]', '{"version": 2}'])
def test_one_broken_file_of_trends_is_named_and_none_is_written(store: Store, name: str, content: str) -> None:
    _two_runs(store)
    store.write_trends([_service("s3")], NONE, [_regression(A)])
    path = store.root / "trends" / f"{name}.json"
    path.write_text(content)
    kept = snapshot(store.root)
    with pytest.raises(StoreError, match=f"trends/{name}.json "):
        store.write_trends([_service("sqs")], NONE, [_regression(B)])
    assert snapshot(store.root) == kept


def test_regressions_of_several_processes_are_all_kept(store: Store) -> None:
    _two_runs(store)
    script = (
        "import sys; from pathlib import Path; from pytest_lsqm.corpus import Store\n"
        "from tests.corpus.test_trends import NONE, _regression\n"
        "for i in range(10):\n"
        "    Store.open(Path(sys.argv[1])).write_trends([], NONE, [_regression(f'{sys.argv[2]}{i:015x}')])\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(store.root), digit], cwd=ROOT) for digit in "123"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(store.regressions()) == 30
