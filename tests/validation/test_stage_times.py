"""What is recorded of a stage as it ends: when it ran, and what went wrong in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_lsqm.errors import StoreError
from pytest_lsqm.validation import stages
from pytest_lsqm.validation.attempt import Attempt, Stop
from pytest_lsqm.validation.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.models import Stage


class Tools:
    """Only what a stage needs that asks nothing of anybody."""

    def __init__(self) -> None:
        self.told: list[Stage] = []

    def announce(self, stage: str) -> None:
        assert stage == "stage"

    def ended(self, stage: Stage) -> None:
        self.told.append(stage)


def run(do: Callable[[], None]) -> tuple[Stage, Attempt, Verdict | None]:
    def stage(_: Attempt) -> None:
        do()

    tools = Tools()
    made = Attempt(cast("Any", tools), cast("Any", None), cast("Any", None), Path("/nowhere"), deadline=0.0)
    found = stages.run_stage(made, stage)
    (told,) = tools.told
    return told, made, found


def test_a_stage_that_is_well_has_its_times_and_nothing_else() -> None:
    told, made, found = run(lambda: None)
    assert found is None
    assert made.stages == [told]
    assert told.started_at is not None
    assert told.ended_at is not None
    assert timedelta(0) <= told.ended_at - told.started_at < timedelta(seconds=5)
    assert (told.outcome, told.error_type, told.message) == ("ok", None, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("FAILED", "failed"), ("PARTIAL", "failed"), ("TIMEOUT", "timeout"), ("ERROR", "error")],
)
def test_a_verdict_is_the_error_of_its_stage(status: Any, outcome: str) -> None:
    def stop() -> None:
        raise Stop(Verdict(status, "why " * 1000))

    told, _, _ = run(stop)
    assert (told.outcome, told.error_type) == (outcome, status)
    assert told.message == ("why " * 1000)[: stages.MESSAGE]


@pytest.mark.parametrize("error", [StoreError("a torn file"), ValueError("a torn file")])
def test_an_error_is_told_by_its_type(error: Exception) -> None:
    def fail() -> None:
        raise error

    told, _, found = run(fail)
    assert (told.outcome, told.error_type, told.message) == ("error", type(error).__name__, "a torn file")
    assert found is not None
    assert found.status == "ERROR"
