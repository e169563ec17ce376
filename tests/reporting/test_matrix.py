"""A comparison of emulators, as people see it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lsqm.models import Matrix
from pytest_lsqm.reporting import matrix as views
from tests.corpus.records import START, A, B, C

OLD, NEW, MOTO = "localstack-host@4.6.0", "localstack-host@4.14.0", "moto@5.2.5"


def cell(status: str | None = "PASSED", **more: Any) -> dict[str, Any]:
    return {"status": status, **more}


def made(**more: Any) -> Matrix:
    described: dict[str, Any] = {
        "matrix_id": "m",
        "started_at": START,
        "columns": [{"label": OLD}, {"label": NEW}, {"label": MOTO}],
        "names": {A: "queue", B: "lake", C: "alarm"},
        "services": {A: ["sqs"], B: ["s3", "sqs"], C: ["cloudwatch"]},
        "cells": {
            A: {OLD: cell(), NEW: cell(), MOTO: cell("FAILED", message="no | such\nthing", attempts=2)},
            B: {OLD: cell(flaky=True), NEW: cell(), MOTO: cell("ERROR")},
            C: {OLD: cell("PARTIAL"), NEW: {"skipped": "needs cloudwatch"}, MOTO: cell()},
        },
        "operations": {
            "sqs.SendMessage": {OLD: {"200": 4}, NEW: {"200": 4}, MOTO: {"501 NotImplemented": 1}},
            "s3.GetBucketPolicy": {OLD: {"404 NoSuchBucketPolicy": 2}, NEW: {"404 NoSuchBucketPolicy": 2}},
            "sns.Publish": {OLD: {"500": 1, "200": 3}, NEW: {"200": 3}},
            "iot.CreateThing": {OLD: {"501": 1}},
        },
        "versions": {"boto3": "1.44.5", "terraform": "1.11.4"},
    }
    return Matrix.model_validate(described | more)


def test_a_service_is_counted_by_the_architectures_that_use_it_and_an_error_says_nothing() -> None:
    counted = views.services(made())
    assert counted["sqs"] == {OLD: (2, 2), NEW: (2, 2), MOTO: (0, 1)}
    assert counted["cloudwatch"] == {OLD: (0, 1), MOTO: (1, 1)}


def test_an_operation_is_a_gap_where_it_only_fails_and_works_elsewhere() -> None:
    assert views.gaps(made()) == {"sqs.SendMessage": {MOTO: "501 NotImplemented"}}


def test_what_fails_on_one_emulator_alone_is_told() -> None:
    # The lake ended in an ERROR on moto, which is no pass either; the alarm's PARTIAL is no failure.
    assert views.only_here(made()) == {MOTO: [A, B]}


def test_the_table_shows_each_verdict_in_its_column() -> None:
    lines = list(views.text(made(), 120))
    row = next(line for line in lines if line.startswith("lake"))
    assert row.split() == ["lake", "flaky", "pass", "error"]
    assert next(line for line in lines if line.startswith("alarm")).split() == ["alarm", "part", "-", "pass"]
    assert f"{MOTO}: 1 of 3 passed" in lines


def test_an_emulator_that_could_not_be_made_ready_says_why() -> None:
    matrix = made(columns=[{"label": OLD, "problem": "wants Python 3.11"}], cells={}, operations={})
    assert "[1] localstack-host@4.6.0: wants Python 3.11" in list(views.text(matrix, 120))


def between(was: dict[str, Any], now: dict[str, Any]) -> Matrix:
    return made(cells={A: {OLD: was, NEW: now, MOTO: cell("FAILED")}})


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [("PASSED", "PARTIAL", True), ("PARTIAL", "FAILED", True), ("TIMEOUT", "PARTIAL", False)],
)
def test_what_differs_between_neighbours_is_lost_or_mended(was: str, now: str, *, lost: bool) -> None:
    (change,) = views.changes(between(cell(was), cell(now)))
    assert (change.arch_hash, change.before, change.after, change.lost) == (A, OLD, NEW, lost)


@pytest.mark.parametrize(("was", "now"), [("FAILED", "TIMEOUT"), ("PASSED", None), (None, "FAILED")])
def test_two_ways_to_fail_are_no_change_and_neither_is_what_was_not_run(was: str, now: str) -> None:
    assert views.changes(between(cell(was), cell(now))) == []


def test_two_kinds_of_emulators_are_no_neighbours() -> None:
    assert {(change.before, change.after) for change in views.changes(made())} == set()
