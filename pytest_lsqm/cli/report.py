"""`lsqm report`: one HTML page on a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.cli.matrix import DOCUMENT
from pytest_lsqm.corpus import Store, files
from pytest_lsqm.errors import UsageError
from pytest_lsqm.models import Matrix
from pytest_lsqm.reporting import html, recalling

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pytest_lsqm.models import Run


def run(arguments: argparse.Namespace) -> int:
    """Write the page, and say where it is."""
    store = Store.open(arguments.corpus)
    chosen = _run(store, arguments.run_id) if arguments.run_id else recalling.latest(store)
    matrix = _matrix(arguments.matrix) if arguments.matrix else store.latest_matrix()
    target: Path = arguments.output or store.root / html.PLACE
    if target.is_dir():
        raise UsageError(f"--output: {target} is a folder; name a file")
    html.write(store, chosen, target, matrix)
    print(f"report: {target}")  # noqa: T201
    return 0


def _run(store: Store, run_id: str) -> Run:
    for found in store.runs():
        if found.run_id == run_id:
            return found
    raise UsageError(f"there is no run {run_id}; the runs are the folders in {store.root / 'runs'}")


def _matrix(path: Path) -> Matrix:
    named = [path / DOCUMENT, path / "matrix.json"] if path.is_dir() else [path]
    for each in named:
        if each.is_file():
            return files.read(each, Matrix)
    raise UsageError(f"--matrix: {path} has no {DOCUMENT}; `lsqm matrix --output DIR` writes one")
