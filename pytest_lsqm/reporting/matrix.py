"""What a comparison of emulators says: counted by service and operation, between neighbours, and as text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_lsqm.models import PASSING
from pytest_lsqm.reporting.terminal import clip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.models import Matrix, MatrixCell, Status

SIGNS = {"PASSED": "pass", "PARTIAL": "part", "FAILED": "FAIL", "TIMEOUT": "TIME", "ERROR": "error"}


def shown(cell: MatrixCell | None) -> str:
    """Return a cell in a word.

    `-` is what that emulator cannot serve, nothing what was not run yet, `flaky` what passed at a later try only.
    """
    if cell is None:
        return ""
    if cell.status is None:
        return "-"
    return "flaky" if cell.flaky else SIGNS[cell.status]


def services(matrix: Matrix) -> dict[str, dict[str, tuple[int, int]]]:
    """Count passed and all architectures by service and emulator; an ERROR says nothing about a service."""
    counted: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for arch_hash, row in matrix.cells.items():
        for label, cell in row.items():
            if cell.status in {None, "ERROR"}:
                continue
            for service in matrix.services.get(arch_hash, ()):
                passed, total = counted[service].get(label, (0, 0))
                counted[service][label] = (passed + (cell.status == "PASSED"), total + 1)
    return {service: counted[service] for service in sorted(counted)}


def gaps(matrix: Matrix) -> dict[str, dict[str, str]]:
    """Return the operations that never succeeded on an emulator that answered them, and did on another."""
    found: dict[str, dict[str, str]] = {}
    for operation, columns in matrix.operations.items():
        works = {label: any(succeeded(outcome) for outcome in seen) for label, seen in columns.items()}
        refused = {
            label: max(seen, key=lambda outcome: seen[outcome])
            for label, seen in columns.items()
            if not works[label] and any(_broken(outcome) for outcome in seen)
        }
        if refused and any(works.values()):
            found[operation] = refused
    return found


def only_here(matrix: Matrix) -> dict[str, list[str]]:
    """Return by emulator the architectures that pass on every other one that ran them, and not on it."""
    found: dict[str, list[str]] = defaultdict(list)
    for arch_hash, row in matrix.cells.items():
        ran = {label: cell.status for label, cell in row.items() if cell.status is not None}
        failing = [label for label, status in ran.items() if status not in PASSING]
        if len(failing) == 1 and len(ran) > 1:
            found[failing[0]].append(arch_hash)
    return dict(found)


@dataclass(frozen=True)
class Change:
    """An architecture whose verdict differs between two neighbouring columns of one kind of emulator."""

    arch_hash: str
    before: str
    after: str
    was: MatrixCell
    now: MatrixCell

    @property
    def lost(self) -> bool:
        """Whether it fares worse in the second."""
        return _RANK[self.now.status or "ERROR"] < _RANK[self.was.status or "ERROR"]


_RANK: dict[Status, int] = {"PASSED": 2, "PARTIAL": 1, "FAILED": 0, "TIMEOUT": 0, "ERROR": 0}


def changes(matrix: Matrix) -> list[Change]:
    """Return what differs between each column and the next one of its kind, in the order of the columns."""
    found = []
    for before, after in pairwise(column.label for column in matrix.columns):
        if before.partition("@")[0] != after.partition("@")[0]:
            continue
        for arch_hash, row in sorted(matrix.cells.items(), key=lambda item: matrix.names.get(item[0], item[0])):
            was, now = row.get(before), row.get(after)
            if was and now and was.status and now.status and _RANK[was.status] != _RANK[now.status]:
                found.append(Change(arch_hash, before, after, was, now))
    return found


def text(matrix: Matrix, width: int) -> Iterator[str]:
    """Yield the comparison as lines for a terminal."""
    labels = [column.label for column in matrix.columns]
    for number, column in enumerate(matrix.columns, start=1):
        yield f"[{number}] {_title(matrix, column.label)}" + (f": {column.problem}" if column.problem else "")
    names = {key: clip(matrix.names.get(key, key), 30) for key in matrix.cells}
    broad = max(map(len, names.values()), default=0)
    yield ""
    yield f"{'':<{broad}}  " + " ".join(f"[{number}]".ljust(6) for number in range(1, len(labels) + 1))
    for arch_hash, row in matrix.cells.items():
        yield f"{names[arch_hash]:<{broad}}  " + " ".join(shown(row.get(label)).ljust(6) for label in labels)
    yield ""
    for label, passed, total in totals(matrix):
        yield f"{label}: {passed} of {total} passed"
    for label, hashes in only_here(matrix).items():
        yield clip(f"only on {label}: {', '.join(matrix.names.get(key, key) for key in hashes)}", width)


def _title(matrix: Matrix, label: str) -> str:
    facts = next(column.emulator for column in matrix.columns if column.label == label)
    return f"{label} (Python {facts.python})" if facts and facts.python else label


def outcome(matrix: Matrix, name: str, label: str, refused: dict[str, str]) -> str:
    """Return how an operation fares on an emulator: how it is refused, `works`, or `-` where it was not called."""
    if label in refused:
        return refused[label]
    return "works" if any(map(succeeded, matrix.operations[name].get(label, {}))) else "-"


def succeeded(outcome: str) -> bool:
    """Whether the outcome of an operation is one of success."""
    return outcome[:1] in {"2", "3"}


def _broken(outcome: str) -> bool:
    unknown = ("UnknownOperation", "InvalidAction", "NotImplemented", "UnsupportedOperation")
    return outcome.startswith(("5", "no answer")) or any(word in outcome for word in unknown)


def totals(matrix: Matrix) -> list[tuple[str, int, int]]:
    """Return for each emulator how many architectures passed, of how many that were run."""
    found = []
    for column in matrix.columns:
        statuses = [
            row[column.label].status
            for row in matrix.cells.values()
            if column.label in row and row[column.label].status is not None
        ]
        found.append((column.label, statuses.count("PASSED"), len(statuses)))
    return found
