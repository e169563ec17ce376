"""A machine without bubblewrap, whose container engine makes the jails."""

from __future__ import annotations

import os

import pytest

from pytest_lsqm.process import container, jail


def require() -> None:
    """Skip the test where no engine makes a jail, or fail it where there must be one (`LSQM_REQUIRE_DOCKER`)."""
    if (reason := container.unavailable()) is not None:
        if os.environ.get("LSQM_REQUIRE_DOCKER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this machine no bubblewrap but an engine."""
    require()
    monkeypatch.setattr(jail, "unavailable", lambda: "bubblewrap is not installed")
