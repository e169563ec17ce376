"""Several processes do what they like with one store: it stays sound, and what was written is there."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lsqm.corpus import Store
from pytest_lsqm.corpus.files import TEMPORARY
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import STATUSES, ArchitectureTrends, Regression
from tests.corpus import records

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = 3
HASHES = [letter * 16 for letter in "abc"]
NUMBERS = st.integers(1, 4)

Step = tuple[Any, ...]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("start"), NUMBERS),
    st.tuples(st.just("result"), NUMBERS, st.sampled_from(HASHES), st.sampled_from(STATUSES)),
    st.tuples(st.just("result"), NUMBERS, st.sampled_from(HASHES), st.sampled_from(STATUSES)),
    st.tuples(st.just("finish"), NUMBERS),
    st.tuples(st.just("regression"), st.sampled_from(HASHES)),
    st.tuples(st.just("architecture"), st.sampled_from(HASHES)),
    st.tuples(st.just("app"), st.sampled_from(HASHES), st.booleans()),
    st.tuples(st.just("remove app"), st.sampled_from(HASHES)),
    st.tuples(st.just("index")),
    st.tuples(st.just("clear")),
    st.tuples(st.just("retain"), st.integers(1, 3)),
)


def do(store: Store, step: Step, source: Path) -> None:
    match step:
        case ("start", number):
            store.start_run(records.run(number))
        case ("result", number, arch_hash, status):
            store.write_result(records.result(arch_hash, status, number))
        case ("finish", number):
            store.finish_run(records.run(number))
        case ("regression", arch_hash):
            found = Regression(
                arch_hash=arch_hash,
                from_run_id=records.run_id(1),
                to_run_id=records.run_id(2),
                from_status="PASSED",
                to_status="FAILED",
                detected_at=records.START,
                services_affected=("s3",),
            )
            trends = ArchitectureTrends(last_updated=records.START, architectures={})
            store.write_trends([], trends, [found])
        case ("architecture", arch_hash):
            store.add_architecture(records.architecture(arch_hash), {"main.tf": source})
        case ("app", arch_hash, replace):
            store.add_app(records.app(arch_hash), replace=replace)
        case ("remove app", arch_hash):
            store.remove_app(arch_hash)
        case ("index",):
            store.refresh_index()
        case ("clear",):
            store.remove_leftovers()
        case ("retain", keep):
            store.retain(keep)


def work(root: Path, steps: list[Step], source: Path) -> list[Step]:
    """Do the steps, and return those that the store took; what it refuses is a sentence of its own."""
    store, done = Store.open(root), []
    for step in steps:
        try:
            do(store, step, source)
        except StoreError as error:
            assert str(root) in str(error)
        else:
            done.append(step)
    assert store.problems == ()
    return done


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@settings(max_examples=25)
@given(plans=st.lists(st.lists(STEPS, min_size=1, max_size=8), min_size=PROCESSES, max_size=PROCESSES))
def test_a_store_stays_sound_whatever_several_processes_do(
    processes: ProcessPoolExecutor, plans: list[list[Step]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, source = Path(folder, "store"), Path(folder, "main.tf")
        source.write_text('resource "aws_sqs_queue" "q" {}\n')
        Store.create(root)
        done = [
            step
            for steps in processes.map(work, [root] * PROCESSES, plans, [source] * PROCESSES)
            for step in steps
        ]
        _is_sound(Store.open(root))
        _has_what_was_written(Store.open(root), done)
        assert [path.name for path in root.rglob(f"*{TEMPORARY}")] == []


def _is_sound(store: Store) -> None:
    hashes = [each.hash for each in store.architectures()]
    for arch_hash in hashes:
        assert (store.terraform_folder(arch_hash) / "main.tf").is_file()
        app = store.app(arch_hash)
        assert app is None or app.arch_hash == arch_hash
    for run in store.runs():
        store.results(run.run_id)
    index = store.refresh_index()
    assert sorted(index.architectures) == sorted(hashes)
    for arch_hash, entry in index.architectures.items():
        assert entry.has_app == store.has_app(arch_hash)
    keys = [(each.arch_hash, each.from_run_id, each.to_run_id) for each in store.regressions()]
    assert len(set(keys)) == len(keys)
    assert store.problems == ()


def _has_what_was_written(store: Store, done: list[Step]) -> None:
    """Compare with what the processes say: who came last of several is not known, that one of them did is."""
    removed = any(step[0] == "retain" for step in done)
    told: dict[tuple[int, str], set[str]] = defaultdict(set)
    for step in done:
        if step[0] == "result":
            told[step[1], step[2]].add(step[3])
        elif step[0] == "architecture":
            assert store.architecture(step[1]).hash == step[1]
        elif step[0] == "regression":
            assert step[1] in {each.arch_hash for each in store.regressions()}
    if removed:
        return
    for (number, arch_hash), statuses in told.items():
        assert store.results(records.run_id(number))[arch_hash].status in statuses
    starts = [step[1] for step in done if step[0] == "start"]
    assert len(set(starts)) == len(starts)
    assert {run.run_id for run in store.runs()} == {records.run_id(number) for number in starts}
