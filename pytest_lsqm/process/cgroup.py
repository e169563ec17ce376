"""A bound on processes that the kernel holds at every fork, for root, to whom no user's limits apply (Linux).

The warden looks twice a second, and says why it ends what it ends; a fork bomb may not outrun it meanwhile. A
control group with the `pids` controller is of version 1 or 2. Source: cgroups(7), the kernel's cgroup-v2.rst.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.process import guard
from pytest_lsqm.process.warden import PROCESSES

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS = 8 * PROCESSES
"""Processes and threads of a jail: well above what the warden lets pass, which knows what to say of it."""

PATIENCE = 2.0
"""Seconds in which what was killed is gone from a group."""

FORSAKEN = 60.0
"""Seconds after which an empty group of nobody's is no group that is only being made."""


@contextmanager
def bound() -> Iterator[Path | None]:
    """Make a group of at most `TASKS`, and offer its file for process ids; None where none can be made."""
    place = parent()
    group = None if place is None else place / f"lsqm-{os.getpid()}-{secrets.token_hex(4)}"
    if group is None or not _make(group):
        yield None
        return
    try:
        yield group / "cgroup.procs"
    finally:
        _remove(group)
        guard.forget_cgroup(group)


def _make(group: Path) -> bool:
    guard.watch_cgroup(group)
    try:
        group.mkdir()
        (group / "pids.max").write_text(str(TASKS))
    except OSError:
        with suppress(OSError):
            group.rmdir()
        guard.forget_cgroup(group)
        return False
    return True


def _remove(group: Path) -> None:
    """Remove a group, as soon as all that was in it has ended."""
    deadline = time.monotonic() + PATIENCE
    while group.is_dir():
        try:
            group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                return
            time.sleep(0.002)


@cache
def parent() -> Path | None:
    """Return where groups can be made, swept once; None where they cannot, or where a user's limits do.

    Those are `jail.limits`.
    """
    if os.getuid() != 0:
        return None
    try:
        mounts, own = Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text()
    except OSError:
        return None
    found = next((place for place in places(mounts, own) if _bears(place)), None)
    if found is not None:
        sweep(found)
    return found


def sweep(place: Path) -> None:
    """Remove the groups of processes that were killed together with their reapers, as by a machine without memory.

    A group with a process in it cannot be removed. One whose maker's number is not known here may be of a
    container that shares this machine's groups: it stays while it is young.
    """
    for group in place.glob("lsqm-*-*"):
        with suppress(OSError):
            there = Path("/proc", group.name.split("-")[1]).exists()
            if not there and time.time() - group.stat().st_mtime > FORSAKEN:
                group.rmdir()


def places(mounts: str, own: str) -> Iterator[Path]:
    """Go through the groups below which ours might be made, from what /proc/self/mountinfo and cgroup say."""
    paths = {controllers: path for _, controllers, path in (line.split(":", 2) for line in own.splitlines())}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root = Path(before.split(" ")[4])
        if kind == "cgroup" and "pids" in options.split(","):
            path = next((path for names, path in paths.items() if "pids" in names.split(",")), "/")
            yield from (root / path.lstrip("/"), root)
        elif kind == "cgroup2":
            # Beside ours: a group with processes of its own may have none below it that is bounded.
            yield (root / paths.get("", "/").lstrip("/")).parent if paths.get("", "/") != "/" else root


def _bears(place: Path) -> bool:
    group = place / f"lsqm-{os.getpid()}-try"
    try:
        group.mkdir()
    except OSError:
        return False
    try:
        return (group / "pids.max").exists()
    finally:
        group.rmdir()
