"""A corpus on several emulators, side by side."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from pytest_lsqm.models.base import ArchHash, Count, Part, Record, Status
from pytest_lsqm.models.observations import Cause
from pytest_lsqm.models.runs import EmulatorFacts


class MatrixColumn(Part):
    """An emulator by its `NAME@VERSION`; `problem` says why nothing could be run on it."""

    label: str
    emulator: EmulatorFacts | None = None
    problem: str | None = None


class MatrixCell(Part):
    """What came of one architecture on one emulator: a status, or the reason why it was not run there."""

    status: Status | None = None
    skipped: str | None = None
    seconds: float = 0.0
    message: str | None = None
    cause: Cause | None = None
    drifted: Count = 0
    attempts: Count = 1
    flaky: bool = False


class Matrix(Record):
    """A comparison of emulators: `matrices/{matrix_id}/matrix.json`, its results beside it by column.

    `operations` are counted over all architectures: by operation, column and outcome.
    """

    matrix_id: str
    started_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    columns: tuple[MatrixColumn, ...]
    names: dict[ArchHash, str] = Field(default_factory=dict)
    services: dict[ArchHash, tuple[str, ...]] = Field(default_factory=dict)
    cells: dict[ArchHash, dict[str, MatrixCell]] = Field(default_factory=dict)
    operations: dict[str, dict[str, dict[str, Count]]] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
