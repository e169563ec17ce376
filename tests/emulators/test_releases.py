"""What is known of LocalStack's releases."""

from __future__ import annotations

import pytest
from packaging.version import Version

from pytest_lsqm.emulators import releases


def test_the_table_is_in_order_and_knows_the_default() -> None:
    versions = [Version(release.version) for release in releases.KNOWN]
    days = [release.day for release in releases.KNOWN]
    assert versions == sorted(set(versions))
    assert days == sorted(days)
    assert releases.known(releases.DEFAULT)


@pytest.mark.parametrize(
    ("here", "newest"), [({"3.13", "3.11"}, "4.14.0"), ({"3.11", "3.12"}, "4.8.1"), ({"3.12"}, None)]
)
def test_the_newest_that_runs_depends_on_the_pythons(here: set[str], newest: str | None) -> None:
    found = releases.newest_runnable(lambda minor: minor in here)
    assert (found.version if found else None) == newest


@pytest.mark.parametrize(
    ("version", "needs"),
    [("4.14.0", False), ("4.6.0", False), ("2026.3.0", True), ("4.15.0", True), ("latest", False)],
)
def test_images_after_the_default_need_a_token(version: str, needs: bool) -> None:
    assert releases.needs_token(version) is needs
