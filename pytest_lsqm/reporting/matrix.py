"""A comparison of emulators as text and as Markdown."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_lsqm.models import PASSING
from pytest_lsqm.reporting.terminal import clip, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.models import Matrix, MatrixCell

SIGNS = {"PASSED": "pass", "PARTIAL": "part", "FAILED": "FAIL", "TIMEOUT": "TIME", "ERROR": "error"}


def shown(cell: MatrixCell | None) -> str:
    """Return a cell in a word: `-` for what is not run there, `flaky` for what passed at a later try only."""
    if cell is None or cell.status is None:
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
        works = {label: any(_succeeded(outcome) for outcome in seen) for label, seen in columns.items()}
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


def markdown(matrix: Matrix) -> Iterator[str]:
    """Yield the comparison as a document in Markdown."""
    labels = [column.label for column in matrix.columns]
    yield f"Run {matrix.matrix_id}, {matrix.started_at:%Y-%m-%d %H:%M} UTC. " + _versions(matrix)
    yield ""
    yield from _table(
        ("emulator", "version", "Python", "architectures passed"),
        [
            (
                column.label,
                column.emulator.version if column.emulator else f"not run: {column.problem or 'nothing to run'}",
                (column.emulator.python or "-") if column.emulator else "-",
                next(f"{passed} of {total}" for label, passed, total in totals(matrix) if label == column.label),
            )
            for column in matrix.columns
        ],
    )
    yield from (
        "",
        "## Architectures",
        "",
        "`-` is not run there: the emulator does not have a service of it.",
        "",
    )
    yield from _table(
        ("architecture", *labels),
        [
            (matrix.names.get(key, key), *(shown(row.get(label)) for label in labels))
            for key, row in sorted(matrix.cells.items(), key=lambda item: matrix.names.get(item[0], item[0]))
        ],
    )
    yield from ("", "## Services: architectures passed of those that use it", "")
    yield from _table(
        ("service", *labels),
        [
            (service, *(f"{row[label][0]}/{row[label][1]}" if label in row else "-" for label in labels))
            for service, row in services(matrix).items()
        ],
    )
    yield from ("", "## Operations that work on some and not on others", "")
    yield "An operation is named where every call of it failed with a server's error or was unknown."
    yield ""
    yield from _table(
        ("operation", *labels),
        [
            (name, *(outcome(matrix, name, label, refused) for label in labels))
            for name, refused in gaps(matrix).items()
        ],
    )
    yield from ("", "## What did not pass, and why", "")
    yield from _failures(matrix)


def _failures(matrix: Matrix) -> Iterator[str]:
    rows = []
    for arch_hash, row in sorted(matrix.cells.items(), key=lambda item: matrix.names.get(item[0], item[0])):
        for label, cell in row.items():
            if cell.status in {None, "PASSED"}:
                continue
            cause = cell.cause
            told = cause.proof[0] if cause and cause.proof else (cell.message or "")
            rows.append(
                (
                    matrix.names.get(arch_hash, arch_hash),
                    label,
                    f"{shown(cell)}{f' ({cell.attempts} times)' if cell.attempts > 1 else ''}",
                    cause.kind.replace("_", " ") if cause else "-",
                    (cause.operation if cause else None) or "-",
                    clip(told, 200),
                )
            )
    yield from _table(("architecture", "emulator", "", "cause", "operation", "what was said"), rows)


def outcome(matrix: Matrix, name: str, label: str, refused: dict[str, str]) -> str:
    """Return how an operation fares on an emulator: how it is refused, `works`, or `-` where it was not called."""
    if label in refused:
        return refused[label]
    return "works" if any(map(_succeeded, matrix.operations[name].get(label, {}))) else "-"


def _succeeded(outcome: str) -> bool:
    return outcome[:1] in {"2", "3"}


def _broken(outcome: str) -> bool:
    unknown = ("UnknownOperation", "InvalidAction", "NotImplemented", "UnsupportedOperation")
    return outcome.startswith(("5", "no answer")) or any(word in outcome for word in unknown)


def totals(matrix: Matrix) -> list[tuple[str, int, int]]:
    """Return by emulator how many architectures passed, and how many were run."""
    found = []
    for column in matrix.columns:
        statuses = [
            row[column.label].status
            for row in matrix.cells.values()
            if column.label in row and row[column.label].status is not None
        ]
        found.append((column.label, statuses.count("PASSED"), len(statuses)))
    return found


def _title(matrix: Matrix, label: str) -> str:
    facts = next(column.emulator for column in matrix.columns if column.label == label)
    return f"{label} (Python {facts.python})" if facts and facts.python else label


def _versions(matrix: Matrix) -> str:
    named = ("hashicorp/aws", "terraform", "boto3", "pytest-lsqm")
    return ", ".join(f"{name} {matrix.versions[name]}" for name in named if name in matrix.versions) + "."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        yield "None."
        return
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(plain(word).replace('|', '¦').replace(chr(10), ' ') for word in row)} |"
