from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.apps import Runner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def apps(tmp_path: Path) -> Runner:
    return Runner(tmp_path)
