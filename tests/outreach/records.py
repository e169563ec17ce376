"""Runs on an emulator and regressions of it, for what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import ArchitectureTrends, Regression
from pytest_lsqm.outreach import issues
from tests.corpus.records import (
    START,
    A,
    B,
    C,
    add_run,
    run,
    run_id,
    summary,
)
from tests.outreach.tracker import NAME

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store
    from pytest_lsqm.github import GitHub


KIND = "localstack-host"
NONE = ArchitectureTrends(last_updated=START, architectures={})


def ran(store: Store, number: int, version: str = "4.14.0", emulator: str = KIND, **statuses: Any) -> None:
    """Put a run of day `number` into the store, with a status for each of `a`, `b`, `c`."""
    found = {{"a": A, "b": B, "c": C}[name]: status for name, status in statuses.items()}
    counts = {"passed": 0, "partial": 0, "failed": 0, "timeout": 0, "error": 0}
    for status in found.values():
        counts[status.lower()] += 1
    made = run(number, emulator=emulator, version=version, summary=summary(**counts))
    add_run(store, number, found, config=made.config, localstack_version=version)


def regressed(store: Store, arch_hash: str = A, before: int = 1, after: int = 2, **changes: Any) -> Regression:
    """Record a confirmed regression of the emulator."""
    fields: dict[str, Any] = {
        "arch_hash": arch_hash,
        "architecture_name": f"arch-{arch_hash[0]}",
        "from_run_id": run_id(before),
        "to_run_id": run_id(after),
        "from_status": "PASSED",
        "to_status": "FAILED",
        "detected_at": START,
        "services_affected": ["sqs"],
        "emulator": KIND,
        "from_version": "4.6.0",
        "to_version": "4.14.0",
        "changed": [{"part": "emulator", "before": "version 4.6.0", "after": "version 4.14.0"}],
        "attributed_to": "emulator",
        "cause": cause(),
        "attempts": 2,
    }
    made = Regression.model_validate(fields | changes)
    store.write_trends([], NONE, [made])
    return made


def cause(**changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "emulator_defect",
        "stage": "apply",
        "service": "sqs",
        "operation": "sqs.CreateQueue",
        "resource": "aws_sqs_queue.this",
        "error": "creating SQS Queue: InternalError",
        "proof": ["sqs.CreateQueue => 500 InternalError"],
    }
    return fields | changes


def update(store: Store, github: GitHub) -> list[str]:
    done = issues.update(store, github, NAME, create=True)
    assert done.problems == []
    assert all(step.done for step in done.steps)
    return [step.kind for step in done.steps]


def urls(store: Store) -> dict[str, str | None]:
    return {each.arch_hash: each.github_issue_url for each in store.regressions()}
