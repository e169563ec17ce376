"""Whether the order changes a verdict: architectures in random orders on shared emulators, and on fresh ones.

Exit code 1 where any verdict differs; with `--seeds` the orders of an earlier run are repeated.

Example: python benchmarks/orders.py --emulator localstack-host --architectures 10
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parent.parent))

from pytest_lsqm.corpus import Store
from pytest_lsqm.validation.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_lsqm.models import ValidationResult

    Results = dict[str, ValidationResult]
    """By the architecture's hash."""

ORDERS = 3
FRESH = "fresh"


def run(bench: Bench, label: str, hashes: Sequence[str], *, workers: int, fresh: bool = False) -> Results:
    """Run architectures in this order, all on emulators that are shared, or each on a `fresh` one."""
    run_id = str(uuid4())
    with bench.on(label, size=workers) as place, ThreadPoolExecutor(workers) as threads:
        validate = lambda arch_hash: place.validate(arch_hash, run_id, fresh=fresh)  # noqa: E731
        return dict(zip(hashes, threads.map(validate, hashes), strict=True))


def in_all_orders(
    bench: Bench,
    label: str,
    hashes: Sequence[str],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    tell: Callable[[str, Results], None] = lambda order, results: None,
) -> dict[str, Results]:
    """Run architectures in a random order for each seed, and on fresh emulators; return the results of each."""
    runs = {}
    for seed in seeds:
        order = sorted(hashes)
        random.Random(seed).shuffle(order)
        runs[f"seed {seed}"] = run(bench, label, order, workers=workers)
        tell(f"seed {seed}", runs[f"seed {seed}"])
    runs[FRESH] = run(bench, label, sorted(hashes), workers=workers, fresh=True)
    tell(FRESH, runs[FRESH])
    return runs


def differences(runs: Mapping[str, Results]) -> Iterator[str]:
    """Name each architecture whose verdict is not the same in all runs, with its verdicts and the reasons."""
    for arch_hash in next(iter(runs.values())):
        found = {order: results[arch_hash] for order, results in runs.items()}
        if len({result.status for result in found.values()}) > 1:
            told = ", ".join(f"{result.status} ({order})" for order, result in found.items())
            reasons = {str(result.error_message)[:200] for result in found.values() if result.error_message}
            name = found[FRESH].name or arch_hash
            yield "\n    ".join([f"DIFFERS {name} {arch_hash}: {told}", *sorted(reasons)])


def tell(order: str, results: Results) -> None:
    """Print what came of one order."""
    statuses = Counter(result.status for result in results.values())
    cleaned = [result.cleaning for result in results.values() if result.cleaning]
    left = sum(len(cleaning.leftovers) for cleaning in cleaned)
    stays = sum(len(cleaning.remains) for cleaning in cleaned)
    unchecked = sum(len(cleaning.unchecked) for cleaning in cleaned)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    print(f"{order}: {counted}; left {left}, of which {stays} stay; {unchecked} operations unchecked", flush=True)
    for result in results.values():
        for each in result.cleaning.leftovers if result.cleaning else ():
            print(
                f"    {result.name}: {each.service} {each.kind} {each.id} {each.answer or 'removed'}", flush=True
            )


def main() -> None:
    """Run the orders, print what differs, and say so by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--emulator", default="localstack-host")
    parser.add_argument("--architectures", type=int, help="only that many, taken at random by the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[random.randrange(10**6) for _ in range(ORDERS)])
    asked = parser.parse_args()
    store = Store.open(asked.corpus)
    bench = Bench.open(store, print)
    with bench.on(asked.emulator, size=1) as place:
        entries = store.refresh_index().architectures
        hashes = sorted(each for each, entry in entries.items() if place.reason_against(each, entry) is None)
    if asked.architectures:
        hashes = random.Random(asked.seeds[0]).sample(hashes, min(asked.architectures, len(hashes)))
    print(
        f"{len(hashes)} architectures on {asked.emulator}; --seeds {' '.join(map(str, asked.seeds))}", flush=True
    )
    runs = in_all_orders(bench, asked.emulator, hashes, asked.seeds, workers=asked.workers, tell=tell)
    found = list(differences(runs))
    print(
        "\n".join(found) or f"{len(hashes)} architectures: the same verdicts in all orders and on fresh emulators"
    )
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
