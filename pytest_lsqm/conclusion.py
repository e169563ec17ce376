"""What a run comes to: its record, and how it compares with the runs before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_lsqm import history
from pytest_lsqm.masking import masker
from pytest_lsqm.models import PASSING, STATUSES, Run, RunConfig, RunSummary
from pytest_lsqm.reporting.document import RunReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import (
        ArchitectureTrends,
        EmulatorFacts,
        Index,
        ShardFacts,
        Status,
        ValidationResult,
    )
    from pytest_lsqm.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """A run that is over, ready to be written and shown."""

    report: RunReport
    trends: ArchitectureTrends

    def write(self, store: Store) -> None:
        """Write the run's end and the trends, and let go of runs beyond what is kept."""
        store.finish_run(self.report.run)
        store.write_trends(self.report.trends, self.trends, self.report.regressions)
        store.write_operations(history.service_operations(self.report.run, self.report.results))
        store.update_index(list(self.report.results))
        store.retain(current=self.report.run.run_id)


@dataclass(frozen=True)
class Circumstances:
    """What a run's record says beside its results; `seconds` is how long it has run."""

    run_id: str
    started_at: datetime
    seconds: float
    workers: int
    settings: Settings
    selection: tuple[str, ...]
    emulator: EmulatorFacts | None
    tokens: int = 0
    sandbox: str | None = None
    shard: ShardFacts | None = None


def make_run(
    about: Circumstances,
    results: Mapping[str, ValidationResult],
    skipped: Mapping[str, str],
    index: Index,
    *,
    completed: bool,
) -> Run:
    """Return the record of a run from the results that there are."""
    facts = next((result.emulator for result in results.values() if result.emulator), about.emulator)
    versions: dict[str, str] = {}
    for result in results.values():
        versions |= result.versions
    run = Run(
        run_id=about.run_id,
        started_at=about.started_at,
        # From the monotonic clock: the wall clock may jump, and an end before its start would be no record.
        completed_at=about.started_at + timedelta(seconds=max(about.seconds, 1e-3)) if completed else None,
        localstack_version=facts.version if facts else "unknown",
        lsqm_version=versions.get("pytest-lsqm", "unknown"),
        config=RunConfig(
            parallel=max(about.workers, 1),
            timeout=about.settings.timeout,
            token_budget=about.settings.token_budget,
            dry_run=about.settings.dry_run,
            emulator=facts,
            versions=versions,
            isolation=about.settings.isolation,
            sandbox=about.sandbox,
            selection=about.selection,
            shard=about.shard,
            baseline=about.settings.baseline,
        ),
        summary=_summary(results, skipped, index, tokens=about.tokens, seconds=about.seconds),
    )
    return masker().record(run)  # the words of the command line are part of it


def merged_run(whole: history.Whole, index: Index) -> Run:
    """Return the record of a run that was made in shards."""
    return whole.first.model_copy(
        update={
            "run_id": whole.run_id,
            "completed_at": whole.first.started_at + timedelta(seconds=whole.seconds),
            "config": whole.config,
            "summary": _summary(whole.results, whole.skipped, index, tokens=whole.tokens, seconds=whole.seconds),
        }
    )


def _summary(
    results: Mapping[str, ValidationResult],
    skipped: Mapping[str, str],
    index: Index,
    *,
    tokens: int,
    seconds: float,
) -> RunSummary:
    counts = {status.lower(): sum(r.status == status for r in results.values()) for status in STATUSES}
    known = index.architectures
    summary = {
        **counts,
        "total": len(results),
        "new_architectures": sum(key in known and known[key].last_validated is None for key in results),
        "tokens_used": tokens,
        "duration_seconds": round(seconds, 3),
        "skipped": dict(skipped),
        "reused": sum(result.reused is not None for result in results.values()),
    }
    return RunSummary.model_validate(summary)


def expected(run: Run, store: Store, index: Index, baseline: str) -> dict[str, Status]:
    """Return by hash the architectures that passed, at least in part, at their last time.

    Runs are read from the latest on, and no further than until each that was ever run here is found.
    """
    earlier = history.baseline(run, _from_the_latest(run, store, index, baseline), baseline)
    return {key: found.outcome.status for key, found in earlier.items() if found.outcome.status in PASSING}


def _from_the_latest(run: Run, store: Store, index: Index, baseline: str) -> Iterator[history.RunOutcomes]:
    missing = {key for key, entry in index.architectures.items() if entry.last_status is not None}
    for other in reversed(store.runs(besides=run.run_id)):
        if baseline == "latest" and not (missing and history.precedes(other, run)):
            continue
        if baseline != "latest" and other.run_id.lower() != baseline.lower():
            continue
        outcomes = store.statuses(other.run_id)
        missing.difference_update(outcomes)
        yield history.RunOutcomes(other, outcomes)


def conclude(
    run: Run, results: Mapping[str, ValidationResult], store: Store, index: Index, baseline: str
) -> Outcome:
    """Compare a run with the runs before it."""
    now = datetime.now(UTC)
    current = history.RunOutcomes(run, results)
    runs: list[history.RunStandings] = [current]
    before = history.baseline(run, _noted(runs, store, run.run_id), baseline)
    compared = {before[key].run.run_id for key in results if key in before}
    corpus = {key: entry.services for key, entry in index.architectures.items()}
    report = RunReport(
        run=run,
        results=list(results.values()),
        regressions=history.regressions(current, before, now),
        trends=history.service_trends(runs, corpus, store.service_trends()),
        fixes=[(results[fix.arch_hash], fix.from_status) for fix in history.fixes(current, before)],
        compared_with=", ".join(sorted(compared)) or None,
    )
    return Outcome(report, history.architecture_trends(runs, now, store.architecture_trends()))


def _noted(runs: list[history.RunStandings], store: Store, besides: str) -> Iterator[history.RunOutcomes]:
    """Yield what the store has of each run, and add to `runs` what trends need of it."""
    for other in store.runs(besides=besides):
        outcomes = history.RunOutcomes(other, store.statuses(other.run_id))
        runs.append(outcomes.standings())
        yield outcomes
