"""`lsqm add`: Terraform directories into the store."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.corpus import Store
from pytest_lsqm.discovery import directory
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.terraform import modules
from pytest_lsqm.terraform.engine import find_engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pytest_lsqm.discovery.directory import Incoming
    from pytest_lsqm.models import Architecture


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
    described = {
        "name": arguments.name,
        "description": arguments.description,
        "version": arguments.version,
        "source_url": arguments.source_url,
        "source_type": arguments.source_type,
    }
    incoming = directory.read(given, **described)
    not_fetched: str | None = None
    with tempfile.TemporaryDirectory(prefix="lsqm-add-") as scratch:
        if incoming.architecture.modules:
            try:
                incoming = _with_modules(incoming, Path(scratch), described)
            except LsqmError as error:
                not_fetched = str(error)
        added, app_added = directory.keep(store, incoming)
    told = {"directory": str(given), "added": added, "app": app_added, "modules_not_fetched": not_fetched}
    return told | _facts(store, incoming.architecture)


def _with_modules(incoming: Incoming, scratch: Path, described: Mapping[str, Any]) -> Incoming:
    """Read an architecture again in a copy that brings its remote modules along."""
    for name, source in incoming.files.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, scratch / name)
    before = incoming.architecture
    root = scratch / before.root
    modules.vendor(find_engine(_say), root)
    own = {"name": before.name, "source_url": before.source_url}
    again = directory.read(root, **{**described, **own})
    app = incoming.app.model_copy(update={"arch_hash": again.architecture.hash}) if incoming.app else None
    return replace(again, app=app)


def _facts(store: Store, architecture: Architecture) -> dict[str, Any]:
    return {
        "hash": architecture.hash,
        "name": architecture.name,
        "has_app": store.has_app(architecture.hash),
        "services": list(architecture.services),
        "resources": architecture.resource_count,
        "skip_reason": architecture.skip_reason,
        "unknown_types": list(architecture.unknown_types),
    }


def _say(line: str) -> None:
    print(f"lsqm: {line}", file=sys.stderr)  # noqa: T201


def _sentence(entry: dict[str, Any]) -> str:
    if "error" in entry:
        return f"not added: {entry['error']}"
    done = "added" if entry["added"] else "there already"
    app = "with its app" if entry["has_app"] else "without an app"
    what = f"{entry['resources']} resources, {app} ({' '.join(entry['services'])})"
    text = f"{entry['hash']}  {entry['name']}: {done}, {what}"
    if entry["skip_reason"]:
        text += f"; skipped: {entry['skip_reason']}"
    if entry["modules_not_fetched"]:
        text += f"; its remote modules are not in the store ({entry['modules_not_fetched']})"
    if entry["unknown_types"]:
        text += f"; types of no known service: {', '.join(entry['unknown_types'])}"
    return text
