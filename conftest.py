"""Settings of this repository's own test run."""

import signal

import pytest

# The apps of the corpus are sub-sessions of `pytest --lsqm`; collected here they would miss what was deployed.
collect_ignore = ["corpus"]

pytest_plugins = ["pytester"]

# A run that a shell started in its background ignores Ctrl-C, and so would what the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes half an hour, where it is not asked for by its name: any other -m would bring it in."""
    if "whole" in config.option.markexpr:
        return
    whole = [item for item in items if item.get_closest_marker("whole")]
    if whole:
        items[:] = [item for item in items if item not in whole]
        config.hook.pytest_deselected(items=whole)
