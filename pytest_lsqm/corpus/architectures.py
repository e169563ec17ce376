"""`architectures/{hash}/`: the metadata of an architecture beside its own files."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import files
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.corpus.files import Place

METADATA = "metadata.json"

HASH = re.compile(r"[0-9a-fA-F]{16}")


def folder(place: Place, arch_hash: str) -> Path:
    """Return where an architecture lies or would lie."""
    return named_by_hash(place.root / "architectures", arch_hash)


def named_by_hash(parent: Path, arch_hash: str) -> Path:
    """Return a folder inside `parent`; a StoreError if the name is no hash, so that nothing gets out of it."""
    if not HASH.fullmatch(arch_hash):
        raise StoreError(f"{arch_hash!r} is no architecture's hash: it must be 16 hexadecimal digits.")
    return parent / arch_hash


def read(place: Place, arch_hash: str) -> Architecture:
    """Return an architecture's metadata."""
    where = folder(place, arch_hash)
    if not where.is_dir():
        raise StoreError(f"{place.root} has no architecture {arch_hash}: `lsqm status` lists those it has.")
    found = files.read(where / METADATA, Architecture)
    if found.hash != arch_hash:
        raise StoreError(
            f"{where / METADATA} is foreign: hash: it says {found.hash}, its folder {arch_hash}. {files.REMEDY}"
        )
    return found


def hashes(place: Place) -> list[str]:
    """Return the hashes of all architectures in order; a folder with another name is reported."""
    parent = place.root / "architectures"
    found = []
    for name in files.names(parent, folders=True):
        if HASH.fullmatch(name):
            found.append(name)
        else:
            place.report(f"{parent / name} is no architecture: its name is no hash. It was left as it is.")
    return found


def read_all(place: Place) -> Iterator[Architecture]:
    """Yield every architecture by hash; a broken one is reported and left out."""
    for arch_hash in hashes(place):
        try:
            yield read(place, arch_hash)
        except StoreError as error:
            place.report(error)


def add(place: Place, metadata: Architecture, sources: Mapping[str, Path]) -> bool:
    """Copy an architecture into the store, whole or not at all; False if it is there already."""
    final = folder(place, metadata.hash)
    inner = {name: _inner_path(name) for name in sources}
    root = PurePosixPath(metadata.root)
    if not any(path.parent == root for path in inner.values()):
        raise StoreError(f"the architecture {metadata.hash} has no file in its root folder {metadata.root!r}.")
    with place.locked():
        if os.path.lexists(final):
            read(place, metadata.hash)
            return False
        with files.new_folder(final) as temporary:
            for name, source in sources.items():
                _copy(source, temporary / inner[name])
            files.write_new(temporary / METADATA, files.encode(files.dump(metadata)))
    return True


def _inner_path(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name:
        raise StoreError(f"{name!r} cannot be a file of an architecture: it must lie inside its folder.")
    if path == PurePosixPath(METADATA):
        raise StoreError(
            f"an architecture's own {METADATA} at the top would collide with the store's: "
            f"put its files into a subfolder and name that as `root`."
        )
    return path


def _copy(source: Path, target: Path) -> None:
    try:
        # Neither a link, which may lead anywhere, nor a pipe, which may never end.
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        why = "it is a link" if source.is_symlink() else error.strerror or str(error)
        raise StoreError(f"{source} cannot be copied into the store: {why}.") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise StoreError(f"{source} cannot be copied into the store: it is no regular file.")
    with os.fdopen(handle, "rb") as stream:
        content = stream.read()
    target.parent.mkdir(parents=True, exist_ok=True)
    files.write_new(target, content, 0o777 if mode & stat.S_IXUSR else 0o666)
