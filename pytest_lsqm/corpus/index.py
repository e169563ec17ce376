"""`architectures/index.json`: what a collection needs, derived from metadata, apps and results.

Whether the index is behind is found without opening any file of an architecture. `.index-check` beside
the lock remembers inode, size and change time of every metadata file, of every run's results folder
and of the index itself, as they were when the index was built; what is still equal has not changed.
Equality, not "newer than": a checkout, a copy or an unpacked archive sets times as it likes. The check
is not a record: without it (after a clone) all metadata are read once, and the results of those runs
that ended after the index was last written.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import apps, architectures, files, runs
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import Architecture, Index, IndexEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from pytest_lsqm.corpus.files import Place
    from pytest_lsqm.models import ValidationResult, Verdict

INDEX, CHECK = "architectures/index.json", ".index-check"

_LAST = {"last_validated", "last_status", "last_seconds"}
"""What an entry has from results, not from metadata."""

Mark = list[int] | None
"""Inode, size and change time in nanoseconds; None for what is not there."""


@dataclass
class _Check:
    """What the index was built from."""

    index: Mark = None
    architectures: dict[str, Mark] = field(default_factory=dict)
    runs: dict[str, Mark] = field(default_factory=dict)


def read(place: Place) -> Index:
    """Return the index as it was last written."""
    return files.read(place.root / INDEX, Index)


def refresh(place: Place, fresh: Sequence[ValidationResult] = (), *, everything: bool = False) -> Index:
    """Return the index, written anew where it is absent or behind; `fresh` results need not be read again.

    With `everything` all metadata and runs are read, whatever the index holds already.
    """
    # A store that cannot be written can still be read, if its index happens to be right.
    with place.locked() if place.writable() else contextlib.nullcontext():
        path = place.root / INDEX
        old = read(place) if os.path.lexists(path) else None
        known = _read_check(place)
        if everything or old is None or known is None or known.index != _mark(path):
            known = None
        now = _look(place)
        entries = _entries(place, old, known, now)
        entered = [name for name in entries if old is None or name not in old.architectures]
        counted = set() if everything else _counted(place, old, known, now)
        _merge(entries, _results(place, entered, counted, fresh))
        index = old if old is not None and entries == old.architectures else _write(place, old, entries)
        now.index = _mark(path)
        if now != known:
            _write_check(place, now)
        return index


def _mark(path: Path | str) -> Mark:
    try:
        status = os.stat(path)  # noqa: PTH116 - ten thousand of these are the cost of a check
    except OSError:
        return None
    return [status.st_ino, status.st_size, status.st_ctime_ns]


def _look(place: Place) -> _Check:
    metadata = f"{place.root}/architectures/{{}}/{architectures.METADATA}"
    results = f"{place.root}/runs/{{}}/results"
    return _Check(
        architectures={name: _mark(metadata.format(name)) for name in architectures.hashes(place)},
        runs={name: _mark(results.format(name)) for name in runs.ids(place)},
    )


def _read_check(place: Place) -> _Check | None:
    try:
        data = json.loads((place.root / CHECK).read_bytes())
        return _Check(data["index"], dict(data["architectures"]), dict(data["runs"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_check(place: Place, check: _Check) -> None:
    # It only saves time, so the lack of it is no error.
    with contextlib.suppress(StoreError):
        files.write_bytes(place.root / CHECK, json.dumps(asdict(check), separators=(",", ":")).encode())


def _entries(place: Place, old: Index | None, known: _Check | None, now: _Check) -> dict[str, IndexEntry]:
    before = old.architectures if old else {}
    with_app = set(apps.hashes(place))
    entries = {}
    for arch_hash, mark in now.architectures.items():
        entry = before.get(arch_hash)
        has_app = arch_hash in with_app
        if entry is None or known is None or mark is None or known.architectures.get(arch_hash) != mark:
            try:
                entries[arch_hash] = _entry(architectures.read(place, arch_hash), has_app, entry)
            except StoreError as error:
                place.report(error)
        else:
            same = entry.has_app == has_app
            entries[arch_hash] = entry if same else entry.model_copy(update={"has_app": has_app})
    for orphan in sorted(with_app - set(now.architectures)):
        place.report(f"{apps.folder(place, orphan)} is the app of no architecture in this store: it is not run.")
    return entries


def _entry(architecture: Architecture, has_app: bool, old: IndexEntry | None) -> IndexEntry:
    copied = IndexEntry.model_fields.keys() & Architecture.model_fields.keys()
    kept = {**(old.model_extra or {}), **old.model_dump(include=_LAST)} if old else {}
    return IndexEntry(**{name: getattr(architecture, name) for name in copied}, has_app=has_app, **kept)


def _results(
    place: Place, entered: Collection[str], counted: Collection[str], fresh: Sequence[ValidationResult]
) -> Iterator[Verdict | ValidationResult]:
    yield from fresh
    at_hand = Counter(result.run_id for result in fresh)
    for run_id in runs.ids(place):
        if run_id in counted:
            # What entered the index only now may have results from before: metadata were repaired or copied in.
            yield from runs.verdicts(place, run_id, only=entered).values()
        elif at_hand[run_id] < runs.count_results(place, run_id):
            yield from runs.verdicts(place, run_id).values()


def _counted(place: Place, old: Index | None, known: _Check | None, now: _Check) -> set[str]:
    """Return the runs whose results the old index holds already."""
    if known:
        return {run_id for run_id, mark in now.runs.items() if mark and known.runs.get(run_id) == mark}
    return {run_id for run_id in now.runs if old and _ended_before(place, run_id, old.last_updated)}


def _ended_before(place: Place, run_id: str, moment: datetime) -> bool:
    try:
        completed = runs.read(place, run_id).completed_at
    except StoreError as error:
        place.report(error)
        return False
    return completed is not None and completed <= moment


def _merge(entries: dict[str, IndexEntry], results: Iterable[Verdict | ValidationResult]) -> None:
    for result in results:
        entry = entries.get(result.arch_hash)
        at = result.reused.at if result.reused else result.completed_at
        if entry and (entry.last_validated is None or at >= entry.last_validated):
            seconds = round((result.completed_at - result.started_at).total_seconds(), 3)
            last = {"last_validated": at, "last_status": result.status, "last_seconds": seconds}
            entries[result.arch_hash] = entry.model_copy(update=last)


def _write(place: Place, old: Index | None, entries: dict[str, IndexEntry]) -> Index:
    kept = (old.model_extra or {}) if old else {}
    index = Index(**kept, last_updated=datetime.now(UTC), count=len(entries), architectures=entries)
    files.write(place.root / INDEX, index)
    return index
