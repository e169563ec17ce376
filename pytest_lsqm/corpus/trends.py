"""`trends/`: what the runs say together, per service, per architecture, and what got worse."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import files, runs
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import ArchitectureTrends, Regression, ServiceOperations, ServiceTrend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lsqm.corpus.files import Place

SERVICES, ARCHITECTURES = "trends/services.json", "trends/architectures.json"
REGRESSIONS, OPERATIONS = "trends/regressions.json", "trends/operations.json"


def services(place: Place) -> list[ServiceTrend]:
    """Return the trends of the services as last written; none where nothing was."""
    path = place.root / SERVICES
    return files.read_array(path, ServiceTrend) if os.path.lexists(path) else []


def architectures(place: Place) -> ArchitectureTrends | None:
    """Return the trends of the architectures as last written; None where nothing was."""
    path = place.root / ARCHITECTURES
    return files.read(path, ArchitectureTrends) if os.path.lexists(path) else None


def regressions(place: Place) -> list[Regression]:
    """Return every regression ever detected, in the order of detection."""
    path = place.root / REGRESSIONS
    return files.read_array(path, Regression) if os.path.lexists(path) else []


def write(
    place: Place,
    new_services: Iterable[ServiceTrend],
    new_architectures: ArchitectureTrends,
    new_regressions: Iterable[Regression],
) -> None:
    """Replace the trends and append the regressions that are not there yet."""
    with place.locked():
        # All is checked before anything is written, so that the three files stay of one run.
        services(place)
        architectures(place)
        everything = _with_new(place, regressions(place), new_regressions)
        files.write_array(place.root / SERVICES, list(new_services), ServiceTrend)
        files.write(place.root / ARCHITECTURES, new_architectures)
        files.write_array(place.root / REGRESSIONS, everything, Regression)


def write_operations(place: Place, new: Iterable[ServiceOperations]) -> None:
    """Replace what is known of each service's operations."""
    with place.locked():
        files.write_array(place.root / OPERATIONS, list(new), ServiceOperations)


def operations(place: Place) -> list[ServiceOperations]:
    """Return the operations of the latest run by service; none where nothing was written."""
    path = place.root / OPERATIONS
    return files.read_array(path, ServiceOperations) if os.path.lexists(path) else []


def replace_regressions(place: Place, changed: Iterable[Regression]) -> None:
    """Replace recorded regressions by themselves with more known about them, such as the issue's address."""
    with place.locked():
        everything = {_key(regression): regression for regression in regressions(place)}
        for each in changed:
            if _key(each) not in everything:
                raise StoreError(
                    f"{place.root / REGRESSIONS} has no regression of {each.arch_hash} "
                    f"from run {each.from_run_id} to run {each.to_run_id}."
                )
            everything[_key(each)] = each
        files.write_array(place.root / REGRESSIONS, list(everything.values()), Regression)


def combine_regressions(place: Place, others: Iterable[Regression]) -> None:
    """Enter the regressions that another copy of this store knows, and the addresses of their issues."""
    with place.locked():
        found = {_key(regression): regression for regression in regressions(place)}
        for other in others:
            known = found.setdefault(_key(other), other)
            if known.github_issue_url is None and other.github_issue_url is not None:
                found[_key(other)] = known.model_copy(update={"github_issue_url": other.github_issue_url})
        in_order = sorted(found.values(), key=lambda regression: regression.detected_at)
        files.write_array(place.root / REGRESSIONS, in_order, Regression)


def _key(regression: Regression) -> tuple[str, str, str]:
    return regression.arch_hash, regression.from_run_id, regression.to_run_id


def _with_new(place: Place, known: list[Regression], new: Iterable[Regression]) -> list[Regression]:
    found = {_key(regression): regression for regression in known}
    for regression in new:
        for run_id in (regression.from_run_id, regression.to_run_id):
            # Only of what is new: runs that retention removed later take nothing away.
            if _key(regression) not in found and not runs.exists(place, run_id):
                raise StoreError(
                    f"the regression of {regression.arch_hash} cannot be recorded: "
                    f"{place.root} has no run {run_id}."
                )
        found.setdefault(_key(regression), regression)
    return list(found.values())
