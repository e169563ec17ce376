"""What is known of LocalStack's releases: the Python that each was made for, and its day."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from pytest_lsqm.emulators import pythons

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = "4.14.0"
"""The newest LocalStack whose image needs no token."""

SETTLED = timedelta(days=7)
"""How long after a release its dependencies are taken from: late enough for its own fixes of the first
days, early enough that nothing has drifted away from it."""


@dataclass(frozen=True)
class Release:
    """A release of LocalStack: read from its package's classifiers, not from its Requires-Python."""

    version: str
    python: str
    day: date


KNOWN = tuple(
    Release(version, python, date.fromisoformat(day))
    for version, python, day in (
        ("4.0.3", "3.11", "2024-11-29"),
        ("4.1.0", "3.11", "2025-01-30"),
        ("4.2.0", "3.11", "2025-02-27"),
        ("4.3.0", "3.11", "2025-03-27"),
        ("4.4.0", "3.11", "2025-05-08"),
        ("4.5.0", "3.11", "2025-06-05"),
        ("4.6.0", "3.11", "2025-07-03"),
        ("4.7.0", "3.11", "2025-07-31"),
        ("4.8.1", "3.11", "2025-09-16"),
        ("4.9.2", "3.13", "2025-10-06"),
        ("4.10.0", "3.13", "2025-10-30"),
        ("4.11.1", "3.13", "2025-11-26"),
        ("4.12.0", "3.13", "2025-12-11"),
        ("4.13.1", "3.13", "2026-02-02"),
        ("4.14.0", "3.13", "2026-02-26"),
        ("2026.3.0", "3.13", "2026-03-23"),
    )
)
"""Oldest first."""


def known(version: str) -> Release | None:
    """Return what is known of a version, or None."""
    return next((release for release in KNOWN if release.version == version), None)


def wanted() -> str:
    """The version to use when none is asked for: `LOCALSTACK_VERSION`, else the default."""
    return os.environ.get("LOCALSTACK_VERSION") or DEFAULT


def newest_runnable(has: Callable[[str], object] = pythons.find) -> Release | None:
    """Return the newest release up to the default that runs on a Python of this machine."""
    for release in reversed(KNOWN):
        if Version(release.version) <= Version(DEFAULT) and has(release.python):
            return release
    return None


def needs_token(version: str) -> bool:
    """Whether the image of this version wants `LOCALSTACK_AUTH_TOKEN`; False where it cannot be told."""
    try:
        return Version(version) > Version(DEFAULT)
    except InvalidVersion:
        return False
