"""The files of a service: its configuration, and what that includes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless import documents
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("serverless.yml", "serverless.yaml", "serverless.json")
PROGRAMS = ("serverless.ts", "serverless.js", "serverless.mjs", "serverless.cjs")
MAX_FILE = 2 * 1024 * 1024


def configuration(folder: Path) -> dict[str, Any]:
    """Read the configuration of the service in a folder, as it is written.

    Raises DiscoveryError where there is none, or none that can be read without running it.
    """
    for name in NAMES:
        if (folder / name).is_file():
            found = _parsed(folder / name, name, folder)
            if isinstance(found, dict):
                return found
            raise DiscoveryError(f"{name} is no service: its top is no mapping")
    for name in PROGRAMS:
        if (folder / name).is_file():
            raise DiscoveryError(
                f"{name} is a program; a service is read from serverless.yml or serverless.json only"
            )
    raise DiscoveryError("there is no serverless.yml in the folder")


def included(folder: Path, written: str, top: Path) -> Any:
    """Read a file that a service includes; None where it does not exist.

    Raises DiscoveryError for one that is a program, lies outside of `top`, or cannot be read.
    """
    path = (folder / written.strip()).resolve()
    if not path.is_relative_to(top.resolve()):
        raise DiscoveryError("is a file outside of the package")
    if path.suffix in {".js", ".cjs", ".mjs", ".ts"}:
        raise DiscoveryError("is given by a program")
    return _parsed(path, shown(written.strip()), top) if path.is_file() else None


def _parsed(path: Path, name: str, top: Path) -> Any:
    try:
        if not path.resolve().is_relative_to(top.resolve()):
            raise DiscoveryError(f"{name} leads out of the package")
        if path.stat().st_size > MAX_FILE:
            raise DiscoveryError(f"{name} is larger than {MAX_FILE // 1024**2} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DiscoveryError(f"{name} cannot be read: {reason}") from error
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise DiscoveryError(f"{name} is no JSON: {error}") from error
    return documents.load(text, name) if path.suffix in {".yml", ".yaml"} else text
