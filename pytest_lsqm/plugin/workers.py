"""How many workers there are for this kind of work, and in which order they take what is to be run."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from pytest_lsqm.plugin.items import ArchitectureItem
from pytest_lsqm.settings import cores

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

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
    return fitting(cores(), _free_memory())


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return next((int(kibibytes) * 1024 for kibibytes in found), None)


def share_out(config: pytest.Config) -> None:
    """Have xdist give each architecture to whoever is free: it is long for a test."""
    if getattr(config.option, "maxschedchunk", 0) is None:
        config.option.maxschedchunk = 1


class LongestFirst:
    """On a worker, begins with what took longest the last time: else it ends alone while the others rest."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Put the architectures in order, and leave other tests where they are."""
        if not hasattr(config, "workerinput"):
            return
        ours = [place for place, item in enumerate(items) if isinstance(item, ArchitectureItem)]
        ordered = sorted((items[place] for place in ours), key=_longest_first)
        dealt = dealt_in_pairs(ordered, config.workerinput.get("workercount", 1))
        for place, item in zip(ours, dealt, strict=True):
            items[place] = item


def dealt_in_pairs(ordered: Sequence[T], workers: int) -> list[T]:
    """Return what is ordered such that of the first ones every second one is of the last.

    pytest-xdist begins by giving each worker two in a row, and the second one waits for the first: of the two
    longest one would begin when the other one ends. Source: xdist's scheduler/load.py, 3.8.
    """
    if workers < 2 or len(ordered) < 2 * workers:
        return list(ordered)  # then nobody waits, or it deals them one by one
    last = len(ordered) - workers
    pairs = zip(ordered[:workers], reversed(ordered[last:]), strict=True)
    return [*chain.from_iterable(pairs), *ordered[workers:last]]


def _longest_first(item: pytest.Item) -> tuple[float, str]:
    # The node id makes the order the same on all workers, as pytest-xdist wants it.
    return -_expected(item) if isinstance(item, ArchitectureItem) else 0.0, item.nodeid


def _expected(item: ArchitectureItem) -> float:
    """The seconds that it will take, as far as the controller has told all workers the same of it."""
    if item.entry.skipped or not item.lsqm.limits.keys().isdisjoint(item.entry.services):
        return 0.0
    # What has never run may take long.
    return item.entry.last_seconds if item.entry.last_seconds is not None else float("inf")
