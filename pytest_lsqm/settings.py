"""The settings of a run, and where this machine keeps what was fetched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

DEFAULT_TIMEOUT = 300.0
DEFAULT_TEST_TIMEOUT = 60.0
DEFAULT_TOKEN_BUDGET = 500_000
TRIES = 3
"""Tries of one architecture at the most until there is one that is judged; each has the whole timeout."""
REGION = "us-east-1"
"""The region of an architecture that names none."""


@dataclass(frozen=True)
class Settings:
    """What the command line, the ini file and the environment together asked for; times in seconds."""

    corpus: Path = Path("corpus")
    emulator: str = "auto"
    emulator_version: str | None = None
    isolation: str = "account"
    timeout: float = DEFAULT_TIMEOUT
    test_timeout: float = DEFAULT_TEST_TIMEOUT
    baseline: str = "latest"
    fail_on: str = "any"
    confirm: int = 1
    """How often a would-be regression is tried again on a fresh emulator before it is declared."""
    generate: str | None = None
    """The generator of missing apps; None for what is usual: `builtin` for a folder, `off` for a corpus."""
    token_budget: int = DEFAULT_TOKEN_BUDGET
    json: Path | None = None
    log_json: Path | None = None
    shard: tuple[int, int] | None = None
    """The part of the corpus that is run, counted from 1, and how many there are."""
    report: Path | None = None
    providers: str = "auto"
    changed: bool = False
    """Whether the verdict of an earlier run in which nothing differed is taken over."""
    dry_run: bool = False
    allow_exec: bool = False
    sandbox: str = "auto"
    """Whether Terraform and the apps are confined: `auto`, where that can be done; `strict`; `off`."""


def cache_folder() -> Path:
    """The folder of everything fetched: `LSQM_CACHE`, else the platform's cache folder."""
    named = os.environ.get("LSQM_CACHE")
    return Path(named).absolute() if named else Path(platformdirs.user_cache_dir("pytest-lsqm"))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
