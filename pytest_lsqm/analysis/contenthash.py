"""The name of an architecture: a hash of what its files say."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LENGTH = 16
"""Hexadecimal digits that are kept."""

_LOOKED_AT = 8192


def content_hash(files: Mapping[str, Path | bytes], root: str = ".") -> str:
    """Hash an architecture's files, given by their relative POSIX paths: 16 hexadecimal digits of SHA-256.

    Each path and each content is preceded by its length (8 bytes, big-endian), so that no two different
    sets of files give the same bytes. Line ends are normalised and nothing else is altered. A Terraform
    root other than the top of the files is hashed with them: an example and the module that it belongs
    to can be made of the very same files.
    """
    digest = hashlib.sha256()
    for name, content in sorted((name.encode(), content) for name, content in files.items()):
        _add(digest, name)
        _add(digest, normalised(content.read_bytes() if isinstance(content, Path) else content))
    if root != ".":
        _add(digest, root.encode())
    return digest.hexdigest()[:LENGTH]


def normalised(content: bytes) -> bytes:
    """Give text its Unix line ends; what has a NUL in its first 8 KiB is no text and stays as it is."""
    return content if b"\0" in content[:_LOOKED_AT] else content.replace(b"\r\n", b"\n")


def _add(digest: hashlib._Hash, part: bytes) -> None:
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)
