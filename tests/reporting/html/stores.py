"""Stores with runs to make pages of: an ordinary one, and one in which everybody attacks the reader."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import Matrix, Regression
from tests.corpus import records
from tests.corpus.records import START, A, B, C

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Run

TERRAFORM = """# the orders
resource "aws_sqs_queue" "orders" {
  name = "orders-${var.stage}"
}
"""

ATTACK = (
    "</script><script>window.hacked='script'</script><img src=x onerror=\"window.hacked='image'\">"
    "<svg onload=window.hacked='svg'></svg></style></title></textarea>\"' onmouseover=window.hacked=1 x='"
    "<!--<script>${window.hacked=2}{{7*7}}{% raw %}`]]>\u2028\u2029&lt;i&gt;"
)
"""Markup, the ends of whatever it may stand in, templates, and what JavaScript takes for the end of a line."""

FLAKY: dict[str, Any] = {
    "flaky": True,
    "attempts": [
        {"status": "FAILED", "started_at": START, "duration_seconds": 8.5, "error_message": "the lake was dry"},
        {"status": "PASSED", "started_at": START, "duration_seconds": 9.5},
    ],
}

ASIDE: dict[str, Any] = {"set_aside": ["<i>its</i> neighbour fell", "the lights went out"]}

ADDRESS = "javascript:window.hacked='address'"


def ordinary(root: Path, **options: Any) -> tuple[Store, Run]:
    """Make a store with two runs: B has regressed, C is fixed, A is as it was and was not run again."""
    store = Store.create(root)
    for key, name in ((A, "orders"), (B, "alarms"), (C, "lake")):
        _add(store, key, name, TERRAFORM, records.app(key, model_used="hand-written"))
    first = records.add_run(store, 1, {A: "PASSED", B: "PASSED", C: "FAILED"})
    last = _run(store, 2, passed=2, failed=1, reused=1)
    reused = {"run_id": first.run_id, "at": START + timedelta(days=2)}
    for result in (
        records.result(A, "PASSED", 2, **_told("orders", ["sqs"], duration_seconds=9.0, reused=reused, **ASIDE)),
        records.result(B, "FAILED", 2, **_failed("alarms", ["cloudwatch", "sns"], **options)),
        records.result(C, "PASSED", 2, **_told("lake", ["s3", "sqs"], duration_seconds=31.5, **FLAKY)),
    ):
        store.write_result(result)
    store.finish_run(last)
    store.write_trends([], _no_trends(), [_regression(B, "alarms", first.run_id, last.run_id)])
    return store, last


def hostile(root: Path) -> tuple[Store, Run, Matrix]:
    """Make a store in which every text that a stranger may choose is an attack."""
    store = Store.create(root)
    told = {"source_url": ADDRESS, "description": ATTACK, "version": ATTACK, "license": ATTACK}
    code = f'"""{ATTACK}"""\n'.replace("\u2028", "").replace("\u2029", "")
    app = records.app(A, model_used=ATTACK, files=records.app_files(app_py=code))
    _add(
        store,
        A,
        ATTACK,
        f"# {ATTACK}\nlocals {{ x = <<EOT\n{ATTACK}\nEOT\n}}\n",
        app,
        file="<img src=x>.tf",
        **told,
    )
    first = records.add_run(store, 1, {A: "PASSED"}, localstack_version=ATTACK)
    emulator = {"name": ATTACK, "version": ATTACK, "python": ATTACK, "substitutions": [ATTACK]}
    last = _run(
        store, 2, failed=1, localstack_version=ATTACK,
        config={
            "parallel": 1, "timeout": 300, "token_budget": 0, "dry_run": False, "versions": {ATTACK: ATTACK},
            "selection": [ATTACK], "isolation": ATTACK, "baseline": first.run_id, "emulator": emulator,
        },
    )  # fmt: skip
    text = _attacked(_failed(ATTACK, [ATTACK], attempts=FLAKY["attempts"]))
    store.write_result(
        records.result(A, "FAILED", 2, **{**text, "emulator": emulator, "versions": {ATTACK: ATTACK}})
    )
    store.finish_run(last)
    regression = _regression(A, ATTACK, first.run_id, last.run_id, from_version=ATTACK, cause=text["cause"])
    store.write_trends([], _no_trends(), [regression])
    cell = {"status": "FAILED", "message": ATTACK, "cause": text["cause"]}
    matrix = Matrix.model_validate(
        {
            "matrix_id": "m", "started_at": START, "names": {A: ATTACK}, "services": {A: [ATTACK]},
            "columns": [{"label": ATTACK, "problem": ATTACK}, {"label": "moto@5"}],
            "cells": {A: {ATTACK: cell, "moto@5": {"status": "PASSED"}}, B: {ATTACK: {"skipped": ATTACK}}},
            "operations": {ATTACK: {ATTACK: {f"501 {ATTACK}": 1}, "moto@5": {"200": 1}}},
        }
    )  # fmt: skip
    return store, last, matrix


def _add(
    store: Store, key: str, name: str, terraform: str, app: Any, *, file: str = "main.tf", **told: Any
) -> None:
    source = store.root.parent / f"{key}.tf"
    source.write_text(terraform, encoding="utf-8")
    described = {"name": name, "services": ["sqs"], "description": f"About {name}.", **told}
    assert store.add_architecture(records.architecture(key, **described), {file: source})
    assert store.add_app(app)


def _run(store: Store, number: int, **changes: Any) -> Run:
    counts = {key: changes.pop(key) for key in ("passed", "failed") if key in changes}
    others = {"skipped": {"f" * 16: "needs lambda: not here"}, "reused": changes.pop("reused", 0)}
    made = records.run(
        number, **{"version": "4.6.0", "summary": {**records.summary(**counts), **others}, **changes}
    )
    store.start_run(made.model_copy(update={"completed_at": None}))
    return made


def _told(name: str, services: list[str], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "services": services,
        "stages": [
            {"name": "init", "seconds": 0.5, "outcome": "ok"},
            {"name": "apply", "seconds": 4, "outcome": "ok"},
        ],
        "terraform_apply": {"success": True, "resources_created": 1, "outputs": {"url": "q"}, "logs": "applied"},
        "versions": {"terraform": "1.11.4", "hashicorp/aws": "3.39.0"},
    } | more


def _failed(name: str, services: list[str], **more: Any) -> dict[str, Any]:
    return _told(
        name,
        services,
        error_message="1 of 1 tests failed",
        container_logs="AWS cloudwatch.PutMetricAlarm => 501 (InternalFailure)",
        pytest_results={
            "total": 1, "passed": 0, "failed": 1, "skipped": 0, "output": "E  assert 1 == 2",
            "tests": [{"name": "test_it_rings", "outcome": "failed", "seconds": 0.2, "message": "one is not two"}],
        },
        operations={"deploy": {"cloudwatch.PutMetricAlarm": {"501 InternalFailure": 2}}},
        drift=[
            {
                "address": "aws_sns_topic.this", "actions": ["update"],
                "changes": [{"attribute": "policy", "before": '"{\\"a\\": 1}"', "after": "null"}],
            }
        ],
        cleaning={
            "leftovers": [
                {"service": "logs", "kind": "log group", "id": "left", "region": "us-east-1", "removed": False,
                 "answer": "500 it stays"},
            ],
        },
        cause={
            "kind": "emulator_gap", "stage": "test", "service": "cloudwatch",
            "operation": "cloudwatch.PutMetricAlarm", "resource": "aws_cloudwatch_metric_alarm.this",
            "error": "not there", "proof": ["PutMetricAlarm answered 501"],
        },
        modifications=[{"file": "o.tf", "subject": "provider aws", "arguments": ["endpoints"], "reason": "r"}],
        **more,
    )  # fmt: skip


KEPT = {"outcome", "status", "kind"}
"""Fields with a few words of their own, which no stranger chooses."""


def _attacked(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        inside = {inner: _attacked(each, inner) for inner, each in value.items()}
        # The names of operations and outputs are a stranger's too, those of fields and phases are not.
        if key == "operations":
            return {"deploy": {ATTACK: {ATTACK: 1}}}
        return {ATTACK: ATTACK} if key == "outputs" else inside
    if isinstance(value, list | tuple):
        return [_attacked(each, key) for each in value]
    return ATTACK if isinstance(value, str) and key not in KEPT else value


def _regression(key: str, name: str, before: str, now: str, **more: Any) -> Regression:
    return Regression.model_validate(
        {
            "arch_hash": key, "architecture_name": name, "from_run_id": before, "to_run_id": now,
            "from_status": "PASSED", "to_status": "FAILED", "detected_at": START, "services_affected": ["sns"],
            "from_version": "4.14.0", "to_version": "4.6.0", "attributed_to": "emulator",
        }
        | more
    )  # fmt: skip


def _no_trends() -> Any:
    from pytest_lsqm.models import ArchitectureTrends

    return ArchitectureTrends(last_updated=START, architectures={})
