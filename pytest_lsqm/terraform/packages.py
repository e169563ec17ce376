"""What Terraform fetched for module calls, taken over: without links, without what no module needs, once."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import content_hash, folders, vendored
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NEVER = frozenset({".git", ".hg", ".svn", ".bzr", ".terraform"})

_BESIDE = frozenset(
    {".github", ".gitlab", ".circleci", ".vscode", "doc", "docs", "example", "examples", "test", "tests"}
)
"""Folders for people who work on a module: left out, unless a Terraform file names them or a call leads there."""

MAX_ENTRIES = 20_000
"""Files and folders of one package that are looked at."""


def collect(fetched: Iterable[vendored.Record], source: Path, target: Path) -> list[vendored.Record]:
    """Copy the packages below `source` that records of remote modules lie in, and return where each is then.

    Packages of the same content are kept once. Raises DiscoveryError for links that lead out of a package, for
    what is neither file nor folder, and for more than an architecture may hold.
    """
    target.mkdir()
    inside: defaultdict[str, list[tuple[vendored.Record, str]]] = defaultdict(list)
    for record in sorted(fetched, key=lambda record: record.key):
        if not record.source.startswith(vendored.LOCAL):
            package, inner = _place(record, source)
            inside[package].append((record, inner))
    kept: dict[str, str] = {}
    records: list[vendored.Record] = []
    count = size = 0
    for package, members in inside.items():
        files = _needed(source / package, [inner for _, inner in members])
        digest = content_hash(files)
        if digest not in kept:
            kept[digest] = package
            count += len(files)
            size += sum(path.stat().st_size for path in files.values())
            _bounded(count, size)
            _copy(files, target / package)
        for record, inner in members:
            folder = "/".join(part for part in (vendored.FOLDER, kept[digest], inner) if part)
            records.append(replace(record, folder=folder))
    return records


def size(folder: Path) -> int:
    """Add up the bytes of the files below a folder, which may change meanwhile."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size  # noqa: PTH118 - thousands of names, twenty times a second
            except OSError:
                continue
    return total


def _place(record: vendored.Record, source: Path) -> tuple[str, str]:
    """Say in which package a module lies, and where in it."""
    way = folders.relative(folders.lexical(Path(record.folder)), source)
    package, _, inner = way.partition("/")
    if package in {"..", "."}:
        raise DiscoveryError(f"module {record.key} was not fetched but lies in {record.folder}")
    return package, inner


def _needed(package: Path, modules: Iterable[str]) -> dict[str, Path]:
    """List a package's files by their paths in it, without the folders that only its makers need."""
    left_out = _BESIDE - {part for inner in modules for part in inner.split("/")}
    while True:
        files = dict(_files(package, left_out))
        texts = [path.read_bytes() for name, path in files.items() if name.endswith((".tf", ".tf.json"))]
        named = {name for name in left_out if any(_names(text, name) for text in texts)}
        if not named:
            return files
        left_out -= named


def _names(text: bytes, folder: str) -> bool:
    return re.search(rb'["/]%b["/]' % re.escape(folder.encode()), text) is not None


def _files(package: Path, left_out: frozenset[str]) -> Iterator[tuple[str, Path]]:
    """Go through the files of a package; links inside of it are followed."""
    if package.is_symlink():
        raise DiscoveryError(f"module {package.name} is a link to {package.readlink()}, and no package")
    seen = 0
    waiting: list[tuple[Path, tuple[Path, ...]]] = [(package, ())]
    while waiting:
        folder, above = waiting.pop()
        real = folder.resolve()
        if real in above:
            raise DiscoveryError(f"{_shown(folder, package)} is a link to a folder around it")
        for entry in sorted(folder.iterdir()):
            seen += 1
            if seen > MAX_ENTRIES:
                raise DiscoveryError(f"module {package.name} is made of more than {MAX_ENTRIES} files")
            if entry.name in _NEVER or entry.name in left_out or not _inside(entry, package):
                continue
            if entry.is_dir():
                waiting.append((entry, (*above, real)))
            elif stat.S_ISREG(entry.stat().st_mode):
                yield entry.relative_to(package).as_posix(), entry
            else:
                raise DiscoveryError(f"{_shown(entry, package)} is not a regular file")


def _inside(entry: Path, package: Path) -> bool:
    """Whether there is something at a path; it is refused where a link leads to it from outside of the package."""
    try:
        real = entry.resolve()
    except (OSError, RuntimeError) as error:
        raise DiscoveryError(f"{_shown(entry, package)} is a link that cannot be followed") from error
    if not real.is_relative_to(package.resolve()):
        raise DiscoveryError(f"{_shown(entry, package)} is a link that leads out of the module's package")
    return real.exists()


def _shown(path: Path, package: Path) -> str:
    return f"{path.relative_to(package).as_posix()} in module {package.name}"


def _bounded(count: int, size: int) -> None:
    if count > folders.MAX_FILES or size > folders.MAX_BYTES:
        raise DiscoveryError(
            f"its modules are made of more than {folders.MAX_FILES} files or "
            f"{folders.MAX_BYTES // 1024**2} MiB, the most that an architecture may hold"
        )


def _copy(files: Mapping[str, Path], target: Path) -> None:
    for name, path in files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
