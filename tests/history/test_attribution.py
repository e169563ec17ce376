"""Whose a regression is: read off what changed, and nobody's where that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import history
from pytest_lsqm.history import RunOutcomes
from pytest_lsqm.models import AttemptMade, Cause, EmulatorFacts
from tests.corpus.records import START, A, run
from tests.history.test_history import Seen

if TYPE_CHECKING:
    from pytest_lsqm.models import CauseKind, Regression, Status

OLD: dict[str, Any] = {
    "emulator": EmulatorFacts(name="localstack-host", version="4.6.0", python="3.11.7", digest="packages:1"),
    "versions": {
        "hashicorp/aws": "3.39.0",
        "terraform": "1.11.4",
        "boto3": "1.40.0",
        "python": "3.11.7",
        "pytest-lsqm": "0.1",
    },
    "digests": {"app": "a1"},
}
"""The circumstances in which the architecture passed."""


def _regression(**now: Any) -> Regression:
    before = RunOutcomes(run(1), {A: Seen("PASSED", **OLD)})
    after = RunOutcomes(run(2), {A: Seen("FAILED", **{**OLD, **now})})
    (found,) = history.regressions(after, history.baseline(after.run, [before]), START)
    return found


def _emulator(**changes: Any) -> EmulatorFacts:
    emulator: EmulatorFacts = OLD["emulator"]
    return emulator.model_copy(update=changes)


def _versions(**changes: str) -> dict[str, str]:
    return {**OLD["versions"], **{name.replace("_", "/"): version for name, version in changes.items()}}


@pytest.mark.parametrize(
    ("now", "part"),
    [
        ({"emulator": _emulator(version="4.14.0")}, "emulator"),
        ({"emulator": _emulator(digest="packages:2")}, "emulator"),
        ({"emulator": _emulator(python="3.13.0")}, "emulator"),
        ({"emulator": _emulator(substitutions=("another jar",))}, "emulator"),
        ({"versions": _versions(hashicorp_aws="4.0.0")}, "provider"),
        ({"versions": _versions(terraform="1.12.0")}, "terraform"),
        ({"versions": _versions(boto3="1.44.5")}, "sdk"),
        ({"versions": _versions(python="3.13.0")}, "sdk"),
        ({"digests": {"app": "a2"}}, "app"),
    ],
)
def test_the_one_part_that_changed_is_named(now: dict[str, Any], part: str) -> None:
    found = _regression(**now)
    assert found.attributed_to == part
    assert {each.part for each in found.changed} == {part}
    assert all(each.before != each.after for each in found.changed)


def test_an_app_that_changed_is_not_blamed_on_the_emulator_that_changed_with_it() -> None:
    found = _regression(emulator=_emulator(version="4.14.0"), digests={"app": "a2"})
    assert found.attributed_to == "app"
    assert {each.part for each in found.changed} == {"app", "emulator"}


def test_where_several_parts_changed_none_is_blamed() -> None:
    found = _regression(emulator=_emulator(version="4.14.0"), versions=_versions(boto3="1.44.5"))
    assert found.attributed_to == "several"


def test_where_nothing_changed_that_is_what_is_said() -> None:
    assert (_regression().attributed_to, _regression().changed) == ("nothing_changed", ())


def test_what_an_older_record_does_not_say_is_no_change() -> None:
    assert _regression(versions={}, digests={}, emulator=None).changed == ()


@pytest.mark.parametrize(
    ("kind", "part"), [("environment", "environment"), ("app", "app"), ("unknown", "emulator")]
)
def test_what_the_cause_proves_comes_before_what_merely_changed(kind: CauseKind, part: str) -> None:
    found = _regression(emulator=_emulator(version="4.14.0"), cause=Cause(kind=kind))
    assert found.attributed_to == part


def test_the_tries_that_confirmed_it_are_counted() -> None:
    def tries(*statuses: Status) -> tuple[AttemptMade, ...]:
        return tuple(AttemptMade(status=each, started_at=START, duration_seconds=1.0) for each in statuses)

    assert _regression().attempts == 1
    assert _regression(attempts=tries("FAILED", "FAILED")).attempts == 2
    assert _regression(attempts=tries("FAILED", "ERROR")).attempts == 1, "an error bears nothing out"
