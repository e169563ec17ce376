from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.apps import Runner


@pytest.fixture
def apps(tmp_path: Path) -> Runner:
    return Runner(tmp_path)
