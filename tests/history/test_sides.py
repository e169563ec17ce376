"""Two runs side by side, and which runs are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import history
from pytest_lsqm.errors import UsageError
from pytest_lsqm.history import Comparison, RunOutcomes
from tests.corpus.records import START, A, B, C, result, run, run_id

if TYPE_CHECKING:
    from pytest_lsqm.models import Run, Status

D, E, F = "d" * 16, "e" * 16, "f" * 16


def outcomes(number: int, statuses: dict[str, Status], emulator: str = "moto") -> RunOutcomes:
    return RunOutcomes(
        run(number, emulator=emulator), {key: result(key, status, number) for key, status in statuses.items()}
    )


def compared(before: dict[str, Status], after: dict[str, Status]) -> Comparison:
    return history.compare(outcomes(1, before), outcomes(2, after, "ministack"), START)


def test_each_architecture_is_told_once_as_what_became_of_it() -> None:
    found = compared(
        {A: "PASSED", B: "FAILED", C: "PASSED", D: "PASSED", E: "FAILED", F: "ERROR"},
        {A: "FAILED", B: "PARTIAL", C: "PARTIAL", D: "PASSED", E: "FAILED", F: "TIMEOUT"},
    )
    assert [each.arch_hash for each in found.regressions] == [A]
    assert [each.arch_hash for each in found.fixes] == [B]
    assert [(each.arch_hash, each.to_status) for each in found.changes] == [(C, "PARTIAL"), (F, "TIMEOUT")]
    assert found.failing == [E, F]
    assert found.equal == 2


def test_what_is_in_one_run_only_is_neither_regression_nor_fix() -> None:
    found = compared({A: "PASSED"}, {B: "FAILED"})
    assert (found.removed, found.added) == ([A], [B])
    assert not found.regressions
    assert not found.fixes


def test_a_run_is_not_compared_with_itself() -> None:
    with pytest.raises(UsageError, match="name two runs"):
        history.compare(outcomes(1, {A: "PASSED"}), outcomes(1, {A: "FAILED"}), START)


def runs() -> list[Run]:
    return [run(1), run(3), run(2)]


def test_latest_is_the_one_that_began_last() -> None:
    assert history.find_run(runs(), "latest").run_id == run_id(3)


def test_a_run_is_found_by_its_id_and_by_a_beginning_that_no_other_has() -> None:
    assert history.find_run(runs(), run_id(2)).run_id == run_id(2)
    others = [run(1), run(1).model_copy(update={"run_id": "6f1c2a34-0000-4000-8000-000000000000"})]
    assert history.find_run(others, "6F1C").run_id.startswith("6f1c2a34")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("0000", "is the beginning of 3 runs"), ("beef", "there is no run 'beef'"), ("", "there is no run ''")],
)
def test_a_name_that_means_no_run_or_several_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        history.find_run(runs(), name)


def test_a_store_without_runs_has_no_latest() -> None:
    with pytest.raises(UsageError, match="no run yet"):
        history.find_run([], "latest")
