"""A server that speaks the Messages API, and a desk in front of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.generation import messages_api
from tests.generation.desk import GOOD, KEY, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.generation.messages_api import MessagesAPI


@pytest.fixture
def api() -> Iterator[MessagesAPI]:
    with messages_api.serve(GOOD) as served:
        yield served


@pytest.fixture
def _environment(api: MessagesAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ANTHROPIC_") or name == "LSQM_CLAUDE_MODEL":
            monkeypatch.delenv(name)
    for name in ("NO_PROXY", "no_proxy"):  # whatever proxy this machine has, it does not lead to this server
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
