"""Installing Python packages on the user's behalf, with uv, into folders of our own and never into the tool's."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pytest_lsqm import process
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

INSTALL_TIMEOUT = 900.0


def find() -> Path:
    """Return uv's path; the `local` extra brings it."""
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        if found := shutil.which("uv"):
            return Path(found)
    raise EnvironmentProblem("uv is needed to fetch what is missing here: pip install 'pytest-lsqm[local]'")


def call(*words: str | Path, timeout: float = INSTALL_TIMEOUT) -> process.Completed:
    """Run uv with a cache of ours, the user's index settings, and no right to fetch an interpreter."""
    cache = cache_folder()
    env = process.base_environment(cache / "home") | process.network_environment()
    env.setdefault("UV_CACHE_DIR", str(cache / "uv"))
    env |= {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    # They lie in a home that children do not see.
    if (settings := Path.home() / ".config" / "uv" / "uv.toml").is_file():
        env.setdefault("UV_CONFIG_FILE", str(settings))
    return process.run([find(), *words], env=env, timeout=timeout)


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Hold the lock of a folder in the cache and offer a scratch folder beside it, to be renamed to it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.parent / f".building-{target.name}"
    with FileLock(target.parent / f".{target.name}.lock", timeout=INSTALL_TIMEOUT):
        # Under the lock, what lies there is the rest of a build that was killed.
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def install_target(lock: Path, folder: Path, *, why: str, progress: Callable[[str], None]) -> None:
    """Install the hash-pinned requirements of a lock file into a folder, whole and once, saying why."""
    if folder.is_dir():
        return
    with building(folder) as scratch:
        if folder.is_dir():
            return
        progress(why)
        flags = ("--quiet", "--no-deps", "--require-hashes", "--python", sys.executable)
        done = call("pip", "install", *flags, "--target", scratch, "-r", lock)
        if not done.ok:
            raise EnvironmentProblem(
                f"could not fetch {lock.name.split('.')[0]}; does a package index answer?\n{done.describe()}"
            )
        scratch.rename(folder)


def install_locked(name: str, requirements: Sequence[str], python: Path, *flags: str) -> process.Completed:
    """Install with the versions and hashes of a lock that this machine keeps by `name`, made when it is not there.

    So what is installed once more is the same, archive by archive, or it is refused. Returns how uv ended.
    """
    lock = cache_folder() / "locks" / f"{name}.txt"
    if not lock.is_file():
        with building(lock) as scratch:
            if lock.is_file():
                return install_locked(name, requirements, python, *flags)
            scratch.mkdir()
            wanted, made = scratch / "wanted.in", scratch / "lock.txt"
            wanted.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
            words = ("--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--output-file", made)
            done = call("pip", "compile", *words, *flags, "--python", python, wanted)
            if not done.ok:
                return done
            made.replace(lock)
    # The day bounded what was chosen; the hashes say which archives these are.
    wheels = ("--only-binary", ":all:") if "--only-binary" in flags else ()
    return call("pip", "install", "--quiet", "--require-hashes", *wheels, "--python", python, "-r", lock)


def ensure_environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of a cached virtual environment that has these requirements, made when absent.

    Wheels only: building a source distribution would run a stranger's code with our rights.
    """
    if not folder.is_dir():
        with building(folder) as scratch:
            if not folder.is_dir():
                python = scratch / "bin" / "python"
                _require(
                    call("venv", "--quiet", "--relocatable", "--python", sys.executable, scratch), requirements
                )
                done = install_locked(f"app-{folder.name}", requirements, python, "--only-binary", ":all:")
                _require(done, requirements)
                scratch.rename(folder)
    return folder / "bin" / "python"


def _require(done: process.Completed, requirements: Sequence[str]) -> None:
    if not done.ok:
        raise EnvironmentProblem(f"could not install {', '.join(requirements)}:\n{done.describe()}")
