"""The page's own words and drawings: counts put into sentences, points into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.reporting.summary import reused_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.models import EmulatorFacts, HistoryEntry, Run, RunSummary
    from pytest_lsqm.reporting.document import RunReport

MEANING = {
    "PASSED": "every test passed",
    "PARTIAL": "some tests passed",
    "FAILED": "apply or all tests failed",
    "TIMEOUT": "time ran out",
    "ERROR": "nothing was learnt",
}

TRENDS = {"improving": ("↑", "improving"), "declining": ("↓", "declining"), "stable": ("→", "stable")}


def verdict(report: RunReport) -> str:
    """Return the verdict of the run in a sentence."""
    counted = report.run.summary
    if not counted.total:
        return "Nothing was run"
    many = "architecture" if counted.total == 1 else "architectures"
    if counted.passed == counted.total:
        head = f"The only {many} passes" if counted.total == 1 else f"All {counted.total} {many} pass"
    else:
        head = f"{counted.passed} of {counted.total} {many} {'passes' if counted.passed == 1 else 'pass'}"
    return f"{head} on {emulator(report.run)}"


def changes(report: RunReport, others: int) -> str:
    """Return what became worse and better, as the second sentence of the verdict; `others` changed in between."""
    worse, better = len(report.regressions), len(report.fixes)
    told = []
    if worse:
        told.append(f"{worse} {'has' if worse == 1 else 'have'} regressed")
    if better:
        told.append(f"{better} {'has' if better == 1 else 'have'} been fixed")
    if told:
        return f"{' and '.join(told)} since the last comparable result."
    if others:
        return f"{others} {'has' if others == 1 else 'have'} another verdict than the last comparable result."
    if report.compared_with:
        return "No change since the last comparable result."
    return "There is no earlier result to compare with."


def reused(report: RunReport) -> str:
    """Return how many results were reused, and from which runs."""
    return reused_from(report.results)


def emulator(run: Run) -> str:
    """Return which emulator a run was on."""
    return f"{run.emulator_kind} {version(run)}"


def version(run: Run) -> str:
    """Return the emulator's version."""
    facts: EmulatorFacts | None = run.config.emulator
    return facts.version if facts else run.localstack_version


def mood(report: RunReport) -> str:
    """Return the status that stands for the whole run: what the page's icon and its head are coloured by."""
    if report.regressions:
        return "FAILED"
    counted = report.run.summary
    return "PASSED" if counted.total and counted.passed == counted.total else "PARTIAL"


def bar(summary: RunSummary, statuses: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """Yield (status, start, width) in percent of all architectures, for those that there are."""
    start = 0.0
    for status in statuses:
        if count := getattr(summary, status.lower()):
            width = 100 * count / summary.total
            yield status, round(start, 3), round(width, 3)
            start += width


def percent(rate: float | None) -> str:
    """Return a rate as people read it; 100 % and 0 % only where that is exact."""
    if rate is None:
        return "none"
    if 0 < rate < 1:
        return f"{min(max(round(100 * rate), 1), 99)} %"
    return f"{100 * rate:.0f} %"


def sparkline(history: Sequence[HistoryEntry], width: int = 96, height: int = 22) -> list[tuple[float, float]]:
    """Return the points of a line, oldest first, from 0 % near the bottom to 100 % near the top, in pixels."""
    rates = [entry.pass_rate for entry in reversed(history)]
    step = (width - 6) / max(len(rates) - 1, 1)
    first = width - 3 - step * (len(rates) - 1)
    low, full = height - 3, height - 6
    return [(round(first + step * place, 1), round(low - full * rate, 1)) for place, rate in enumerate(rates)]
