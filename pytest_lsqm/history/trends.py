"""How services and architectures fared over the runs of one emulator kind."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from pytest_lsqm.history.outcomes import newest_first, origin
from pytest_lsqm.models import (
    HISTORY_POINTS,
    ArchitectureHistoryEntry,
    ArchitectureTrend,
    ArchitectureTrends,
    HistoryEntry,
    ServiceTrend,
    Trend,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pytest_lsqm.history.outcomes import RunStandings, Standing
    from pytest_lsqm.models import Run

MARGIN = Fraction(2, 100)
"""By how much a pass rate must differ before that is called a trend."""


def service_trends(
    runs: Iterable[RunStandings],
    corpus: Mapping[str, Sequence[str]],
    previous: Iterable[ServiceTrend] = (),
) -> list[ServiceTrend]:
    """Return a trend per AWS service, by name, over the runs of the latest run's emulator kind.

    `corpus` gives the services of every architecture there is: it counts them, and it helps out where a
    result does not name its services. `previous` are the trends as they stood: a service whose runs have
    all been removed since keeps its entry.
    """
    comparable = _of_latest_kind(runs)
    if not comparable:
        return sorted(previous, key=lambda trend: trend.service_name)
    kind = comparable[0].run.emulator_kind
    points: dict[str, list[HistoryEntry]] = defaultdict(list)
    for entry in comparable:
        for service, (passed, total) in _counts(entry, corpus).items():
            points[service].append(
                HistoryEntry(
                    run_id=entry.run.run_id,
                    run_date=entry.run.started_at.date(),
                    total=total,
                    passed=passed,
                    pass_rate=round(passed / total, 6),
                )
            )
    users = _architecture_counts(corpus)
    trends = {service: _service_trend(service, history, users, kind) for service, history in points.items()}
    for kept in previous:
        if (kept.emulator or "localstack") == kind and kept.service_name not in trends:
            count = users.get(kept.service_name, 0)
            trends[kept.service_name] = kept.model_copy(update={"architecture_count": count})
    return [trends[service] for service in sorted(trends)]


def _counts(entry: RunStandings, corpus: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, int]]:
    """Count passed and all outcomes per service; an ERROR says nothing about a service."""
    counts: dict[str, tuple[int, int]] = {}
    for arch_hash, outcome in entry.outcomes.items():
        if outcome.status == "ERROR":
            continue
        for service in set(outcome.services or corpus.get(arch_hash, ())):
            passed, total = counts.get(service, (0, 0))
            counts[service] = (passed + (outcome.status == "PASSED"), total + 1)
    return counts


def _architecture_counts(corpus: Mapping[str, Sequence[str]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for services in corpus.values():
        for service in set(services):
            counts[service] += 1
    return counts


def _service_trend(
    service: str, history: Sequence[HistoryEntry], users: Mapping[str, int], kind: str
) -> ServiceTrend:
    current, before = history[0], history[1] if len(history) > 1 else None
    return ServiceTrend(
        service_name=service,
        current_pass_rate=current.pass_rate,
        previous_pass_rate=before.pass_rate if before else None,
        trend=_direction(current, before),
        architecture_count=users.get(service, 0),
        history=tuple(history[:HISTORY_POINTS]),
        emulator=kind,
    )


def _direction(current: HistoryEntry, before: HistoryEntry | None) -> Trend:
    if before is None:
        return "stable"
    # Exactly, from the counts: 0.84 > 0.82 + 0.02 is decided by rounding errors otherwise.
    change = Fraction(current.passed, current.total) - Fraction(before.passed, before.total)
    return "improving" if change > MARGIN else "declining" if change < -MARGIN else "stable"


def architecture_trends(
    runs: Iterable[RunStandings], last_updated: datetime, previous: ArchitectureTrends | None = None
) -> ArchitectureTrends:
    """Return how each architecture fared over the runs of the latest run's emulator kind.

    An architecture whose runs have all been removed since keeps its entry of `previous`. What runs reused of one
    another is one observation, and counts once in a row.
    """
    comparable = _of_latest_kind(runs)
    kind = comparable[0].run.emulator_kind if comparable else None
    history: dict[str, list[tuple[Run, Standing]]] = defaultdict(list)
    for entry in comparable:
        for arch_hash, outcome in entry.outcomes.items():
            points = history[arch_hash]
            if points and origin(points[-1][0].run_id, points[-1][1]) == origin(entry.run.run_id, outcome):
                points[-1] = (entry.run, outcome)  # the oldest of them, which is the original where it is kept
            else:
                points.append((entry.run, outcome))
    kept = {}
    if previous is not None and kind in {previous.emulator or "localstack", None}:
        kept = dict(previous.architectures)
    trends = kept | {arch_hash: _architecture_trend(points) for arch_hash, points in history.items()}
    return ArchitectureTrends(
        last_updated=last_updated,
        architectures={arch_hash: trends[arch_hash] for arch_hash in sorted(trends)},
        emulator=kind or (previous.emulator if previous else None),
    )


def _architecture_trend(points: Sequence[tuple[Run, Standing]]) -> ArchitectureTrend:
    statuses = [outcome.status for _, outcome in points]
    streak = next((n for n, status in enumerate(statuses) if status != statuses[0]), len(statuses))
    return ArchitectureTrend(
        name=next((outcome.name for _, outcome in points if outcome.name), None),
        current_status=statuses[0],
        streak=streak,
        history=tuple(
            ArchitectureHistoryEntry(run_id=run.run_id, status=outcome.status)
            for run, outcome in points[:HISTORY_POINTS]
        ),
    )


def _of_latest_kind(runs: Iterable[RunStandings]) -> list[RunStandings]:
    """Return the runs that are comparable with the latest, newest first."""
    # A run without a result says nothing, so it must not decide which emulator the trends are about.
    ordered = [entry for entry in newest_first(runs) if entry.outcomes]
    return [entry for entry in ordered if entry.run.emulator_kind == ordered[0].run.emulator_kind]
