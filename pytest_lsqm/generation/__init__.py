"""Apps for architectures that have none: built in, or written by Claude; one Protocol, one registry."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from pytest_lsqm.errors import UsageError
from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.settings import DEFAULT_TOKEN_BUDGET

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.generation.base import Generator

NAMES = ("builtin", "claude")


def default() -> str:
    """Name the generator to use where none was asked for: Claude where there is a key for it and the package."""
    claude = os.environ.get("ANTHROPIC_API_KEY") and importlib.util.find_spec("anthropic")
    return "claude" if claude else "builtin"


def create(
    name: str, *, budget: Budget | None = None, tell: Callable[[str], None] = lambda line: None
) -> Generator:
    """Make a generator; a UsageError for a name that none has, or where what it needs is missing."""
    if name == "builtin":
        from pytest_lsqm.generation.builtin import BuiltinGenerator

        return BuiltinGenerator()
    if name == "claude":
        from pytest_lsqm.generation.claude import ClaudeGenerator

        return ClaudeGenerator(budget or Budget(DEFAULT_TOKEN_BUDGET), tell=tell)
    raise UsageError(f"there is no generator {name!r}: choose {' or '.join(NAMES)}")
