"""The whole corpus: no verdict hangs on an architecture's place, its company, or what is kept warm.

Half an hour and more, so it runs where it is asked for alone: `pytest -m whole`.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from benchmarks import same
from benchmarks.orders import differences, in_all_orders, tell
from pytest_lsqm.corpus import Store
from pytest_lsqm.validation.bench import Bench

pytestmark = pytest.mark.whole

WORKERS = 8
"""Most of the corpus's time is waiting: as many as the cores would take three times as long."""

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The corpus without its runs, to write into."""
    return Path(shutil.copytree(CORPUS, tmp_path / "corpus", ignore=shutil.ignore_patterns("runs", "trends")))


@pytest.mark.parametrize("emulator", ["localstack-host", "ministack"])
def test_three_random_orders_and_fresh_emulators_give_the_same_verdicts(corpus: Path, emulator: str) -> None:
    seeds = random.sample(range(10**6), 3)
    store = Store.open(corpus)
    bench = Bench.open(store, print)
    with bench.on(emulator, size=1) as place:
        entries = store.refresh_index().architectures
        hashes = [each for each, entry in entries.items() if place.reason_against(each, entry) is None]
    assert len(hashes) > 50
    runs = in_all_orders(bench, emulator, hashes, seeds, workers=WORKERS, tell=tell)
    assert len({tuple(results) for results in runs.values()}) == 4, "no order is another one"
    assert "\n".join(differences(runs)) == "", f"seeds {seeds}"
    passed = {result.name for results in runs.values() for result in results.values() if result.status == "PASSED"}
    assert passed, "an emulator on which all fails shows nothing"


def test_what_is_kept_warm_changes_neither_a_status_nor_an_operation(corpus: Path) -> None:
    words = ["--lsqm-emulator=localstack-host", "-n", "2"]
    cold, warm = (same.results(corpus, way, words) for way in (False, True))
    assert cold.keys() == warm.keys()
    assert len(cold) > 50
    told = [same.compare(name, cold[name], warm[name]) for name in sorted(cold)]
    assert [
        each
        for each in told
        if each["cold"] != each["warm"] or each["only_cold"] or each["only_warm"] or each["differing"]
    ] == []
