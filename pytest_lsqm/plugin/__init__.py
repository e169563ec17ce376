"""The hooks that pytest finds. Without `--lsqm` nothing happens, and nothing heavy is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.plugin.options import add_options

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Turn the plugin on when it is asked for."""
    if config.getoption("lsqm") or config.getini("lsqm"):
        from pytest_lsqm.plugin.registration import register

        register(config)
