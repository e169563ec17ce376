"""Archives made of entries, as strangers may make them."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import archives
from pytest_lsqm.discovery.limits import LIMITS, Limits
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TYPES = {
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
    "folder": tarfile.DIRTYPE,
    "file": tarfile.REGTYPE,
}
KINDS = {
    "link": stat.S_IFLNK,
    "fifo": stat.S_IFIFO,
    "device": stat.S_IFCHR,
    "socket": stat.S_IFSOCK,
    "folder": stat.S_IFDIR,
    "file": stat.S_IFREG,
}


@dataclass(frozen=True)
class Entry:
    """One entry of an archive; `target` is where a link points."""

    name: str
    content: bytes = b"x"
    kind: str = "file"
    target: str = ""
    mode: int = 0o644


def link(name: str, target: str, kind: str = "link") -> Entry:
    return Entry(name, b"", kind, target)


def tar_of(*entries: Entry, style: int = tarfile.PAX_FORMAT, headers: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=style, pax_headers=headers) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mode = TYPES[entry.kind], entry.target, entry.mode
            info.size = len(entry.content) if entry.kind == "file" else 0
            info.uid, info.mtime = 4711, 1
            tar.addfile(info, io.BytesIO(entry.content))
    return out.getvalue()


def zip_of(*entries: Entry) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name + ("/" if entry.kind == "folder" else ""))
            info.filename = info.orig_filename
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (KINDS[entry.kind] | entry.mode) << 16
            archive.writestr(info, entry.target.encode() if entry.kind == "link" else entry.content)
    return out.getvalue()


MAKERS: dict[str, Callable[..., bytes]] = {"tar": tar_of, "zip": zip_of}


def unpack(folder: Path, data: bytes, limits: Limits = LIMITS) -> Path:
    (folder / "archive").write_bytes(data)
    return archives.unpack(folder / "archive", folder / "into", limits=limits)


def refused(folder: Path, data: bytes, limits: Limits = LIMITS) -> str:
    """Return why an archive is refused, sure that nothing of it lies about."""
    with pytest.raises(DiscoveryError) as caught:
        unpack(folder, data, limits)
    assert [path.name for path in folder.iterdir()] == ["archive"]
    assert "\n" not in str(caught.value)
    return str(caught.value)
