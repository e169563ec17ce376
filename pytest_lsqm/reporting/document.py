"""A run as one JSON document (`--lsqm-json`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.models import Record, Regression, Run, ServiceTrend, ValidationResult


@dataclass(frozen=True)
class RunReport:
    """All that is known of a run when it is over.

    `fixes` holds (result now, status before); `problems` sentences about what could not be read or written.
    """

    run: Run
    results: Sequence[ValidationResult]
    regressions: Sequence[Regression]
    trends: Sequence[ServiceTrend]
    fixes: Sequence[tuple[ValidationResult, str]] = ()
    compared_with: str | None = None
    problems: Sequence[str] = ()


def as_json(report: RunReport) -> dict[str, Any]:
    """Return the run, its results, regressions and trends as plain JSON values, each as in the store."""
    return {
        "run": _dump(report.run),
        "results": [_dump(result) for result in report.results],
        "regressions": [_dump(regression) for regression in report.regressions],
        "trends": [_dump(trend) for trend in report.trends],
    }


def _dump(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_none=True)
