"""A tree of files that grows entry by entry as an archive says, and refuses whatever is not plainly harmless."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal

from pytest_lsqm.discovery.limits import Limits, check_amount, leads_out, shown, size
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 64 * 1024


@contextmanager
def reading() -> Iterator[None]:
    """Say of whatever goes wrong in reading that the archive is damaged."""
    try:
        yield
    except DiscoveryError:
        raise
    except Exception as error:
        # The standard library's readers answer bytes that were made to confuse them with nearly any error.
        raise DiscoveryError(
            f"the archive is damaged or cut short: {shown(str(error) or 'it ends early')}"
        ) from error


class Tree:
    """What has been unpacked so far; each method adds one entry, or refuses it."""

    def __init__(self, top: Path, limits: Limits) -> None:
        self.top = top
        self.limits = limits
        self.kinds: dict[str, Literal["file", "folder", "link"]] = {}
        self._named: set[str] = set()
        self._entries = 0
        self._bytes = 0
        self._end = time.monotonic() + limits.seconds
        top.mkdir()
        top.chmod(0o755)

    def in_time(self) -> None:
        """Refuse to go on when the time for unpacking is up."""
        if time.monotonic() >= self._end:
            raise DiscoveryError(f"the archive was not unpacked within {self.limits.seconds:g} s")

    def folder(self, written: str) -> None:
        """Add a folder, or take note of one that an earlier entry lies in."""
        if path := self._place(written, folder=True):
            self._folder(path)

    def file(self, written: str, source: IO[bytes], declared: int, *, executable: bool) -> None:
        """Add a file, whose size is what can be read of it, whatever is declared."""
        path = self._place(written)
        self._check_size(path, declared)
        self.kinds[path] = "file"
        received = 0
        with (self.top / path).open("xb") as out:
            while True:
                self.in_time()
                with reading():
                    chunk = source.read(CHUNK)
                if not chunk:
                    break
                received += len(chunk)
                self._bytes += len(chunk)
                self._check_size(path, received)
                check_amount(self._entries, self._bytes, self.limits, "the archive")
                out.write(chunk)
        if received != declared:
            raise DiscoveryError(f"the archive is damaged or cut short: {shown(path)} has not the size it states")
        (self.top / path).chmod(0o755 if executable else 0o644)

    def link(self, written: str, target: str) -> None:
        """Add a symbolic link, which must stay inside."""
        path = self._place(written)
        if not target or "\\" in target or not _is_name(target) or len(target.encode()) > self.limits.path_bytes:
            raise DiscoveryError(f"the archive holds {shown(path)}, a link to {shown(target)}, which is no path")
        if leads_out(path, target):
            raise DiscoveryError(f"the archive holds {shown(path)}, a link that leads out of it")
        self.kinds[path] = "link"
        (self.top / path).symlink_to(target)

    def copy(self, written: str, target: str) -> None:
        """Add a hard link, which is one more name for an earlier file, as a file of its own."""
        path, earlier = self._place(written), self._clean(target)
        if self.kinds.get(earlier) != "file":
            raise DiscoveryError(f"the archive holds {shown(path)}, a link to {shown(target)}, no file before it")
        self._bytes += (self.top / earlier).stat().st_size
        check_amount(self._entries, self._bytes, self.limits, "the archive")
        self.kinds[path] = "file"
        shutil.copy(self.top / earlier, self.top / path)

    def _place(self, written: str, *, folder: bool = False) -> str:
        """Count an entry, make the folders that it lies in, and return its path; empty for the top itself."""
        self.in_time()
        self._entries += 1
        check_amount(self._entries, self._bytes, self.limits, "the archive")
        path = self._clean(written)
        if not path and not folder:
            raise DiscoveryError(f"the archive holds {shown(written)!r}, which names no file")
        here = self.kinds.get(path)
        if path in self._named or (here and not (folder and here == "folder")):
            raise DiscoveryError(f"the archive holds {shown(path) or 'its top'} twice")
        self._named.add(path)
        parent = ""
        for part in path.split("/")[:-1]:
            parent = f"{parent}/{part}" if parent else part
            self._folder(parent, inner=path)
        return path

    def _folder(self, path: str, inner: str = "") -> None:
        here = self.kinds.get(path)
        if here == "link":
            raise DiscoveryError(f"the archive writes {shown(inner)} through a link of its own, {shown(path)}")
        if here == "file":
            raise DiscoveryError(f"the archive holds {shown(path)} both as a file and as a folder")
        if here is None:
            self.kinds[path] = "folder"
            check_amount(len(self.kinds), self._bytes, self.limits, "the archive")
            (self.top / path).mkdir()
            (self.top / path).chmod(0o755)

    def _clean(self, written: str) -> str:
        """Return the path that a name in the archive stands for, or refuse it."""
        if written.startswith("/") or re.match("[A-Za-z]:", written):
            raise DiscoveryError(f"the archive holds {shown(written)}, an absolute path")
        if "\\" in written:
            raise DiscoveryError(f"the archive holds {shown(written)}, a path with a backslash")
        parts = [part for part in written.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise DiscoveryError(f"the archive holds {shown(written)}, a path that leads up")
        if not _is_name(written):
            raise DiscoveryError(f"the archive holds {shown(written)}, whose name is no text")
        longest = max((len(part.encode()) for part in parts), default=0)
        if longest > self.limits.name_bytes or len("/".join(parts).encode()) > self.limits.path_bytes:
            raise DiscoveryError(f"the archive holds {shown(written)}, whose name is too long")
        return "/".join(parts)

    def _check_size(self, path: str, count: int) -> None:
        if count > self.limits.file_bytes:
            raise DiscoveryError(f"the archive holds {shown(path)}, of more than {size(self.limits.file_bytes)}")


def _is_name(text: str) -> bool:
    # A byte that is no UTF-8 comes as a surrogate, which is not printable either.
    return text.isprintable()
