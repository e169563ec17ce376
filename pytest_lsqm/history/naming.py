"""A run by what a person calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.errors import UsageError
from pytest_lsqm.history.outcomes import order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.models import Run

LATEST = "latest"


def find_run(runs: Sequence[Run], name: str) -> Run:
    """Return the run that is meant by `latest`, by an id or by the beginning of one that no other has."""
    if name == LATEST:
        if not runs:
            raise UsageError("the store has no run yet: `pytest --lsqm` makes one")
        return max(runs, key=order)
    found = [run for run in runs if name and run.run_id.startswith(name.lower())]
    if not found:
        raise UsageError(f"there is no run {name!r}: name one that the store has in runs/, or `{LATEST}`")
    if len(found) > 1:
        some = ", ".join(run.run_id for run in found[:4])
        raise UsageError(f"{name!r} is the beginning of {len(found)} runs ({some}): write more of it")
    return found[0]
