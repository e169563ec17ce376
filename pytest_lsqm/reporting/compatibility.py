"""`compatibility.md`: a comparison of emulators as a page, with what people found out about its changes."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from pytest_lsqm.errors import UsageError
from pytest_lsqm.reporting import matrix as views
from pytest_lsqm.reporting.terminal import clip, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_lsqm.models import Matrix, MatrixCell


class Note(BaseModel):
    """Why architectures, by name, fare otherwise in `after` than in `before`, as the logs told who read them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    architectures: tuple[str, ...]
    before: str
    after: str
    text: str


class Notes(BaseModel):
    """What people have to say to a comparison; it lies beside the page, so that a page made anew still has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remarks: tuple[str, ...] = ()
    note: tuple[Note, ...] = ()

    def on(self, name: str, change: views.Change) -> str | None:
        """Return what was found out about a change."""
        wanted = (change.before, change.after)
        found = (n for n in self.note if name in n.architectures and (n.before, n.after) == wanted)
        return next((note.text for note in found), None)


def read_notes(path: Path) -> Notes:
    """Read notes from TOML, none where there is no such file; raises UsageError where they are no notes."""
    if not path.exists():
        return Notes()
    try:
        return Notes.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise UsageError(f"{path} has no notes on a comparison: {error}") from error


def markdown(matrix: Matrix, notes: Notes) -> Iterator[str]:
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
                next(
                    f"{passed} of {total}"
                    for label, passed, total in views.totals(matrix)
                    if label == column.label
                ),
            )
            for column in matrix.columns
        ],
    )
    if matrix.completed_at is None:
        ran = [sum(cell.status is not None for cell in row.values()) for row in matrix.cells.values()]
        share = f"{sum(map(bool, ran))} of {len(matrix.names)} architectures"
        yield ""
        yield f"**Not finished**: {sum(ran)} verdicts on {share} so far; `lsqm matrix --continue` goes on with it."
    for remark in notes.remarks:
        yield from ("", remark)
    yield from _changes(matrix, notes)
    yield from (
        "",
        "## Architectures",
        "",
        "`-`: not run, as the emulator does not have one of its services. Empty: not run yet.",
        "",
    )
    yield from _table(
        ("architecture", *labels),
        [
            (matrix.names.get(key, key), *(views.shown(row.get(label)) for label in labels))
            for key, row in sorted(matrix.cells.items(), key=lambda item: matrix.names.get(item[0], item[0]))
        ],
    )
    yield from ("", "## Services: architectures passed of those that use it", "")
    yield from _table(
        ("service", *labels),
        [
            (service, *(f"{row[label][0]}/{row[label][1]}" if label in row else "-" for label in labels))
            for service, row in views.services(matrix).items()
        ],
    )
    yield from ("", "## Operations that work on some and not on others", "")
    yield "An operation is named where every call of it failed with a server's error or was unknown."
    yield ""
    yield from _table(
        ("operation", *labels),
        [
            (name, *(views.outcome(matrix, name, label, refused) for label in labels))
            for name, refused in views.gaps(matrix).items()
        ],
    )
    yield from ("", "## What did not pass, and why", "")
    yield from _failures(matrix)


def portable(matrix: Matrix) -> Matrix:
    """Return a comparison without the folders of the machine on which Python's packages were."""
    cells = {key: {label: _portable(cell) for label, cell in row.items()} for key, row in matrix.cells.items()}
    return matrix.model_copy(update={"cells": cells})


def _portable(cell: MatrixCell) -> MatrixCell:
    if cell.cause is None:
        return cell
    error = re.sub(r"\S*/site-packages/", "…/site-packages/", cell.cause.error)
    return cell.model_copy(update={"cause": cell.cause.model_copy(update={"error": error})})


def _changes(matrix: Matrix, notes: Notes) -> Iterator[str]:
    found = views.changes(matrix)
    for title, lost in (("Lost between neighbouring versions", True), ("Mended between them", False)):
        yield from ("", f"## {title}", "")
        rows = []
        for change in found:
            if change.lost == lost:
                name = matrix.names.get(change.arch_hash, change.arch_hash)
                why = notes.on(name, change) or "not explained yet"
                verdicts = f"{views.shown(change.was)} → {views.shown(change.now)}"
                rows.append((name, change.before, change.after, verdicts, why))
        yield from _table(("architecture", "from", "to", "", "why"), rows)


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
                    f"{views.shown(cell)}{f' ({cell.attempts} times)' if cell.attempts > 1 else ''}",
                    cause.kind.replace("_", " ") if cause else "-",
                    (cause.operation if cause else None) or "-",
                    clip(told, 200),
                )
            )
    yield from _table(("architecture", "emulator", "", "cause", "operation", "what was said"), rows)


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
