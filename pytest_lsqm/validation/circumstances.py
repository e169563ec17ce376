"""Under what a verdict is found, as far as it can be told without deploying: recorded with it, and foreseen."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_lsqm
from pytest_lsqm import analysis, subsession
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import APP_FILES
from pytest_lsqm.terraform import warm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import Architecture, EmulatorFacts
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.project import Project
    from pytest_lsqm.terraform.providers import Mirror

_METADATA = "metadata.json"
_OF_APP = ("pytest", "boto3", "botocore")


@dataclass(frozen=True)
class Ground:
    """What is the same for all architectures of a run; times in seconds."""

    store: Store
    engine: Engine
    mirror: Mirror
    timeout: float
    test_timeout: float
    isolation: str
    confined: bool


@dataclass(frozen=True)
class Foreseen:
    """Under what an architecture would be validated now."""

    emulator: EmulatorFacts | None
    versions: Mapping[str, str]
    digests: Mapping[str, str]


def foresee(
    ground: Ground, architecture: Architecture, emulator: EmulatorFacts | None, providers: Mapping[str, str]
) -> Foreseen:
    """Say under what an architecture would be validated, where `init` chooses these providers (name to version).

    That it would is told by the digest of the providers, which also has those that it chose them from.
    """
    app = ground.store.app_folder(architecture.hash)
    return Foreseen(emulator, versions(ground, app, providers), digests(ground, architecture, app, providers))


def versions(ground: Ground, app: Path | None, providers: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of what a verdict is found with; the SDK's are those that the `app` has."""
    found = {ground.engine.name: ground.engine.version, "python": platform.python_version()}
    beside = _packages(app)
    for name in ("pytest-lsqm", *_OF_APP):
        if beside is not None and name in _OF_APP and name in beside:
            found[name] = beside[name]
            continue
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | dict(providers)


def digests(ground: Ground, architecture: Architecture, app: Path, providers: Mapping[str, str]) -> dict[str, str]:
    """Return what versions do not tell, by part; what cannot be told is not there."""
    parts: dict[str, Callable[[], str | None]] = {
        "architecture": lambda: _of_files(ground.store.terraform_folder(architecture.hash)),
        "app": lambda: _of_app(app),
        "packages": lambda: None if (beside := _packages(app)) is None else _digest(sorted(beside.items())),
        "plugin": _of_plugin,
        "providers": lambda: _of_providers(ground, providers),
        "settings": lambda: _digest(_settings(ground, architecture)),
    }
    found = {}
    for part, make in parts.items():
        try:
            digest = make()
        except (LsqmError, OSError, ValueError):
            continue
        if digest is not None:
            found[part] = digest
    return found


def providers_of(project: Project | None) -> dict[str, str]:
    """Return the version of each provider that `init` has chosen, by `namespace/name` or host and these."""
    if project is None:
        return {}
    folder, usual = project.root / ".terraform" / "providers", f"{project.engine.registry}/"
    chosen = [path.relative_to(folder) for path in folder.glob("*/*/*/*")]
    found = {path.parent.as_posix().removeprefix(usual): path.name for path in chosen}
    # One that is kept warm is not installed there.
    return found | ({"hashicorp/aws": aws} if (aws := project.provider_version()) else {})


def _settings(ground: Ground, architecture: Architecture) -> dict[str, Any]:
    app = ground.store.app(architecture.hash)
    return {
        "timeout": ground.timeout,
        "test_timeout": ground.test_timeout,
        "isolation": ground.isolation,
        "confined": ground.confined,
        "warm": warm.switched_on(),
        "machine": (platform.system(), platform.machine()),
        "root": architecture.root,
        # A failure is put down to the emulator only where the app has passed its gate.
        "gate": bool(app and app.gate and app.gate.passed),
    }


def _of_files(folder: Path) -> str:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    files.pop(_METADATA, None)
    return analysis.content_hash(files)


def _of_app(folder: Path) -> str | None:
    if not all((folder / name).is_file() for name in APP_FILES):
        return None
    digest = hashlib.sha256()
    for name in APP_FILES:
        digest.update((folder / name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _packages(app: Path | None) -> Mapping[str, str] | None:
    try:
        return subsession.packages((app / "requirements.txt").read_text()) if app is not None else None
    except (OSError, ValueError):
        return None


def _of_providers(ground: Ground, used: Mapping[str, str]) -> str | None:
    """Digest the programs of providers, and which versions there are: `init` takes the newest that fits."""
    told = []
    for name, version in sorted(used.items()):
        host = () if name.count("/") > 1 else (ground.engine.registry,)
        folder = ground.mirror.folder.joinpath(*host, name)
        programs = sorted((folder / version).glob("*/terraform-provider-*"))
        if not programs:
            return None
        told.append((name, sorted(path.name for path in folder.iterdir()), [_of_program(p) for p in programs]))
    return _digest(told)


def _of_program(path: Path) -> str:
    stat = path.stat()
    return _of_content(path.resolve(), stat.st_size, stat.st_mtime_ns)


@cache
def _of_content(path: Path, size: int, changed: int) -> str:
    # Hundreds of megabytes: once per process, unless it is another file by now.
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _of_plugin() -> str:
    """Digest the code of this package and the packages beside it: not every change of it is another version."""
    folder = Path(pytest_lsqm.__file__).parent
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    code = {path.relative_to(folder).as_posix(): path for path in files}
    return _digest([analysis.content_hash(code), sorted((subsession.packages("") or {}).items())])


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
