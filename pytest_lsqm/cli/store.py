"""`lsqm status`, `lsqm clean` and `lsqm schema`."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import UsageError
from pytest_lsqm.models import RECORDS
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    import argparse


def status(arguments: argparse.Namespace) -> int:
    """Print counts of the store, its last run and the architectures that did not pass."""
    store = Store.open(arguments.corpus)
    index = store.refresh_index()
    runs = store.runs()
    last = runs[-1] if runs else None
    told: dict[str, Any] = {
        "store": str(store.root),
        "architectures": index.count,
        "with_app": sum(entry.has_app for entry in index.architectures.values()),
        "skipped": sum(entry.skipped for entry in index.architectures.values()),
        "runs": len(runs),
        "last_run": last.model_dump(mode="json") if last else None,
        "not_passed": {
            key: entry.last_status
            for key, entry in index.architectures.items()
            if entry.last_status not in {None, "PASSED"}
        },
        "problems": list(store.problems),
    }
    if arguments.json:
        _say(json.dumps(told, indent=2))
        return 0
    _say(f"{index.count} architectures in {store.root}: {told['with_app']} with an app, {told['skipped']} skipped")
    if last:
        counted = last.summary
        _say(
            f"{len(runs)} runs; the last, {last.run_id}, on {last.emulator_kind} {last.localstack_version} at "
            f"{last.started_at:%Y-%m-%d %H:%M} UTC: {counted.passed} of {counted.total} passed"
        )
    else:
        _say("no run yet: pytest --lsqm makes one")
    for key, state in told["not_passed"].items():
        _say(f"  {state:<8} {key}  {index.architectures[key].name or ''}")
    for problem in store.problems:
        _say(problem)
    return 0


def clean(arguments: argparse.Namespace) -> int:
    """Remove half-written files of the store, containers of runs that are dead and, if asked, the cache."""
    if arguments.corpus.exists():
        for path in Store.open(arguments.corpus).remove_leftovers():
            _say(f"removed {path}")
    from pytest_lsqm.emulators import container

    for name in container.remove_orphans():
        _say(f"removed container {name}")
    if arguments.cache and cache_folder().exists():
        shutil.rmtree(cache_folder())
        _say(f"removed {cache_folder()}")
    return 0


def schema(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema of one record, or an object with all of them."""
    if arguments.record is None:
        _say(json.dumps({name: record.model_json_schema() for name, record in RECORDS.items()}, indent=2))
        return 0
    if arguments.record not in RECORDS:
        raise UsageError(f"there is no record {arguments.record!r}; there are: {', '.join(RECORDS)}")
    _say(json.dumps(RECORDS[arguments.record].model_json_schema(), indent=2))
    return 0


def _say(line: str) -> None:
    print(line)  # noqa: T201
