"""CPU time and memory of processes with all their descendants (Linux)."""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PERIOD = 0.5
"""Seconds between two looks at the memory."""

_TICKS = os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent has died, so that what they used is still counted."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stats() -> dict[int, list[str]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
    return found


def descendants(root: int, stats: dict[int, list[str]]) -> list[int]:
    """Return the ids of all processes below `root`."""
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[1]), []).append(pid)
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def below(root: int) -> list[int]:
    """Return the ids of all processes below `root` now."""
    return descendants(root, _stats())


def cpu_below() -> float:
    """Return the CPU seconds of everything this process has started so far, itself left out."""
    stats = _stats()
    # utime stime cutime cstime: fields 14 to 17 of proc(5), 11 to 14 after the command's name.
    ticks = sum(int(value) for pid in descendants(os.getpid(), stats) for value in stats[pid][11:15])
    ended = os.times()
    return ticks / _TICKS + ended.children_user + ended.children_system


def memory(root: int) -> int:
    """Return the proportional memory of a process and its descendants, in bytes."""
    total = 0
    for pid in [root, *descendants(root, _stats())]:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


class Peak:
    """The most memory that was seen, in bytes."""

    bytes = 0


@contextmanager
def watching(root: int) -> Iterator[Peak]:
    """Look at the memory of a process tree now and then, for as long as the block runs."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(PERIOD):
            peak.bytes = max(peak.bytes, memory(root))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
