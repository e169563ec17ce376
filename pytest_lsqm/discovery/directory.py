"""A Terraform directory of somebody's machine as an architecture, with the app that lies beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from pytest_lsqm import analysis
from pytest_lsqm.analysis import vendored
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.models import APP_FILES, HAND_WRITTEN, Architecture, TestApp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.analysis import Configuration
    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import Conversion

APP_FOLDER = "lsqm"
"""The folder beside the Terraform files that holds an app for them."""

NOT_LOOKED_INTO = frozenset({APP_FOLDER, vendored.FOLDER, "node_modules", "__pycache__", "venv", "site-packages"})
"""Folders below which no root module is looked for; neither is one in a hidden folder."""

MAX_FOLDERS = 20_000

MAX_LOST = 0.1
"""The part of its resources that an architecture may lose when it is converted to Terraform."""


class Load(Protocol):
    """What reads a root module: `analysis.load`, or that with bounds of somebody's own."""

    def __call__(self, path: Path, /, *, top: Path | None) -> Configuration:
        """Read the configuration in a folder."""
        ...


@dataclass(frozen=True)
class Incoming:
    """An architecture that is not in a store yet: its record, its files by their path in it, its app."""

    architecture: Architecture
    files: Mapping[str, Path]
    app: TestApp | None


def read(
    directory: Path,
    configuration: Configuration | None = None,
    *,
    conversion: Conversion | None = None,
    **described: Any,
) -> Incoming:
    """Read a root module; `described` are fields of the Architecture that the caller knows better.

    One that was converted, and lost more than MAX_LOST of its resources on the way, is marked as skipped.
    Raises UsageError where there is nothing to deploy or the app is broken, AnalysisError for what cannot be read.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory; give a folder that holds .tf files")
    configuration = configuration or analysis.load(directory)
    facts = analysis.analyse(configuration)
    if not facts.resource_count:
        raise UsageError(f"{directory} has no AWS resource, so there is nothing to deploy")
    gathered = analysis.gather(configuration)
    reasons = [*lost(conversion), *analysis.skip_reasons(facts)]
    fields: dict[str, Any] = {
        "hash": analysis.content_hash(gathered.files, gathered.root),
        "source_url": directory.resolve().as_uri(),
        "source_type": "github",
        "discovered_at": datetime.now(UTC),
        "services": facts.services or ("unknown",),
        "resource_count": facts.resource_count,
        "name": directory.resolve().name,
        "skipped": bool(reasons),
        "skip_reason": "; ".join(reasons) or None,
        "resource_types": facts.resource_types,
        "unknown_types": facts.unknown_types,
        "providers": facts.providers,
        "modules": facts.modules,
        "backends": facts.backends,
        "required_variables": facts.required_variables,
        "executes": facts.executes,
        "region": facts.region,
        "root": gathered.root,
        "conversion": conversion,
    }
    architecture = Architecture(
        **{**fields, **{key: value for key, value in described.items() if value is not None}}
    )
    return Incoming(architecture, gathered.files, _read_app(directory / APP_FOLDER, architecture.hash))


def lost(conversion: Conversion | None) -> list[str]:
    """Say what a conversion has lost, where that is more than MAX_LOST of the resources; else nothing."""
    if conversion is None or len(conversion.lost) <= conversion.resources * MAX_LOST:
        return []
    kinds = sorted({each.type for each in conversion.lost})
    named = ", ".join(kinds[:5]) + (f" and {len(kinds) - 5} more" if len(kinds) > 5 else "")
    what = f"{len(conversion.lost)} of {conversion.resources} resources"
    return [f"{what} could not be converted to Terraform: {named}"]


def keep(store: Store, incoming: Incoming) -> tuple[bool, bool]:
    """Put an architecture and its app into a store; whether each of the two was new to it."""
    added = store.add_architecture(incoming.architecture, incoming.files)
    return added, store.add_app(incoming.app, replace=True) if incoming.app else False


def configurations(
    folder: Path, *, top: Path | None = None, load: Load = analysis.load
) -> Iterator[tuple[Path, Configuration | Exception]]:
    """Yield each root module in a folder and below it, by path, with what it says or why it cannot be read.

    A module that another of them calls is part of that one, and no root. Nothing above `top` is read.
    """
    found: list[tuple[Path, Configuration | Exception]] = []
    called: set[Path] = set()
    for path in _with_terraform(folder):
        try:
            configuration = load(path, top=top)
        except (LsqmError, OSError) as error:
            found.append((path, error))
            continue
        found.append((path, configuration))
        called |= {module.path for module in configuration.modules[1:]}
    yield from (entry for entry in found if entry[0] not in called)


def has_terraform(folder: Path) -> bool:
    """Whether there is a Terraform configuration in a folder or below it."""
    return next(_with_terraform(folder), None) is not None


def _with_terraform(folder: Path) -> Iterator[Path]:
    for count, (name, inner, files) in enumerate(os.walk(os.path.realpath(folder))):
        if count > MAX_FOLDERS:
            raise UsageError(
                f"{folder} has more than {MAX_FOLDERS} folders below it: name the one with the Terraform"
            )
        inner[:] = sorted(each for each in inner if not each.startswith(".") and each not in NOT_LOOKED_INTO)
        if any(file.endswith((".tf", ".tf.json")) for file in files):
            yield Path(name)


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
