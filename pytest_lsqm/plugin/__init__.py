"""The hooks that pytest finds. Without `--lsqm` nothing happens, and nothing heavy is imported."""

from __future__ import annotations

import pytest

from pytest_lsqm.plugin.options import add_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Have pytest leave alone the `conftest.py` of an architecture or an app that is named: it is a stranger's."""
    known = early_config.known_args_namespace
    if known.lsqm or early_config.getini("lsqm"):
        from pytest_lsqm.plugin.arguments import outside

        # Only for this: what is collected is decided by the arguments as they were given.
        known.file_or_dir = [outside(early_config.invocation_params.dir, word) for word in known.file_or_dir]


def pytest_configure(config: pytest.Config) -> None:
    """Turn the plugin on when it is asked for."""
    if _is_on(config):
        from pytest_lsqm.plugin.registration import register

        register(config)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Say how many workers `-n auto` are, where nobody has said it to xdist (asked before `pytest_configure`)."""
    import os

    if not _is_on(config) or os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    from pytest_lsqm.plugin import workers

    return workers.of_this_machine()


def _is_on(config: pytest.Config) -> bool:
    return bool(config.getoption("lsqm") or config.getini("lsqm"))
