"""Halving between a good and a bad version, over results that are made up to order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import releases
from pytest_lsqm.errors import EmulatorError, UsageError
from pytest_lsqm.models import Cause
from pytest_lsqm.validation.bisecting import bisect, versions_between
from tests.corpus.records import result

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.models import Status, ValidationResult

VERSIONS = [release.version for release in releases.KNOWN]


def breaking_in(first: str, tried: list[str], **odd: Status | str) -> Callable[[str], ValidationResult]:
    """Return an attempt that fails from one version on; `odd` ones cannot be tried, or end otherwise."""

    def attempt(version: str) -> ValidationResult:
        tried.append(version)
        status: Status = "FAILED" if VERSIONS.index(version) >= VERSIONS.index(first) else "PASSED"
        if (other := odd.get(f"v{version}")) == "impossible":
            raise EmulatorError(f"{version} wants another Python")
        if other == "environment":
            broken = result("a" * 16, "ERROR")
            return broken.model_copy(update={"cause": Cause(kind="environment", proof=("no room",))})
        return result("a" * 16, status)

    return attempt


@pytest.mark.parametrize("first", VERSIONS[1:])
def test_the_first_version_that_fails_is_found_wherever_it_is(first: str) -> None:
    tried: list[str] = []
    found = bisect(VERSIONS[0], VERSIONS[-1], VERSIONS, breaking_in(first, tried))
    assert (found.good, found.bad) == (VERSIONS[VERSIONS.index(first) - 1], first)
    assert len(tried) <= 2 + 4, "two ends, and half of sixteen versions four times"
    assert len(tried) == len(set(tried))


def test_a_version_that_cannot_be_tried_is_left_out_and_said() -> None:
    tried: list[str] = []
    attempt = breaking_in("4.9.2", tried, **{"v4.8.1": "impossible", "v4.9.2": "environment"})
    found = bisect("4.4.0", "4.14.0", versions_between("4.4.0", "4.14.0"), attempt)
    assert (found.good, found.bad) == ("4.7.0", "4.10.0")
    assert set(found.untried) == {"4.8.1", "4.9.2"}
    assert "another Python" in found.untried["4.8.1"]


def test_the_search_for_a_fix_runs_the_other_way() -> None:
    tried: list[str] = []

    def attempt(version: str) -> ValidationResult:
        tried.append(version)
        return result("a" * 16, "PASSED" if VERSIONS.index(version) >= VERSIONS.index("4.7.0") else "FAILED")

    found = bisect("4.14.0", "4.4.0", versions_between("4.14.0", "4.4.0"), attempt)
    assert (found.good, found.bad) == ("4.7.0", "4.6.0")


@pytest.mark.parametrize(("good", "bad", "says"), [("4.10.0", "4.14.0", "--good"), ("4.4.0", "4.6.0", "--bad")])
def test_an_end_that_is_not_as_was_said_is_named(good: str, bad: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        bisect(good, bad, versions_between(good, bad), breaking_in("4.9.2", []))


def test_an_end_that_cannot_be_tried_is_no_end() -> None:
    with pytest.raises(UsageError, match=r"4\.4\.0 cannot be tried here.*another Python"):
        bisect("4.4.0", "4.14.0", ["4.4.0", "4.14.0"], breaking_in("4.9.2", [], **{"v4.4.0": "impossible"}))


def test_versions_are_those_between_the_ends_in_their_order() -> None:
    assert versions_between("4.7.0", "4.10.0") == ["4.7.0", "4.8.1", "4.9.2", "4.10.0"]
    assert versions_between("4.10.0", "4.7.0") == ["4.10.0", "4.9.2", "4.8.1", "4.7.0"]
    assert versions_between("4.7.5", "4.9.2") == ["4.7.5", "4.8.1", "4.9.2"]
