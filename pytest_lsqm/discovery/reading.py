"""A stranger's package is read in a process of its own, with an end in time and in memory.

The parsers of HCL and YAML are Python's: an input that is made for it keeps one busy for ever, or fills the
memory. So the child is given a folder and writes what it finds, a line of JSON for each part; what it has not
come to when it dies is told, and what came before is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import analysis, process
from pytest_lsqm.discovery import directory, formats
from pytest_lsqm.errors import DiscoveryError, LsqmError
from pytest_lsqm.models import Architecture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from pytest_lsqm.analysis import Configuration
    from pytest_lsqm.discovery.base import Layout
    from pytest_lsqm.discovery.directory import Incoming

SECONDS = 300.0
"""For a package: the largest collections of samples hold some MB of HCL, of which a second reads 80 kB."""

PART_SECONDS = 60.0
"""For one part of it: the 4 MiB of Terraform that an architecture may have take less on an idle machine."""

MEMORY = 2 * 1024**3

MAX_ROOTS = 300
"""Architectures of one package: the largest collections of samples hold about as many."""

THE_REST = "..."
"""In place of a path: the parts that were not come to."""

PLACEHOLDER = "https://unknown.invalid/"


@dataclass(frozen=True)
class Found:
    """A part of a package by its path in it: an architecture with its files, or why it is none."""

    path: str
    architecture: Architecture | None = None
    files: dict[str, Path] | None = None
    problem: str | None = None


def read(
    folder: Path,
    layout: Layout | str,
    scratch: Path,
    *,
    seconds: float = SECONDS,
    part_seconds: float = PART_SECONDS,
) -> list[Found]:
    """Read a package in a child process; `scratch` is where it may put what it converts.

    A `layout` that is neither `module` nor `repository` is the path of the only root that is wanted.
    What the child has not come to before its end is one more entry, with the reason. Raises DiscoveryError
    where it has read nothing.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    out = scratch / "found.jsonl"
    out.unlink(missing_ok=True)
    words = [
        sys.executable,
        "-I",
        "-m",
        "pytest_lsqm.discovery.reading",
        str(folder),
        str(out),
        layout,
        str(scratch),
        str(part_seconds),
    ]
    done = process.run(words, env=process.base_environment(scratch / "home"), timeout=seconds)
    found = list(_lines(out))
    if done.ok:
        return found
    if done.timed_out:
        problem = f"it cannot be read within {seconds:.0f} s"
    else:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1][:200]
        problem = f"its reader ended with exit code {done.returncode}: {last}"
    if not found:
        raise DiscoveryError(problem)
    return [*found, Found(THE_REST, problem=problem)]


def _lines(out: Path) -> Iterator[Found]:
    """Read what the child has written; a line that it did not finish is none."""
    if out.is_file():
        for line in out.read_bytes().splitlines():
            try:
                yield _found(json.loads(line))
            except ValueError:
                return


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
    parser.add_argument("part_seconds", type=float)
    given = parser.parse_args(argv)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # The configuration of a stranger may be nested as deep as it likes; the C stack is not.
    sys.setrecursionlimit(3000)
    signal.signal(signal.SIGALRM, _too_long)
    with Path(given.out).open("w", encoding="utf-8") as out:
        parts = _read(Path(given.folder).resolve(), given.layout, Path(given.scratch), given.part_seconds)
        for entry in parts:
            out.write(json.dumps(entry) + "\n")
            out.flush()
    return 0


class _TooLong(BaseException):
    """No Exception, so that nothing on the way takes it for a problem of its own."""


def _too_long(number: int, frame: object) -> None:
    raise _TooLong


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Make a DiscoveryError of whatever goes wrong in a part, a lack of time and memory included."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except LsqmError:
        raise
    except _TooLong:
        raise DiscoveryError(f"cannot be read within {seconds:.0f} s") from None
    except (RecursionError, MemoryError) as error:
        raise DiscoveryError(f"is too deep or too large to be read ({type(error).__name__})") from error
    except Exception as error:
        # A fault of ours in one of a hundred parts must not be the end of the others.
        what = error.strerror if isinstance(error, OSError) else str(error)[:200]
        raise DiscoveryError(f"its reader stumbled, please report it: {type(error).__name__}: {what}") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read(
    folder: Path, layout: str, scratch: Path, part_seconds: float = PART_SECONDS
) -> Iterator[dict[str, Any]]:
    bounded = partial(_bounded, part_seconds)
    for count, (path, read_it) in enumerate(_parts(folder, layout, scratch, bounded)):
        if count >= MAX_ROOTS:
            yield {"path": path, "problem": f"is one more than the {MAX_ROOTS} architectures read of a package"}
            return
        try:
            with bounded():
                incoming = read_it()
        except LsqmError as error:
            # Where it was unpacked is nobody's business, and gone when somebody reads this.
            yield {"path": path, "problem": str(error).replace(f"{folder}{os.sep}", "")}
        else:
            yield {
                "path": path,
                "architecture": incoming.architecture.model_dump(mode="json", exclude_none=True),
                "files": {name: str(file) for name, file in incoming.files.items()},
            }


def _parts(
    folder: Path, layout: str, scratch: Path, bounded: Callable[[], AbstractContextManager[None]]
) -> Iterator[tuple[str, Any]]:
    def load(path: Path, *, top: Path | None) -> Configuration:
        with bounded():
            return analysis.load(path, top=top)

    if layout == "module":
        roots = [folder, *sorted(path for path in (folder / "examples").glob("*") if path.is_dir())]
        for path in roots:
            if path == folder or directory.has_terraform(path):
                yield _relative(path, folder), lambda path=path: _root(path, folder)
        return
    if layout != "repository":
        yield layout, lambda: _root(folder / layout, folder)
        return
    for path, configuration in directory.configurations(folder, top=folder, load=load):
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
