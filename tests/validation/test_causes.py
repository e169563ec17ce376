"""Real failures, as they were recorded, and the class that each must be put in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from pytest_lsqm.models import CauseKind, GateOutcome, TestOutcome
from pytest_lsqm.observing import Exchange
from pytest_lsqm.validation import causes

RECORDED = sorted((Path(__file__).parent / "failures").glob("*.json"))
"""Each holds what a validation saw, with emulator and date, and what a person who read it found."""


def evidence(seen: dict[str, Any]) -> causes.Evidence:
    return causes.Evidence(
        status=seen["status"],
        message=seen["message"],
        stage=seen["stage"],
        diagnostics=tuple(seen["diagnostics"]),
        tests=tuple(TestOutcome.model_validate(test) for test in seen["tests"]),
        exchanges=tuple(Exchange(**exchange) for exchange in seen["exchanges"]),
        logs=seen["logs"],
        gate=GateOutcome.model_validate(seen["gate"]) if seen["gate"] else None,
        emulator_alive=seen["emulator_alive"],
    )


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_failure_is_put_in_the_class_that_a_person_put_it_in(path: Path) -> None:
    record = json.loads(path.read_text())
    cause = causes.find(evidence(record["seen"]))
    assert cause is not None
    found = {"kind": cause.kind, "operation": cause.operation, "resource": cause.resource, "stage": cause.stage}
    assert found == record["expected"]
    assert bool(cause.proof) == (cause.kind != "unknown"), "every class but `unknown` is proved"


def test_there_are_at_least_forty_of_them_and_some_of_every_class() -> None:
    records = [json.loads(path.read_text()) for path in RECORDED]
    assert len(records) >= 40
    assert {record["expected"]["kind"] for record in records} == set(get_args(CauseKind))


def test_each_says_where_and_when_it_was_seen_and_why_it_was_judged_so() -> None:
    for path in RECORDED:
        record = json.loads(path.read_text())
        assert len(record["emulator"].split(" ")) == 2, path.name
        assert datetime.fromisoformat(record["recorded_at"]).tzinfo, path.name
        assert record["judged"], path.name
