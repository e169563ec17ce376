"""Archives of other people: tar and zip, told apart by content, unpacked whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from typing import IO, TYPE_CHECKING, cast

from pytest_lsqm.discovery.limits import LIMITS, Limits, check_tree, shown, size, whole
from pytest_lsqm.discovery.tree import CHUNK, Tree, reading
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_READ = 8 * 1024 * 1024
"""The most that is read into memory at once: a zip's table of contents, a header of a tar."""

_PACKED: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda stream: cast("IO[bytes]", gzip.GzipFile(fileobj=stream)),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x2041
"""Of a zip's flags: encrypted, strongly encrypted, with a hidden header."""

_UTF8 = 0x800


def unpack(archive: Path, into: Path, *, limits: Limits = LIMITS) -> Path:
    """Unpack an archive so that `into` holds all of it, and return its single top folder, or else `into`.

    Raises DiscoveryError for what is no archive, is damaged, is too much, or would reach out of `into`; then
    `into` does not exist.
    """
    with whole(into) as scratch:
        tree = Tree(scratch / "tree", limits)
        with _Careful(archive, tree.in_time) as stream:
            head = stream.read(6)
            stream.seek(0)
            packed = next((opened for magic, opened in _PACKED.items() if head.startswith(magic)), None)
            if head.startswith(_ZIP):
                _unzip(stream, tree)
            elif packed is None:
                _untar(stream, tree)
            else:
                plain = scratch / "plain"
                with packed(stream) as source:
                    _decompress(source, plain, tree)
                with _Careful(plain, tree.in_time) as decompressed:
                    _untar(decompressed, tree)
        if not tree.kinds:
            raise DiscoveryError("the archive holds nothing")
        check_tree(tree.top, limits, "the archive")
    entries = list(into.iterdir())
    single = len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink()
    return entries[0] if single else into


class _Careful(io.FileIO):
    """A file that ends in time and gives no more at once than MAX_READ: sizes in an archive may be lies."""

    def __init__(self, path: Path, in_time: Callable[[], None]) -> None:
        super().__init__(path)
        self._in_time = in_time
        self._size = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        self._in_time()
        wanted = self._size - self.tell() if size is None or size < 0 else size
        if wanted > MAX_READ:
            raise DiscoveryError("the archive has a header of more than 8 MiB")
        return super().read(max(wanted, 0)) or b""


def _decompress(source: IO[bytes], plain: Path, tree: Tree) -> None:
    """Write the tar within a compressed one beside the tree, so that it can be read back and forth."""
    limits = tree.limits
    # Beside its content a tar has headers and padding: some KiB for an entry.
    left = limits.total_bytes + (limits.entries + 16) * 4096
    with plain.open("wb") as out:
        while True:
            tree.in_time()
            with reading():
                chunk = source.read(CHUNK)
            if not chunk:
                return
            left -= len(chunk)
            if left < 0:
                raise DiscoveryError(f"the archive unpacks to more than {size(limits.total_bytes)}")
            out.write(chunk)


def _untar(stream: _Careful, tree: Tree) -> None:
    with reading():
        try:
            tar = tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape")
        except tarfile.ReadError as error:
            raise DiscoveryError("it is neither a tar nor a zip archive") from error
    with tar:
        while True:
            with reading():
                member = tar.next()
            if member is None:
                break
            _tar_member(tar, member, tree)
        # `next` takes a damaged header for the end of the archive, which has a mark of its own: zeros.
        stream.seek(tar.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise DiscoveryError("the archive is damaged or cut short: the mark at its end is missing")


def _tar_member(tar: tarfile.TarFile, member: tarfile.TarInfo, tree: Tree) -> None:
    if member.isdir():
        tree.folder(member.name)
    elif member.issym():
        tree.link(member.name, member.linkname)
    elif member.islnk():
        tree.copy(member.name, member.linkname)
    elif member.isreg():
        with reading():
            source = tar.extractfile(member)
        assert source is not None
        tree.file(member.name, source, member.size, executable=bool(member.mode & stat.S_IXUSR))
    else:
        raise DiscoveryError(f"the archive holds {shown(member.name)}, which is no file, no folder and no link")


def _unzip(stream: _Careful, tree: Tree) -> None:
    with reading():
        archive = zipfile.ZipFile(stream)
    with archive:
        for info in archive.infolist():
            _zip_member(archive, info, tree)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, tree: Tree) -> None:
    name = _zip_name(info)
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}:
        raise DiscoveryError(f"the archive holds {shown(name)}, which is no file, no folder and no link")
    if kind == stat.S_IFDIR or name.endswith("/"):
        tree.folder(name)
        return
    if info.flag_bits & _ENCRYPTED:
        raise DiscoveryError(f"the archive is encrypted: {shown(name)} wants a password")
    with reading():
        source = archive.open(info)
    with source:
        if kind == stat.S_IFLNK:
            with reading():
                target = source.read(tree.limits.path_bytes + 1).decode()
            tree.link(name, target)
        else:
            tree.file(name, source, info.file_size, executable=bool(mode & stat.S_IXUSR))


def _zip_name(info: zipfile.ZipInfo) -> str:
    # `filename` ends at the first NUL; what was written is what is judged.
    written = info.orig_filename
    if info.flag_bits & _UTF8:
        return written
    try:
        return written.encode("cp437").decode()
    except UnicodeError as error:
        raise DiscoveryError(f"the archive holds {shown(written)}, whose name is not UTF-8") from error
