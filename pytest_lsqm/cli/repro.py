"""`lsqm repro`: a folder that shows a result with nothing of ours installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import UsageError
from pytest_lsqm.validation import reproducing
from pytest_lsqm.validation.bench import Bench

if TYPE_CHECKING:
    import argparse

    from pytest_lsqm.models import ValidationResult


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and say how to use it."""
    store = Store.open(arguments.corpus)
    result = _result(store, arguments.run_id, arguments.hash)
    folder = arguments.output or Path(f"repro-{arguments.hash}")
    architecture = store.architecture(arguments.hash)
    if not store.has_app(arguments.hash):
        raise UsageError(f"{arguments.hash} has no app; `lsqm generate --with builtin {arguments.hash}` makes one")
    reproducing.write(folder, Bench.open(store, _say), architecture, result)
    print(f"{result.status} of {architecture.name or arguments.hash} is shown by {folder / 'run.sh'}")  # noqa: T201
    return 0


def _result(store: Store, run_id: str, arch_hash: str) -> ValidationResult:
    run, _, label = run_id.partition(":")
    if label:
        return store.matrix_result(run, label, arch_hash)
    found = store.results(run) if any(run == each.run_id for each in store.runs()) else None
    if found is None:
        raise UsageError(f"there is no run {run}; the runs are the folders in {store.root / 'runs'}")
    if arch_hash not in found:
        raise UsageError(f"run {run} has no result of {arch_hash}")
    return found[arch_hash]


def _say(line: str) -> None:
    print(f"lsqm: {line}", file=sys.stderr, flush=True)  # noqa: T201
