"""`--lsqm-shard`: the part of the corpus that this run is about, decided by the controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm import history
from pytest_lsqm.models import ShardFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lsqm.corpus import Store


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count` of a division whose digest is `plan`."""

    number: int
    count: int
    plan: str
    hashes: frozenset[str]

    @classmethod
    def of(cls, store: Store, hashes: Iterable[str], number: int, count: int) -> Shard:
        """Divide architectures by what they took in the runs of the store."""
        runs = (history.RunOutcomes(run, store.statuses(run.run_id)) for run in store.runs())
        parts = history.divide(set(hashes), history.durations(runs), count)
        return cls(number, count, history.plan_of(parts), frozenset(parts[number - 1]))

    def facts(self, selected: Iterable[str]) -> ShardFacts:
        """Return what the run's record says of it; `selected` is what was collected of it."""
        return ShardFacts(
            number=self.number,
            count=self.count,
            plan=self.plan,
            architectures=tuple(sorted(self.hashes.intersection(selected))),
        )
