"""The first release in which an architecture fares otherwise, found by halving."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.version import Version

from pytest_lsqm.emulators import releases
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.masking import mask
from pytest_lsqm.models import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lsqm.models import ValidationResult


@dataclass
class Bisection:
    """What is known: `good` and `bad` are neighbours in the end, apart from what is in `untried`."""

    good: str
    bad: str
    results: dict[str, ValidationResult] = field(default_factory=dict)
    untried: dict[str, str] = field(default_factory=dict)
    """Versions that say nothing, with the reason of each."""


def versions_between(one: str, other: str) -> list[str]:
    """Return the releases from one to the other, both included, in that direction."""
    ends = sorted({one, other}, key=Version)
    inner = (
        each.version for each in releases.KNOWN if Version(ends[0]) < Version(each.version) < Version(ends[-1])
    )
    found = [ends[0], *inner, *ends[1:]]
    return found if found[0] == one else found[::-1]


def bisect(good: str, bad: str, versions: Sequence[str], attempt: Callable[[str], ValidationResult]) -> Bisection:
    """Halve the versions between a good one and a bad one until the two are neighbours.

    `attempt` gives the confirmed result of a version. One that cannot be tried here, or in which the machine
    was at fault, is left out. Raises UsageError where the ends are not as was said.
    """
    found = Bisection(good, bad)
    for version, wanted in ((good, True), (bad, False)):
        _try(found, version, attempt)
        if (reason := found.untried.get(version)) is not None:
            raise UsageError(f"{version} cannot be tried here, so it is no end to search from: {reason}")
        if (found.results[version].status in PASSING) != wanted:
            told = found.results[version]
            said = "passes" if told.status in PASSING else f"does not pass ({told.status}: {told.error_message})"
            raise UsageError(f"it {said} in {version}: name another version for --{'good' if wanted else 'bad'}")
    left = [version for version in versions if version not in {good, bad}]
    while left:
        middle = left[len(left) // 2]
        _try(found, middle, attempt)
        if middle in found.untried:
            left.remove(middle)
        elif found.results[middle].status in PASSING:
            found.good, left = middle, left[left.index(middle) + 1 :]
        else:
            found.bad, left = middle, left[: left.index(middle)]
    return found


def _try(found: Bisection, version: str, attempt: Callable[[str], ValidationResult]) -> None:
    try:
        result = attempt(version)
    except LsqmError as error:
        found.untried[version] = mask(str(error))
        return
    if result.status == "ERROR" and result.cause is not None and result.cause.kind == "environment":
        found.untried[version] = result.error_message or "an error of the environment"
    else:
        found.results[version] = result
