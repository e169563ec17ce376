"""How many workers there are, and in which order they take what is to be run."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_lsqm.models import IndexEntry
from pytest_lsqm.plugin import workers
from pytest_lsqm.plugin.items import ArchitectureItem

GIB = 2**30


class Item(ArchitectureItem):
    """One that needs no session of pytest's."""

    nodeid = ""


def item(nodeid: str, seconds: float | None, **entry: Any) -> Any:
    """Make the test of an architecture that took so long at its last time, as far as an order wants to know it."""
    made: Any = object.__new__(Item)
    made.nodeid = nodeid
    made.lsqm = SimpleNamespace(limits={"lambda": "there is no Docker"})
    made.entry = IndexEntry(
        source_url="https://example.com/a",
        source_type="github",
        discovered_at=datetime(2026, 1, 10, tzinfo=UTC),
        has_app=True,
        last_seconds=seconds,
        **entry,
    )
    return made


def ordered(**config: Any) -> list[str]:
    items = [item("a", 1.0), SimpleNamespace(nodeid="other"), item("b", 9.0), item("d", None), item("c", 9.0)]
    about: Any = SimpleNamespace(**config)
    workers.LongestFirst().pytest_collection_modifyitems(about, items)
    return [each.nodeid for each in items]


def test_a_worker_begins_with_what_has_never_run_and_then_with_what_took_longest() -> None:
    assert ordered(workerinput={}) == ["d", "other", "b", "c", "a"]
    assert ordered() == ["a", "other", "b", "d", "c"], "without workers the order is that of the names"


def test_what_is_going_to_be_skipped_comes_last() -> None:
    items = [item("a", None, services=("lambda",)), item("b", None, skipped=True), item("c", 1.0), item("d", None)]
    about: Any = SimpleNamespace(workerinput={})
    workers.LongestFirst().pytest_collection_modifyitems(about, items)
    assert [each.nodeid for each in items] == ["d", "c", "a", "b"]


def test_no_worker_has_two_long_ones_in_the_pair_that_xdist_gives_it_at_first() -> None:
    assert workers.dealt_in_pairs("abcdefg", 2) == ["a", "g", "b", "f", "c", "d", "e"]
    assert workers.dealt_in_pairs("abcd", 2) == ["a", "d", "b", "c"]
    assert workers.dealt_in_pairs("abc", 2) == ["a", "b", "c"]
    assert ordered(workerinput={"workercount": 2}) == ["d", "other", "a", "b", "c"]


def test_xdist_begins_with_pairs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.parametrize("number", range(12))
        def test_it(number, worker_id):
            print(f"{worker_id} ran {number}")
        """
    )
    said = pytester.runpytest_subprocess("-n", "2", "--maxschedchunk", "1", "-rP", "-p", "no:lsqm").stdout.str()
    ran = dict(line.split(" ran ")[::-1] for line in said.splitlines() if " ran " in line)
    assert ran["0"] == ran["1"] != ran["2"] == ran["3"]


@pytest.mark.parametrize(
    ("cores", "memory", "fit"),
    [(2, 24 * GIB, 2), (16, 3 * GIB, 4), (16, None, 16), (4, GIB // 4, 1)],
    ids=["cores decide", "memory decides", "memory is not known", "one at least"],
)
def test_a_machine_has_as_many_workers_as_cores_and_memory_bear(cores: int, memory: int | None, fit: int) -> None:
    assert workers.fitting(cores, memory) == fit
