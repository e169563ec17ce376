"""A run as one JSON document (`--lsqm-json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import Run, ValidationResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_lsqm.models import Record, Regression, ServiceTrend


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


def read(path: Path) -> tuple[Run, dict[str, ValidationResult]]:
    """Return the run of such a document and its results by architecture; a StoreError for another file."""
    try:
        told = json.loads(path.read_bytes())
        run = Run.model_validate(told["run"])
        results = [ValidationResult.model_validate(result) for result in told["results"]]
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise StoreError(f"{path} is no document that --lsqm-json wrote: {first}") from error
    if strangers := [result for result in results if result.run_id != run.run_id]:
        raise StoreError(f"{path} is no document of one run: {strangers[0].arch_hash} is of another")
    return run, {result.arch_hash: result for result in results}


def _dump(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_none=True)
