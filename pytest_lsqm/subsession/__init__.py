"""An app's own pytest session: a separate process that sees the emulator and what Terraform made, and no more."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import secrets
import shutil
import site
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import process
from pytest_lsqm.models import APP_FILES, parse_requirements
from pytest_lsqm.process import uv
from pytest_lsqm.process.strays import end_strays
from pytest_lsqm.settings import cache_folder
from pytest_lsqm.subsession import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.requirements import Requirement

    from pytest_lsqm.process.forking import Forks
    from pytest_lsqm.process.jail import Jail
    from pytest_lsqm.subsession.record import Report

OUTPUT_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Deployment:
    """What an app is told of what was deployed; `environment` holds the variables of the emulator."""

    environment: Mapping[str, str]
    outputs: Mapping[str, Any]
    resources: Sequence[Mapping[str, Any]]


REHEARSAL = Path(__file__).with_name("rehearsal.py")
"""What a process loads before apps are forked from it."""


def open_forks() -> Forks | None:
    """Start what apps are forked from, which loads in the background; None where this platform cannot."""
    from pytest_lsqm.process import forking

    if not forking.possible():
        return None
    forks = forking.Forks(REHEARSAL)
    forks.warm()
    return forks


def run_app(
    app: Path,
    deployment: Deployment,
    scratch: Path,
    *,
    timeout: float,
    test_timeout: float,
    jail: Jail | None = None,
    forks: Forks | None = None,
) -> Report:
    """Run a copy of the app in `scratch` within `timeout` seconds, each test within `test_timeout`.

    In a `jail` it can write its own folders and nothing else of the scratch folder. Its process is forked by
    `forks` where there are any and the app needs nothing that is not loaded there.
    """
    folder, control, home = scratch / "app", scratch / "control", scratch / "app-home"
    folder.mkdir(parents=True)
    control.mkdir()
    for name in APP_FILES:
        shutil.copyfile(app / name, folder / name)
    outputs, resources = control / "outputs.json", control / "resources.json"
    outputs.write_text(json.dumps(dict(deployment.outputs)))
    resources.write_text(json.dumps([dict(resource) for resource in deployment.resources]))
    python, own = interpreter((app / "requirements.txt").read_text())
    env = process.base_environment(home) | dict(deployment.environment)
    env |= {"LSQM_OUTPUTS": str(outputs), "LSQM_RESOURCES": str(resources), "PYTHONDONTWRITEBYTECODE": "1"}
    if not own:
        # Plugins of the tool's environment are none of the app's; its own environment holds what it asked for.
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    recorded = control / "record.jsonl"
    arguments = [
        *("--rootdir", folder, "-c", folder / "pytest.ini", "-o", "addopts=", "-p", "no:cacheprovider"),
        *(() if own else ("-p", "pytest_timeout")),
        *(f"--timeout={test_timeout:g}", "--timeout-method=signal"),
        *("-q", "--tb=short", "--color=no", "-rfEs", folder),
    ]
    (folder / "pytest.ini").write_text("[pytest]\n")
    script = Path(__file__).with_name("recorder.py")
    if jail is not None:
        installed = [python.parents[1]] if own else []
        jail = jail.to(write=(folder, control, home), read=(script.parent, *installed), counted=True)
    key, secret = control / "record.key", secrets.token_bytes(32)
    key.write_bytes(secret)
    words, done = [script, recorded, key, *arguments], None
    if forks is not None and not own:
        done = forks.run(words, env=env, cwd=folder, timeout=timeout, jail=jail)
    if done is None:
        done = process.run([python, "-I", *words], env=env, cwd=folder, timeout=timeout, jail=jail)
    end_strays(scratch)  # what the app started and took out of its group, before it disturbs the next stage
    events, whole = record.load(recorded, secret)
    return record.read(events, done, output=(done.stdout + done.stderr)[-OUTPUT_LIMIT:], whole=whole)


def interpreter(requirements: str) -> tuple[Path, bool]:
    """Return the interpreter for these requirements, and whether it is one of the app's own.

    What the tool's environment satisfies runs there; anything more gets a cached environment.
    """
    wanted = parse_requirements(requirements)
    if all(_installed(requirement) for requirement in wanted):
        return Path(sys.executable), False
    folder, lines = _own(wanted)
    return uv.ensure_environment(folder, lines), True


def packages(requirements: str) -> Mapping[str, str] | None:
    """Return the version of all that is there for an app with these requirements, by name.

    None where its environment has yet to be made, and where the requirements are none.
    """
    try:
        wanted = parse_requirements(requirements)
    except ValueError:
        return None
    if all(_installed(requirement) for requirement in wanted):
        return _packages(tuple(site.getsitepackages()))
    folder, _ = _own(wanted)
    return _packages(tuple(map(str, folder.glob("lib/python3.*/site-packages")))) if folder.is_dir() else None


def _own(wanted: Sequence[Requirement]) -> tuple[Path, list[str]]:
    """Return the folder of an environment with these requirements, and what is installed there."""
    lines = sorted({str(requirement) for requirement in wanted} | {"pytest-timeout"})
    key = hashlib.sha256("\n".join([*lines, sys.version]).encode()).hexdigest()[:16]
    return cache_folder() / "apps" / key, lines


@cache
def _packages(path: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in importlib.metadata.distributions(path=list(path)):
        found.setdefault(str(each.metadata["Name"]).lower(), each.version)
    return found


def _installed(requirement: Requirement) -> bool:
    if requirement.marker and not requirement.marker.evaluate():
        return True
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return not requirement.url and not requirement.extras and version in requirement.specifier
