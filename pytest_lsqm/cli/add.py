"""`lsqm add`: Terraform directories into the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.corpus import Store
from pytest_lsqm.discovery import directory
from pytest_lsqm.errors import LsqmError, UsageError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def run(arguments: argparse.Namespace) -> int:
    """Add each directory; one that cannot be added is reported, and the others go on."""
    if len(arguments.directories) > 1 and (arguments.name or arguments.source_url):
        raise UsageError("--name and --source-url belong to one directory: add the directories one by one")
    store = Store.create(arguments.corpus)
    told: list[dict[str, Any]] = []
    failed = 0
    for given in arguments.directories:
        try:
            told.append(_add(store, given, arguments))
        except LsqmError as error:
            failed += 1
            told.append({"directory": str(given), "error": str(error)})
    store.refresh_index()
    for entry in told:
        if not arguments.json:
            print(_sentence(entry))  # noqa: T201
    if arguments.json:
        print(json.dumps(told, indent=2))  # noqa: T201
    return 1 if failed else 0


def _add(store: Store, given: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    incoming = directory.read(
        given,
        name=arguments.name,
        description=arguments.description,
        version=arguments.version,
        source_url=arguments.source_url,
        source_type=arguments.source_type,
    )
    architecture = incoming.architecture
    added, app_added = directory.keep(store, incoming)
    return {
        "directory": str(given),
        "hash": architecture.hash,
        "name": architecture.name,
        "added": added,
        "app": app_added,
        "has_app": store.has_app(architecture.hash),
        "services": list(architecture.services),
        "resources": architecture.resource_count,
        "skip_reason": architecture.skip_reason,
        "unknown_types": list(architecture.unknown_types),
    }


def _sentence(entry: dict[str, Any]) -> str:
    if "error" in entry:
        return f"not added: {entry['error']}"
    done = "added" if entry["added"] else "there already"
    app = "with its app" if entry["has_app"] else "without an app"
    what = f"{entry['resources']} resources, {app} ({' '.join(entry['services'])})"
    text = f"{entry['hash']}  {entry['name']}: {done}, {what}"
    if entry["skip_reason"]:
        text += f"; skipped: {entry['skip_reason']}"
    if entry["unknown_types"]:
        text += f"; types of no known service: {', '.join(entry['unknown_types'])}"
    return text
