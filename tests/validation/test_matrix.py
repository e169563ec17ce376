"""One queue of jobs for several emulators: what is run, what is run again, and what is left when it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.validation.matrix import Comparison
from tests.corpus.records import A, B, result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.models import Matrix, Status, ValidationResult

OLD, NEW = "moto@4", "moto@5"


@dataclass
class Place:
    """An emulator on which each architecture comes to the statuses that were made up for it, one after another."""

    label: str
    statuses: Mapping[str, list[Status | type[BaseException]]]
    ran: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def emulator(self) -> Any:
        return SimpleNamespace(version=self.label.partition("@")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        """End nothing."""

    def reason_against(self, arch_hash: str, entry: Any) -> None:
        """Run everything."""

    def validate(self, arch_hash: str, run_id: str, *, fresh: bool = False) -> ValidationResult:
        self.ran.append((self.label, arch_hash, fresh))
        if not isinstance(status := self.statuses[arch_hash].pop(0), str):
            raise status
        facts = EmulatorFacts(name="moto", version=self.emulator.version)
        return result(arch_hash, status).model_copy(update={"emulator": facts})


def compare(root: Path, matrix_id: str = "m", **places: dict[str, list[Any]]) -> tuple[Matrix, list[Any]]:
    """Compare on `old` and `new`; return the matrix with what was run, in that order."""
    ran: list[Any] = []
    by_label = {
        label: Place(label, places[name], ran) for name, label in (("old", OLD), ("new", NEW)) if name in places
    }
    bench: Any = SimpleNamespace(store=Store.create(root), on=lambda label, size: by_label[label])
    entries: Any = {key: SimpleNamespace(name=key, services=("sqs",)) for key in (A, B)}
    comparison = Comparison(bench, entries, lambda *told: None, matrix_id=matrix_id)
    try:
        return comparison.run(list(by_label), workers=1), ran
    except KeyboardInterrupt:
        return bench.store.matrix(matrix_id), ran


def statuses(matrix: Matrix) -> dict[tuple[str, str], str | None]:
    return {(key, label): cell.status for key, row in matrix.cells.items() for label, cell in row.items()}


def test_one_that_is_stopped_keeps_what_it_had_and_goes_on_with_the_rest(tmp_path: Path) -> None:
    stopped, _ = compare(tmp_path, old={A: ["PASSED"], B: ["PASSED"]}, new={A: ["PASSED"], B: [KeyboardInterrupt]})
    assert statuses(stopped) == {(A, OLD): "PASSED", (A, NEW): "PASSED", (B, OLD): "PASSED"}
    assert stopped.completed_at is None
    done, ran = compare(tmp_path, old={}, new={B: ["PASSED"]})
    assert ran == [(NEW, B, False)]
    assert len(statuses(done)) == 4
    assert done.completed_at is not None


def test_an_error_and_what_another_version_said_spare_nothing(tmp_path: Path) -> None:
    compare(tmp_path, old={A: ["ERROR"], B: ["PASSED"]})
    for path in tmp_path.glob(f"matrices/m/results/*/{B}.json"):
        path.write_text(path.read_text().replace('"version": "4"', '"version": "3"'))
    _, ran = compare(tmp_path, old={A: ["PASSED"], B: ["PASSED"]})
    assert ran == [(OLD, A, False), (OLD, B, False)]


@pytest.mark.parametrize("status", ["FAILED", "PARTIAL", "TIMEOUT"])
def test_what_passes_elsewhere_is_tried_again_on_a_fresh_one(tmp_path: Path, status: Status) -> None:
    everything: list[Any] = ["PASSED"]
    found, ran = compare(tmp_path, old={A: ["PASSED"], B: everything}, new={A: [status, status], B: ["PASSED"]})
    assert [each for each in ran if each[2]] == [(NEW, A, True)]
    assert (found.cells[A][NEW].status, found.cells[A][NEW].attempts) == (status, 2)


def test_what_passes_nowhere_is_not_tried_again(tmp_path: Path) -> None:
    _, ran = compare(tmp_path, old={A: ["FAILED"], B: ["PASSED"]}, new={A: ["PARTIAL"], B: ["PASSED"]})
    assert [each for each in ran if each[2]] == []
