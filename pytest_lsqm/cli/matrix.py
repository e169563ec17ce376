"""`lsqm matrix`: the corpus on several emulators and versions, side by side."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import UsageError
from pytest_lsqm.reporting import compatibility
from pytest_lsqm.reporting import matrix as views
from pytest_lsqm.validation.bench import Bench
from pytest_lsqm.validation.matrix import Comparison

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from pytest_lsqm.models import IndexEntry, Matrix, MatrixCell

MARKDOWN, DOCUMENT, NOTES = "compatibility.md", "compatibility.json", "compatibility-notes.toml"


def run(arguments: argparse.Namespace) -> int:
    """Run the comparison, or show one again; exit code 1 where an emulator could not be made ready."""
    store = Store.open(arguments.corpus)
    if arguments.show:
        return _out(store.matrix(arguments.show), arguments)
    labels = [label for word in arguments.emulators or () for label in word.split(",") if label]
    earlier = store.matrix(arguments.resume) if arguments.resume else None
    if earlier is not None:
        labels = labels or [column.label for column in earlier.columns]
    if not labels:
        raise UsageError("--emulators wants at least one NAME@VERSION, such as localstack-host@4.14.0,moto")
    if arguments.workers < 1 or arguments.confirm < 0:
        raise UsageError("-n wants a number of at least 1, --confirm one of at least 0")
    entries = _selected(store.refresh_index().architectures, arguments.keywords)
    bench = Bench.open(store, _say, timeout=arguments.timeout, test_timeout=arguments.test_timeout)

    def tell(label: str, arch_hash: str, cell: MatrixCell) -> None:
        if cell.status is not None:
            told = f"  {cell.message.splitlines()[0][:100]}" if cell.message else ""
            _say(f"{label:<26} {views.shown(cell):<6} {entries[arch_hash].name or arch_hash}{told}")

    comparison = Comparison(bench, entries, tell, arguments.confirm)
    if earlier is not None:
        comparison = replace(comparison, matrix_id=earlier.matrix_id, started_at=earlier.started_at)
    _say(f"if it is stopped, `lsqm matrix --continue {comparison.matrix_id}` goes on with it")
    return _out(comparison.run(labels, arguments.workers), arguments)


def _out(matrix: Matrix, arguments: argparse.Namespace) -> int:
    matrix = compatibility.portable(matrix)
    document = json.dumps(matrix.model_dump(mode="json", exclude_none=True), indent=1)
    if arguments.output is not None:
        arguments.output.mkdir(parents=True, exist_ok=True)
        notes = compatibility.read_notes(arguments.output / NOTES)
        page = ["# Compatibility", "", *compatibility.markdown(matrix, notes)]
        (arguments.output / MARKDOWN).write_text("\n".join(page) + "\n", encoding="utf-8")
        (arguments.output / DOCUMENT).write_text(document + "\n", encoding="utf-8")
    if arguments.json:
        print(document)  # noqa: T201
    else:
        print("\n".join(views.text(matrix, shutil.get_terminal_size().columns)))  # noqa: T201
        print(f"matrix: {arguments.corpus / 'matrices' / matrix.matrix_id}")  # noqa: T201
    return 1 if any(column.problem for column in matrix.columns) else 0


def _selected(entries: Mapping[str, IndexEntry], keywords: Sequence[str]) -> dict[str, IndexEntry]:
    chosen = {
        key: entry
        for key, entry in entries.items()
        if not keywords
        or any(keyword in word for keyword in keywords for word in (key, entry.name or "", *entry.services))
    }
    if not chosen:
        wanted = " or ".join(map(repr, keywords)) or "anything"
        raise UsageError(f"the store has no architecture whose hash, name or services have {wanted} in them")
    return dict(sorted(chosen.items(), key=lambda item: (item[1].name or item[0], item[0])))


def _say(line: str) -> None:
    print(f"lsqm: {line}", file=sys.stderr, flush=True)  # noqa: T201
