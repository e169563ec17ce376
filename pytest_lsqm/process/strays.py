"""Processes that left their group: found by the folder that was their home, which they inherited."""

from __future__ import annotations

import os
import signal
from pathlib import Path

PASSES = 3
"""How often to look: a process that is forking while it is looked for has a child that was not there yet."""


def end_strays(folder: Path) -> list[int]:
    """Kill every process whose environment names a path below `folder`, and return their ids (Linux only).

    The folder must be one that nobody else uses. A process that wiped its environment is not found.
    """
    marker = os.fsencode(f"{folder}{os.sep}")
    ended: list[int] = []
    for _ in range(PASSES):
        found = [pid for pid in _processes() if _carries(pid, marker)]
        if not found:
            break
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
            ended.append(pid)
    return sorted(set(ended))


def _processes() -> list[int]:
    try:
        names = os.listdir("/proc")  # noqa: PTH208  names are all that is wanted
    except OSError:
        return []
    return [int(name) for name in names if name.isdigit() and int(name) != os.getpid()]


def _carries(pid: int, marker: bytes) -> bool:
    try:
        return marker in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
