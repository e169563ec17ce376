"""`lsqm add`: Terraform directories into the store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pytest_lsqm import analysis
from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.models import APP_FILES, HAND_WRITTEN, Architecture, TestApp

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

APP_FOLDER = "lsqm"
"""The folder beside the Terraform files that holds an app for them."""


def run(arguments: argparse.Namespace) -> int:
    """Add each directory; one that cannot be added is reported, and the others go on."""
    if len(arguments.directories) > 1 and (arguments.name or arguments.source_url):
        raise UsageError("--name and --source-url belong to one directory: add the directories one by one")
    store = Store.create(arguments.corpus)
    told: list[dict[str, Any]] = []
    failed = 0
    for directory in arguments.directories:
        try:
            told.append(_add(store, directory, arguments))
        except LsqmError as error:
            failed += 1
            told.append({"directory": str(directory), "error": str(error)})
    store.refresh_index()
    for entry in told:
        if not arguments.json:
            print(_sentence(entry))  # noqa: T201
    if arguments.json:
        print(json.dumps(told, indent=2))  # noqa: T201
    return 1 if failed else 0


def _add(store: Store, directory: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory; give a folder that holds .tf files")
    configuration = analysis.load(directory)
    facts = analysis.analyse(configuration)
    if not facts.resource_count:
        raise UsageError(f"{directory} has no AWS resource, so there is nothing to deploy")
    gathered = analysis.gather(configuration)
    arch_hash = analysis.content_hash(gathered.files, gathered.root)
    reasons = analysis.skip_reasons(facts)
    architecture = Architecture(
        hash=arch_hash,
        source_url=arguments.source_url or directory.resolve().as_uri(),
        source_type=arguments.source_type,
        discovered_at=datetime.now(UTC),
        services=facts.services or ("unknown",),
        resource_count=facts.resource_count,
        name=arguments.name or directory.resolve().name,
        description=arguments.description,
        version=arguments.version,
        skipped=bool(reasons),
        skip_reason="; ".join(reasons) or None,
        resource_types=facts.resource_types,
        unknown_types=facts.unknown_types,
        providers=facts.providers,
        modules=facts.modules,
        backends=facts.backends,
        required_variables=facts.required_variables,
        executes=facts.executes,
        region=facts.region,
        root=gathered.root,
    )
    # The app first: a broken one must not leave its architecture behind alone.
    app = _read_app(directory / APP_FOLDER, arch_hash)
    added = store.add_architecture(architecture, gathered.files)
    app_added = store.add_app(app, replace=True) if app else False
    return {
        "directory": str(directory),
        "hash": arch_hash,
        "name": architecture.name,
        "added": added,
        "app": app_added,
        "has_app": app is not None or store.has_app(arch_hash),
        "services": list(architecture.services),
        "resources": architecture.resource_count,
        "skip_reason": architecture.skip_reason,
        "unknown_types": list(facts.unknown_types),
    }


def _read_app(folder: Path, arch_hash: str) -> TestApp | None:
    if not folder.is_dir():
        return None
    try:
        return TestApp(
            arch_hash=arch_hash,
            generated_at=datetime.now(UTC),
            generator_version=version("pytest-lsqm"),
            model_used=HAND_WRITTEN,
            input_tokens=0,
            output_tokens=0,
            files={name: (folder / name).read_text() for name in APP_FILES if (folder / name).is_file()},
        )
    except ValidationError as error:
        reasons = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        raise UsageError(f"{folder}: {reasons}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{folder} cannot be read: {error}") from error


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
