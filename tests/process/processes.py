"""Looking at processes from outside, and waiting for what happens soon."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie that nobody has collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether something became true within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return true()


def pids_in(path: Path, count: int) -> list[int]:
    """Return the process ids that a script writes to a file, one a line, once they are all there."""

    def read() -> list[int]:
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    assert wait_until(lambda: len(read()) >= count), f"only {read()} in {path}"
    return read()
