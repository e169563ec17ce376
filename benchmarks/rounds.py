"""A pytest plugin for `soak.py`: architectures come round by round, as their names begin with its number."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by the round and then by the name, so that no two that are alike run at the same time."""
    items.sort(key=lambda item: item.name.rpartition("::")[2])
