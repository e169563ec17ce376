"""What was really asked of an emulator, and what it answered."""

from __future__ import annotations

from pytest_lsqm.observing.proxy import Exchange, Proxy

__all__ = ["Exchange", "Proxy"]
