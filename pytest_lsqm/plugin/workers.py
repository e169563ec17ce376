"""How many workers `-n auto` means for this kind of work: as many as there are cores, as far as memory goes."""

from __future__ import annotations

import os
from pathlib import Path

WORKER_MEMORY = 600 * 2**20
"""Bytes for a worker with Terraform, a provider and an app, and for its part of an emulator."""

REST_MEMORY = 512 * 2**20
"""Bytes for the controller and for all else on the machine."""


def fitting(cores: int, memory: int | None) -> int:
    """Return how many workers a machine bears; `memory` in bytes, None where it is not known."""
    bearable = cores if memory is None else min(cores, (memory - REST_MEMORY) // WORKER_MEMORY)
    return max(bearable, 1)


def of_this_machine() -> int:
    """Return how many workers this machine bears now."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return fitting(cores, _free_memory())


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return next((int(kibibytes) * 1024 for kibibytes in found), None)
