"""One architecture, from its files to its verdict."""

from __future__ import annotations

from pytest_lsqm.validation.attempt import Tools
from pytest_lsqm.validation.confirming import confirm, fares_worse
from pytest_lsqm.validation.course import validate

__all__ = ["Tools", "confirm", "fares_worse", "validate"]
