"""What an architecture leaves behind in its account of a shared emulator."""

from __future__ import annotations

from pytest_lsqm.emulators.leftovers.cleaning import clean

__all__ = ["clean"]
