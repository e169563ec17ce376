"""A run as the store remembers it, with what it changed: the same whether it has just ended or is long over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm import history
from pytest_lsqm.errors import UsageError
from pytest_lsqm.models import HISTORY_POINTS
from pytest_lsqm.reporting.document import RunReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.history import Earlier
    from pytest_lsqm.models import ArchitectureTrend, Run, Status, ValidationResult


@dataclass(frozen=True)
class Difference:
    """A part of the circumstances that changed since the baseline, for so many architectures."""

    part: str
    before: str
    after: str
    architectures: int


@dataclass(frozen=True)
class Recalled:
    """A run with its past: `runs` are those comparable with it, oldest first, and it is the last of them."""

    report: RunReport
    runs: Sequence[Run]
    histories: Mapping[str, ArchitectureTrend]
    differences: Sequence[Difference]
    others: Sequence[tuple[ValidationResult, Status]]
    """What has another status than before (the second one) and is neither a regression nor fixed."""


def latest(store: Store) -> Run:
    """Return the latest run with a result; a UsageError says how to make one."""
    for run in reversed(store.runs()):
        if run.summary.total:
            return run
    raise UsageError(f"{store.root} has no run with a result yet: `pytest --lsqm` makes one")


def recall(store: Store, run: Run) -> Recalled:
    """Read a run's results, regressions, fixes and trends, as of the time of that run."""
    results = store.results(run.run_id)
    current = history.RunOutcomes(run, results)
    everything = store.runs()
    earlier = [other for other in everything if other.started_at < run.started_at and other.run_id != run.run_id]
    comparable = [other for other in earlier if other.emulator_kind == run.emulator_kind]
    wanted = run.config.baseline or "latest"
    kept = {other.run_id for other in comparable}
    named = [other for other in everything if other.run_id == wanted and other.run_id not in kept]
    own: list[history.RunStandings] = []

    def past() -> Iterator[history.RunOutcomes]:
        for other in (*comparable, *named):
            outcomes = history.RunOutcomes(other, store.statuses(other.run_id))
            if other.run_id in kept:
                own.append(outcomes.standings())
            yield outcomes

    try:
        before = history.baseline(run, past(), wanted)
    except UsageError:
        before = {}  # the run that it was compared with is no longer kept
    services = {key: entry.services for key, entry in store.refresh_index().architectures.items()}
    trends = history.architecture_trends([*own, current], run.started_at).architectures
    compared = sorted({found.run.run_id for key, found in before.items() if key in results})
    report = RunReport(
        run=run,
        results=list(results.values()),
        regressions=[each for each in store.regressions() if each.to_run_id == run.run_id],
        trends=history.service_trends([*own, current], services),
        fixes=[(results[fix.arch_hash], fix.from_status) for fix in history.fixes(current, before)],
        compared_with=", ".join(compared) or None,
        problems=store.problems,
    )
    told = {each.arch_hash for each in report.regressions} | {result.arch_hash for result, _ in report.fixes}
    others = [
        (result, before[key].outcome.status)
        for key, result in results.items()
        if key in before and key not in told and before[key].outcome.status != result.status
    ]
    points = [outcomes.run for outcomes in own if outcomes.outcomes][-HISTORY_POINTS + 1 :]
    return Recalled(report, [*points, run], trends, _differences(current, before), others)


def _differences(current: history.RunOutcomes, before: Mapping[str, Earlier]) -> list[Difference]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for key, outcome in current.outcomes.items():
        if key not in before:
            continue
        found = before[key]
        versions = (found.run.localstack_version, current.run.localstack_version)
        changes = history.changes(found.outcome, outcome, versions)
        if any(each.before.startswith("version ") for each in changes):
            # Another release has another digest: to say so too tells nothing.
            changes = tuple(each for each in changes if not each.before.startswith("digest "))
        for each in changes:
            # An app is named by a digest of its own, which tells a reader nothing.
            counted[(each.part, *(("", "") if each.part == "app" else (each.before, each.after)))] += 1
    return [Difference(*key, count) for key, count in sorted(counted.items())]
