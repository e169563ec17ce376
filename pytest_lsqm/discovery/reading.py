"""A stranger's package is read in a process of its own, with an end in time and in memory.

The parsers of HCL and YAML are Python's: an input that is made for it keeps one busy for ever, or fills the
memory. So the child is given a folder and writes what it found as JSON; if it dies, that is said of the package.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import analysis, process
from pytest_lsqm.discovery import directory, formats
from pytest_lsqm.errors import DiscoveryError, LsqmError
from pytest_lsqm.models import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.discovery.base import Layout
    from pytest_lsqm.discovery.directory import Incoming

SECONDS = 120.0
MEMORY = 2 * 1024**3

MAX_ROOTS = 300
"""Architectures of one package: the largest collections of samples hold about as many."""

PLACEHOLDER = "https://unknown.invalid/"


@dataclass(frozen=True)
class Found:
    """A part of a package by its path in it: an architecture with its files, or why it is none."""

    path: str
    architecture: Architecture | None = None
    files: dict[str, Path] | None = None
    problem: str | None = None


def read(folder: Path, layout: Layout | str, scratch: Path, *, seconds: float = SECONDS) -> list[Found]:
    """Read a package in a child process; `scratch` is where it may put what it converts.

    A `layout` that is neither `module` nor `repository` is the path of the only root that is wanted.
    Raises DiscoveryError where the child does not come to its end.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    out = scratch / "found.json"
    words = [
        sys.executable,
        "-I",
        "-m",
        "pytest_lsqm.discovery.reading",
        str(folder),
        str(out),
        layout,
        str(scratch),
    ]
    done = process.run(words, env=process.base_environment(scratch / "home"), timeout=seconds)
    if done.timed_out:
        raise DiscoveryError(f"it cannot be read within {seconds:.0f} s")
    try:
        return [_found(entry) for entry in json.loads(out.read_bytes())]
    except (OSError, ValueError) as error:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1][:200]
        raise DiscoveryError(f"its reader ended with exit code {done.returncode}: {last}") from error


def _found(entry: dict[str, Any]) -> Found:
    if "problem" in entry:
        return Found(entry["path"], problem=entry["problem"])
    return Found(
        entry["path"],
        Architecture.model_validate(entry["architecture"]),
        {name: Path(path) for name, path in entry["files"].items()},
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Read the package that the arguments name: what the child does."""
    parser = argparse.ArgumentParser()
    for name in ("folder", "out", "layout", "scratch"):
        parser.add_argument(name)
    given = parser.parse_args(argv)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # The configuration of a stranger may be nested as deep as it likes; the C stack is not.
    sys.setrecursionlimit(3000)
    found = list(_read(Path(given.folder).resolve(), given.layout, Path(given.scratch)))
    Path(given.out).write_text(json.dumps(found))
    return 0


def _read(folder: Path, layout: str, scratch: Path) -> Iterator[dict[str, Any]]:
    for count, (path, read_it) in enumerate(_parts(folder, layout, scratch)):
        if count >= MAX_ROOTS:
            yield {"path": path, "problem": f"is one more than the {MAX_ROOTS} architectures read of a package"}
            return
        try:
            incoming = read_it()
        except LsqmError as error:
            # Where it was unpacked is nobody's business, and gone when somebody reads this.
            yield {"path": path, "problem": str(error).replace(f"{folder}{os.sep}", "")}
        except (RecursionError, MemoryError) as error:
            yield {"path": path, "problem": f"is too deep or too large to be read ({type(error).__name__})"}
        else:
            yield {
                "path": path,
                "architecture": incoming.architecture.model_dump(mode="json", exclude_none=True),
                "files": {name: str(file) for name, file in incoming.files.items()},
            }


def _parts(folder: Path, layout: str, scratch: Path) -> Iterator[tuple[str, Any]]:
    if layout == "module":
        roots = [folder, *sorted(path for path in (folder / "examples").glob("*") if path.is_dir())]
        for path in roots:
            if path == folder or directory.has_terraform(path):
                yield _relative(path, folder), lambda path=path: _root(path, folder)
        return
    if layout != "repository":
        yield layout, lambda: _root(folder / layout, folder)
        return
    for path, configuration in directory.configurations(folder, top=folder):
        yield _relative(path, folder), lambda path=path, it=configuration: _configured(path, it)
    yield from formats.convertible(folder, scratch)


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _root(path: Path, top: Path) -> Incoming:
    return _configured(path, analysis.load(path, top=top))


def _configured(path: Path, configuration: Any) -> Incoming:
    if isinstance(configuration, Exception):
        raise configuration if isinstance(configuration, LsqmError) else DiscoveryError(str(configuration))
    return directory.read(path, configuration, source_url=PLACEHOLDER)


if __name__ == "__main__":
    sys.exit(main())
