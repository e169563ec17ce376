"""How a corpus is divided among machines: by what its architectures took the last time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pytest_lsqm.history.outcomes import order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from pytest_lsqm.history.outcomes import RunOutcomes


def durations(runs: Iterable[RunOutcomes]) -> dict[str, float]:
    """Return the seconds that each architecture took when it was last run; 0 where it was skipped then.

    Runs are looked at one after the other, so they need not be there at once.
    """
    found: dict[str, tuple[tuple[datetime, str], float]] = {}
    for entry in runs:
        took = {key: (each.completed_at - each.started_at).total_seconds() for key, each in entry.outcomes.items()}
        at = order(entry.run)
        for arch_hash, seconds in {**dict.fromkeys(entry.run.summary.skipped, 0.0), **took}.items():
            if arch_hash not in found or found[arch_hash][0] < at:
                found[arch_hash] = at, seconds
    return {arch_hash: seconds for arch_hash, (_, seconds) in found.items()}


def divide(keys: Collection[str], known: Mapping[str, float], count: int) -> list[tuple[str, ...]]:
    """Divide keys into `count` parts of about equal length: the longest first, each to the part that has least.

    The same keys and durations give the same parts, whatever their order. What has no duration counts as
    the median of those that have one.
    """
    usual = _median([known[key] for key in keys if key in known])
    parts: list[list[str]] = [[] for _ in range(count)]
    loads = [0.0] * count
    for key in sorted(keys, key=lambda key: (-known.get(key, usual), key)):
        # Of equal loads the part with fewest keys, so that what takes no time is spread too.
        least = min(range(count), key=lambda number: (loads[number], len(parts[number]), number))
        parts[least].append(key)
        loads[least] += known.get(key, usual)
    return [tuple(sorted(part)) for part in parts]


def plan_of(parts: Sequence[Sequence[str]]) -> str:
    """Return a digest of a division, equal only for the same parts in the same order."""
    text = "\n".join(",".join(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _median(values: Sequence[float]) -> float:
    # What was skipped says nothing about how long a run takes.
    ordered = sorted(value for value in values if value > 0)
    if not ordered:
        return 1.0
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
