"""One architecture, from its files to its verdict."""

from __future__ import annotations

from pytest_lsqm.validation.attempt import Tools, validate

__all__ = ["Tools", "validate"]
