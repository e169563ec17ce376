"""`matrices/{matrix_id}/`: comparisons of emulators, each with the results it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pytest_lsqm.corpus import files
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import Matrix, ValidationResult

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus.files import Place


def folder(place: Place, matrix_id: str) -> Path:
    """Return the folder of a comparison."""
    return place.root / "matrices" / matrix_id


def write(place: Place, matrix: Matrix) -> None:
    """Write a comparison, whole."""
    files.write(folder(place, matrix.matrix_id) / "matrix.json", matrix)


def write_result(place: Place, matrix_id: str, label: str, result: ValidationResult) -> None:
    """Write a result that a comparison is made from, by its column."""
    # The name of an emulator may be a URL.
    files.write(folder(place, matrix_id) / "results" / quote(label, safe="@") / f"{result.arch_hash}.json", result)


def read(place: Place, matrix_id: str) -> Matrix:
    """Return a comparison."""
    return files.read(folder(place, matrix_id) / "matrix.json", Matrix)


def latest(place: Place) -> Matrix | None:
    """Return the comparison that began last, None where there is none; a broken one is reported and left out."""
    found = []
    for matrix_id in files.names(place.root / "matrices", folders=True):
        try:
            found.append(read(place, matrix_id))
        except StoreError as error:
            place.report(error)
    return max(found, key=lambda matrix: matrix.started_at, default=None)


def read_result(place: Place, matrix_id: str, label: str, arch_hash: str) -> ValidationResult:
    """Return a result that a comparison is made from."""
    path = folder(place, matrix_id) / "results" / quote(label, safe="@") / f"{arch_hash}.json"
    return files.read(path, ValidationResult)


def results(place: Place, matrix_id: str, label: str) -> dict[str, ValidationResult]:
    """Return the results of a column by architecture, as far as they were written."""
    found = (folder(place, matrix_id) / "results" / quote(label, safe="@")).glob("*.json")
    return {path.stem: files.read(path, ValidationResult) for path in sorted(found)}
