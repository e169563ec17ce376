"""Watches a jail while its command runs, for what no limit of a single process bounds, and ends it in time."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MIB = 1024 * 1024
DISK = 2 * 1024 * MIB
"""Bytes in the folders that a jail may write."""

MEMORY = 6 * 1024 * MIB
"""Bytes of all its processes together, as far as they are in memory."""

PROCESSES = 512
INTERVAL = 0.5
"""Seconds between two looks."""

FILES = 200_000
"""Files and folders that are counted before a look gives up and calls it too much."""


class Warden:
    """Looks at the processes below those of `heads` and at `folders`; calls `end` once when something is too much.

    `reason` says in a sentence what was. A context manager: nothing is ended after it.
    """

    def __init__(
        self, heads: Callable[[], Sequence[int]], folders: Sequence[Path], end: Callable[[], None]
    ) -> None:
        self.reason: str | None = None
        self._heads, self._folders, self._end = heads, folders, end
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lsqm-warden", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            self.reason = _too_many(self._heads()) or _too_large(self._folders)
            if self.reason:
                self._end()
                return


def memory(pid: int) -> int:
    """Return the bytes in memory of a process and of all below it; 0 where that is not told (Linux only)."""
    return sum(_resident(each) for each in (pid, *_below((pid,))))


def _too_many(pids: Sequence[int]) -> str | None:
    taken = 0
    for count, each in enumerate(_below(pids), 1):
        taken += _resident(each)
        if count > PROCESSES:
            return f"it had more than {PROCESSES} processes"
    return f"it took more than {MEMORY // MIB} MiB of memory" if taken > MEMORY else None


def _below(pids: Sequence[int]) -> Iterator[int]:
    """Go through all descendants: who leaves his parents in a jail becomes a child of its first process."""
    waiting = list(pids)
    while waiting:
        children = _children(waiting.pop())
        yield from children
        waiting += children


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process: each thread has those that it started."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  names are all that is wanted
    except OSError:
        return found
    for thread in threads:
        with suppress(OSError):  # it has ended, and another one has its children
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return found


def _resident(pid: int) -> int:
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _read(path: str) -> bytes:
    """Read a file of /proc; `pathlib` takes five times as long, and there are many of them."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 1 << 16)
    finally:
        os.close(descriptor)


def _too_large(folders: Sequence[Path]) -> str | None:
    size = seen = 0
    waiting = [str(folder) for folder in folders]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        # What it takes on the disk: a sparse file may say that it is of any size.
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
        if seen > FILES:
            return f"it made more than {FILES} files"
        if size > DISK:
            return f"it wrote more than {DISK // MIB} MiB"
    return None


_PAGE = os.sysconf("SC_PAGE_SIZE")
