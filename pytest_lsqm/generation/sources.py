"""The files of an architecture as text that fits into a prompt: bounded, and it is said what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import vendored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_FILE = 60_000
"""Characters of one file; Terraform of that length is data, not configuration."""

MAX_TOTAL = 200_000
"""Characters of all files, about 60 000 tokens."""

NOT_TERRAFORM = frozenset({"metadata.json"})
"""The store's own file beside an architecture's."""


@dataclass(frozen=True)
class Sources:
    """The text of files by their paths, and a sentence for each file that is cut or missing."""

    texts: Mapping[str, str]
    left_out: tuple[str, ...]


def read_sources(folder: Path, root: str) -> Sources:
    """Read an architecture's files, the root module's Terraform first, as far as they fit."""
    texts: dict[str, str] = {}
    left_out: list[str] = []
    room = MAX_TOTAL
    for path in sorted(_files(folder), key=lambda path: _rank(path, folder, root)):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            # It may lead to a file of this machine that is nobody's business.
            left_out.append(f"{name}: a link")
            continue
        limit = min(MAX_FILE, room)
        if not limit:
            left_out.append(f"{name}: no room was left for it")
            continue
        with path.open("rb") as file:
            raw = file.read(4 * limit + 4)  # UTF-8 needs at most four bytes for a character
        text = _decoded(raw, whole=len(raw) < 4 * limit + 4)
        if text is None:
            left_out.append(f"{name}: not a text")
            continue
        if len(text) > limit:
            left_out.append(f"{name}: all after its first {limit} characters")
        texts[name] = text[:limit]
        room -= len(texts[name])
    return Sources(texts, tuple(left_out))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.relative_to(folder).as_posix() not in NOT_TERRAFORM and (path.is_symlink() or path.is_file()):
            yield path


def _rank(path: Path, folder: Path, root: str) -> tuple[bool, bool, bool, str]:
    inner = path.relative_to(folder)
    # Modules that were fetched come last of all: what is made of them stands in the architecture's own files.
    return vendored.FOLDER in inner.parts, path.suffix != ".tf", path.parent != folder / root, inner.as_posix()


def _decoded(raw: bytes, *, whole: bool) -> str | None:
    if b"\0" in raw:
        return None
    for cut in (0,) if whole else range(4):  # a cut may have gone through a character
        try:
            return raw[: len(raw) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return None
