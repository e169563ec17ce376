"""The Python interpreters of this machine, by path: an emulator runs on the one that its release names."""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

MINORS = tuple(f"3.{number}" for number in range(16, 8, -1))
"""Newest first; nothing older can run any emulator that we know."""

_PROBE = "import ctypes, sqlite3, ssl, sys, zlib; print('%d.%d.%d' % sys.version_info[:3])"


@dataclass(frozen=True)
class Interpreter:
    """An interpreter that was seen running."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        """`3.13` of `3.13.0`."""
        return ".".join(self.version.split(".")[:2])


def running() -> Interpreter:
    """The interpreter under the one that runs this program, outside of any virtual environment."""
    version = ".".join(map(str, sys.version_info[:3]))
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return Interpreter(base if base.exists() else Path(sys.executable), version)


@functools.cache
def find(minor: str) -> Interpreter | None:
    """Find an interpreter of that minor version (`3.13`) which really runs, or None."""
    own = running()
    if own.minor == minor:
        return own
    for path in _candidates(minor):
        if (version := _version(path)) and version.startswith(f"{minor}."):
            return Interpreter(path, version)
    return None


def available() -> tuple[str, ...]:
    """The minor versions that this machine can run, newest first."""
    return tuple(minor for minor in MINORS if find(minor))


def _candidates(minor: str) -> Iterator[Path]:
    name = f"python{minor}"
    folders = [Path(part) for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part]
    # A pyenv shim fails unless its version is active, so the versions are looked up by path below.
    folders = [folder for folder in folders if folder.name != "shims"]
    folders += [Path("/usr/local/bin"), Path("/usr/bin")]
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python")
    folders += [entry / "bin" for entry in _newest_first(pyenv / "versions", f"{minor}*")]
    folders += [entry / "bin" for entry in _newest_first(uv, f"cpython-{minor}*")]
    seen = set()
    for folder in folders:
        path = folder / name
        if path not in seen and os.access(path, os.X_OK):
            seen.add(path)
            yield path


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), reverse=True) if folder.is_dir() else []


def _version(path: Path) -> str | None:
    try:
        done = process.run([path, "-I", "-c", _PROBE], env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, timeout=10.0)
    except EnvironmentProblem:
        return None
    return done.stdout.strip() if done.ok else None
