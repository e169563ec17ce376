"""Runs in, regressions and trends out: pure functions over records that somebody else has read.

Results are compared only within one emulator kind, and each architecture with its own latest earlier
result: a run of a subset (`-k`) neither hides what the run before it knew nor invents a change.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from pytest_lsqm.errors import UsageError
from pytest_lsqm.models import (
    HISTORY_POINTS,
    PASSING,
    ArchitectureHistoryEntry,
    ArchitectureTrend,
    ArchitectureTrends,
    HistoryEntry,
    Regression,
    ServiceTrend,
    Trend,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pytest_lsqm.models import Run, Status

MARGIN = Fraction(2, 100)
"""By how much a pass rate must differ before that is called a trend."""


class Outcome(Protocol):
    """What a Verdict and a ValidationResult have in common."""

    @property
    def status(self) -> Status:
        """One of the five."""

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services of the architecture; empty where the record does not say."""

    @property
    def name(self) -> str | None:
        """The architecture's name."""


@dataclass(frozen=True)
class RunOutcomes:
    """A run with the outcome of each architecture that was in it."""

    run: Run
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class Earlier:
    """An architecture's result in an earlier run."""

    run: Run
    outcome: Outcome


@dataclass(frozen=True)
class Fix:
    """An architecture that did not pass before and does now."""

    arch_hash: str
    architecture_name: str | None
    from_run_id: str
    to_run_id: str
    from_status: Status
    to_status: Status


def baseline(current: Run, others: Iterable[RunOutcomes], wanted: str = "latest") -> dict[str, Earlier]:
    """Return what each architecture is compared with.

    `wanted` is `latest` (its latest result before `current`, of the same emulator kind), `none`, or the
    id of one run, which may be of another kind: whoever names a run has chosen it.
    """
    if wanted == "none":
        return {}
    if wanted != "latest":
        for other in others:
            if other.run.run_id.lower() == wanted.lower() and other.run.run_id != current.run_id:
                return {name: Earlier(other.run, outcome) for name, outcome in other.outcomes.items()}
        raise UsageError(
            f"there is no run {wanted} to compare with: name a run that `lsqm status` lists, `latest` or `none`."
        )
    found: dict[str, Earlier] = {}
    for other in _newest_first(others):
        run = other.run
        if run.emulator_kind == current.emulator_kind and _order(run) < _order(current):
            for name, outcome in other.outcomes.items():
                found.setdefault(name, Earlier(run, outcome))
    return found


def regressions(current: RunOutcomes, earlier: Mapping[str, Earlier], detected_at: datetime) -> list[Regression]:
    """Return the architectures that passed at least in part before and do not now, in the order of hashes."""
    run = current.run
    found = []
    for arch_hash, outcome in sorted(current.outcomes.items()):
        before = earlier.get(arch_hash)
        if before is None or outcome.status in PASSING or before.outcome.status not in PASSING:
            continue
        found.append(
            Regression(
                arch_hash=arch_hash,
                architecture_name=outcome.name or before.outcome.name,
                from_run_id=before.run.run_id,
                to_run_id=run.run_id,
                from_status=before.outcome.status,
                to_status=outcome.status,
                detected_at=detected_at,
                services_affected=outcome.services or before.outcome.services,
                emulator=run.emulator_kind,
                from_version=_version(before.run),
                to_version=_version(run),
            )
        )
    return found


def fixes(current: RunOutcomes, earlier: Mapping[str, Earlier]) -> list[Fix]:
    """Return the architectures that did not pass before and do now, in the order of hashes."""
    return [
        Fix(
            arch_hash,
            outcome.name or before.outcome.name,
            before.run.run_id,
            current.run.run_id,
            before.outcome.status,
            outcome.status,
        )
        for arch_hash, outcome in sorted(current.outcomes.items())
        if (before := earlier.get(arch_hash))
        and outcome.status in PASSING
        and before.outcome.status not in PASSING
    ]


def service_trends(
    runs: Iterable[RunOutcomes],
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


def _counts(entry: RunOutcomes, corpus: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, int]]:
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
    runs: Iterable[RunOutcomes], last_updated: datetime, previous: ArchitectureTrends | None = None
) -> ArchitectureTrends:
    """Return how each architecture fared over the runs of the latest run's emulator kind.

    An architecture whose runs have all been removed since keeps its entry of `previous`.
    """
    comparable = _of_latest_kind(runs)
    kind = comparable[0].run.emulator_kind if comparable else None
    history: dict[str, list[tuple[Run, Outcome]]] = defaultdict(list)
    for entry in comparable:
        for arch_hash, outcome in entry.outcomes.items():
            history[arch_hash].append((entry.run, outcome))
    kept = {}
    if previous is not None and kind in {previous.emulator or "localstack", None}:
        kept = dict(previous.architectures)
    trends = kept | {arch_hash: _architecture_trend(points) for arch_hash, points in history.items()}
    return ArchitectureTrends(
        last_updated=last_updated,
        architectures={arch_hash: trends[arch_hash] for arch_hash in sorted(trends)},
        emulator=kind or (previous.emulator if previous else None),
    )


def _architecture_trend(points: Sequence[tuple[Run, Outcome]]) -> ArchitectureTrend:
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


def _of_latest_kind(runs: Iterable[RunOutcomes]) -> list[RunOutcomes]:
    """Return the runs that are comparable with the latest, newest first."""
    # A run without a result says nothing, so it must not decide which emulator the trends are about.
    ordered = [entry for entry in _newest_first(runs) if entry.outcomes]
    return [entry for entry in ordered if entry.run.emulator_kind == ordered[0].run.emulator_kind]


def _newest_first(runs: Iterable[RunOutcomes]) -> list[RunOutcomes]:
    return sorted(runs, key=lambda entry: _order(entry.run), reverse=True)


def _order(run: Run) -> tuple[datetime, str]:
    return run.started_at, run.run_id


def _version(run: Run) -> str:
    return run.config.emulator.version if run.config.emulator else run.localstack_version
