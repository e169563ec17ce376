"""Installing Python packages on the user's behalf, with uv, into folders of our own and never into the tool's."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from filelock import FileLock

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INSTALL_TIMEOUT = 900.0


def find() -> str:
    """Return uv's path; the `local` extra brings it."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        if found := shutil.which("uv"):
            return found
    raise EnvironmentProblem("uv is needed to fetch what is missing here: pip install 'pytest-lsqm[local]'")


def call(arguments: Sequence[str | Path], *, timeout: float = INSTALL_TIMEOUT) -> process.Completed:
    """Run uv with the cache folder as its own, and no right to fetch an interpreter."""
    env = process.base_environment(cache_folder() / "home") | process.network_environment()
    env |= {"UV_CACHE_DIR": str(cache_folder() / "uv"), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    return process.run([find(), *arguments], env=env, timeout=timeout)


def install_target(lock: Path, folder: Path) -> None:
    """Install the hash-pinned requirements of a lock file into a folder, whole or not at all."""
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    flags = ["--quiet", "--no-deps", "--require-hashes", "--python", sys.executable]
    done = call(["pip", "install", *flags, "--target", fresh, "-r", lock])
    if not done.ok:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EnvironmentProblem(
            f"could not fetch {lock.name.split('.')[0]}; is a Python package index reachable?\n{done.describe()}"
        )
    fresh.replace(folder)


def ensure_environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of a cached virtual environment that has these requirements, made when absent.

    Wheels only: building a source distribution would run a stranger's code with our rights.
    """
    python = folder / "bin" / "python"
    if (folder / "complete").is_file():
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "complete").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            steps: list[list[str | Path]] = [
                ["venv", "--quiet", "--python", sys.executable, folder],
                ["pip", "install", "--quiet", "--only-binary", ":all:", "--python", python, *requirements],
            ]
            for step in steps:
                done = call(step)
                if not done.ok:
                    shutil.rmtree(folder, ignore_errors=True)
                    raise EnvironmentProblem(f"could not install {', '.join(requirements)}:\n{done.describe()}")
            (folder / "complete").touch()
    return python
