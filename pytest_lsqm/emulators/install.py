"""Environments of their own for emulators from PyPI: built once, aside, and moved into place whole."""

from __future__ import annotations

import email.parser
import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from pytest_lsqm.emulators import pythons, releases
from pytest_lsqm.errors import EmulatorError, EnvironmentProblem, UsageError
from pytest_lsqm.process import uv
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.process import Completed

COMPLETE = "complete.json"
_RESOLVE_TIMEOUT = 120.0


@dataclass(frozen=True)
class Recipe:
    """What goes into an environment: `requirement` on `python`, locked or as of a day."""

    name: str
    version: str
    requirement: str
    python: pythons.Interpreter
    lock: str | None = None
    """The name of a file in `locks/`; without one, `day` bounds what the resolver may choose."""
    day: date | None = None


@dataclass(frozen=True)
class Environment:
    """A complete environment in the cache."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def digest(self) -> str:
        """Hash what it consists of, by the names and versions of its packages: two releases may share neither."""
        return "packages:" + hashlib.sha256("\n".join(self.packages()).encode()).hexdigest()[:16]

    def packages(self) -> tuple[str, ...]:
        """List its packages as requirements, by name."""
        found = metadata.distributions(
            path=[str(path) for path in self.folder.glob("lib/python3.*/site-packages")]
        )
        return tuple(sorted(f"{each.metadata['Name'].lower()}=={each.version}" for each in found))

    def package(self, name: str) -> Path:
        """Return the folder of an installed top-level package."""
        return next(self.folder.glob(f"lib/python3.*/site-packages/{name}"), self.folder / name)


def folder_of(name: str, version: str, minor: str) -> Path:
    """Where the environment of that emulator, version and Python stands or will stand."""
    return cache_folder() / "emulators" / f"{name}-{version}-py{minor}"


def find(recipe: Recipe) -> Environment | None:
    """Return the environment if it is complete and its interpreter still exists."""
    environment = Environment(folder_of(recipe.name, recipe.version, recipe.python.minor))
    if (environment.folder / COMPLETE).is_file() and environment.python.exists():
        return environment
    return None


def ensure(recipe: Recipe, progress: Callable[[str], None]) -> Environment:
    """Return the environment, built now if need be; of several processes that ask, one builds."""
    if found := find(recipe):
        return found
    target = folder_of(recipe.name, recipe.version, recipe.python.minor)
    with uv.building(target) as scratch:
        if found := find(recipe):
            return found
        progress(f"installing {recipe.name} {recipe.version} for Python {recipe.python.minor} …")
        _build(recipe, scratch)
        if target.exists():
            shutil.rmtree(target)
        scratch.rename(target)
    return Environment(target)


def _build(recipe: Recipe, folder: Path) -> None:
    _uv("venv", "--quiet", "--relocatable", "--python", recipe.python.path, folder)
    python = folder / "bin" / "python"
    if recipe.lock:
        with resources.as_file(resources.files(__package__) / "locks" / recipe.lock) as lock:
            words = ("--quiet", "--require-hashes", "--python", python, "-r", lock)
            _require(uv.call("pip", "install", *words, timeout=uv.INSTALL_TIMEOUT))
    else:
        day = ("--exclude-newer", recipe.day.isoformat()) if recipe.day else ()
        bounds = hashlib.sha256(f"{recipe.requirement} {recipe.day}".encode()).hexdigest()[:8]
        name = f"{recipe.name}-{recipe.version}-py{recipe.python.minor}-{bounds}"
        _require(uv.install_locked(name, [recipe.requirement], python, *day))
    facts = asdict(recipe) | {"python": recipe.python.version, "day": recipe.day and recipe.day.isoformat()}
    (folder / COMPLETE).write_text(json.dumps(facts, indent=2), encoding="utf-8")


def latest_safe_day(distribution: str, version: str) -> date:
    """Return the last day whose packages an old release may be installed with, found by asking the index."""
    return release_day(distribution, version) + releases.SETTLED


def release_day(distribution: str, version: str) -> date:
    """Find the day on which a version appeared, by bisection over what a resolver may see."""
    require(distribution, version)
    before, after = date(2015, 1, 1), datetime.now(UTC).date() + timedelta(days=1)
    while (after - before).days > 1:
        middle = before + (after - before) / 2
        if resolves(distribution, version, middle):
            after = middle
        else:
            before = middle
    return after


def require(distribution: str, version: str) -> None:
    """Raise an EmulatorError if the index does not have that release."""
    if not resolves(distribution, version, None):
        raise EmulatorError(
            f"{distribution} {version} cannot be resolved: either there is no such release, "
            "or the package index does not answer. Check the version, and try again with --lsqm-emulator-version."
        )


def resolves(distribution: str, version: str, day: date | None) -> bool:
    """Whether the index knew that release on that day (None: today)."""
    bound = ("--exclude-newer", day.isoformat()) if day else ()
    with tempfile.TemporaryDirectory(prefix="lsqm-resolve-") as scratch:
        wanted = Path(scratch, "wanted.in")
        wanted.write_text(f"{distribution}=={version}\n", encoding="utf-8")
        newest = newest_python()
        done = uv.call(
            "pip",
            "compile",
            "--quiet",
            "--no-deps",
            "--python",
            newest.path,
            *bound,
            wanted,
            timeout=_RESOLVE_TIMEOUT,
        )
    return done.ok


def python_named_by(distribution: str, version: str) -> str | None:
    """Return the highest Python that the release names among its classifiers, such as `3.13`."""
    require(distribution, version)
    with tempfile.TemporaryDirectory(prefix="lsqm-metadata-") as scratch:
        _uv(
            *("pip", "install", "--quiet", "--no-deps", "--python", newest_python().path, "--target", scratch),
            f"{distribution}=={version}",
        )
        text = next(Path(scratch).glob("*.dist-info/METADATA")).read_text(encoding="utf-8")
    named = email.parser.Parser().parsestr(text, headersonly=True).get_all("Classifier") or []
    found = [re.fullmatch(r"Programming Language :: Python :: 3\.(\d+)", line) for line in named]
    minors = [int(match[1]) for match in found if match]
    return f"3.{max(minors)}" if minors else None


def newest_python() -> pythons.Interpreter:
    """Return the newest interpreter of this machine."""
    return pythons.find(pythons.available()[0]) or pythons.running()


def checked_version(version: str) -> str:
    """Return the version if it reads as one; it becomes part of a path and of a command."""
    try:
        Version(version)
    except InvalidVersion:
        raise UsageError(f"{version!r} is not a version; give one such as {releases.DEFAULT}.") from None
    return version


def uv_present() -> bool:
    """Whether `uv` can be had at all."""
    try:
        uv.find()
    except EnvironmentProblem:
        return False
    return True


def _uv(*words: str | Path, timeout: float = _RESOLVE_TIMEOUT) -> None:
    _require(uv.call(*words, timeout=timeout))


def _require(done: Completed) -> None:
    if not done.ok:
        raise EmulatorError(f"installing failed: {done.describe()}")
