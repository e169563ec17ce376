"""Which processes are there: asked of /proc, so that a test sees what the kernel sees."""

from __future__ import annotations

import time
from pathlib import Path


def running(pid: int) -> bool:
    """Whether a process exists and is not only waiting to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def with_argument(word: str) -> list[int]:
    """Return the processes that have this word among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if word in words and running(int(path.parent.name)):
            found.append(int(path.parent.name))
    return found


def gone(*pids: int, patience: float = 10.0) -> bool:
    """Whether all of these processes end; `patience` only bounds how long a failing test takes."""
    deadline = time.monotonic() + patience
    while any(running(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
