"""Results and reports of runs, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pytest_lsqm.models import (
    STATUSES,
    EmulatorFacts,
    Regression,
    Run,
    RunConfig,
    RunSummary,
    Status,
    ValidationResult,
)
from pytest_lsqm.reporting import summary
from pytest_lsqm.reporting.document import RunReport

RUN, BEFORE = str(uuid4()), str(uuid4())
NOW = datetime(2026, 1, 10, tzinfo=UTC)
EVERYTHING = summary.Screen(everything=True)


def result(status: Status = "PASSED", name: str = "orders", **more: Any) -> ValidationResult:
    counts = {"PASSED": (3, 0), "PARTIAL": (2, 1), "FAILED": (0, 3)}.get(status, (0, 0))
    described: dict[str, Any] = {
        "arch_hash": f"{abs(hash(name)) % 16**16:016x}",
        "run_id": RUN,
        "status": status,
        "started_at": NOW,
        "completed_at": NOW + timedelta(seconds=5),
        "duration_seconds": 5.25,
        "name": name,
        "services": ("sqs", "kms"),
        "error_message": None if status == "PASSED" else f"{name} is broken",
        "pytest_results": {
            "total": sum(counts),
            "passed": counts[0],
            "failed": counts[1],
            "skipped": 0,
            "output": "",
        },
        "stages": [
            {"name": "init", "seconds": 0.2, "outcome": "ok"},
            {"name": "apply", "seconds": 3.1, "outcome": "ok"},
        ],
    }
    return ValidationResult.model_validate(described | more)


def report(*results: ValidationResult, **more: Any) -> RunReport:
    counted = {status.lower(): sum(r.status == status for r in results) for status in STATUSES}
    run = Run(
        run_id=RUN,
        started_at=NOW,
        completed_at=NOW + timedelta(minutes=1),
        localstack_version="4.14.0",
        lsqm_version="0.1.0",
        config=RunConfig(
            parallel=1,
            timeout=300,
            token_budget=1,
            dry_run=False,
            emulator=EmulatorFacts(name="localstack", version="4.14.0"),
        ),
        summary=RunSummary.model_validate(
            {
                **counted,
                "total": len(results),
                "new_architectures": 0,
                "tokens_used": 0,
                "duration_seconds": 60.0,
                "skipped": more.pop("skipped", {}),
            }
        ),
    )
    described: dict[str, Any] = {"regressions": (), "trends": ()} | more
    return RunReport(run=run, results=results, **described)


def regression(of: ValidationResult, **more: Any) -> Regression:
    """Return the regression of a result that was PASSED in the run before."""
    described: dict[str, Any] = {
        "arch_hash": of.arch_hash,
        "architecture_name": of.name,
        "from_run_id": BEFORE,
        "to_run_id": RUN,
        "from_status": "PASSED",
        "to_status": "FAILED",
        "detected_at": NOW,
        "services_affected": of.services,
    }
    return Regression(**(described | more))


def lines(told: RunReport, width: int = 100, screen: summary.Screen | None = None) -> list[str]:
    """Return the summary of a run, without its colours."""
    return [line for line, _ in summary.lines(told, width, screen)]
