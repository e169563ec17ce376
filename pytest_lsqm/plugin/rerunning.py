"""The one command that runs exactly one architecture again, as it was run here."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from pytest_lsqm.reporting import terminal
from pytest_lsqm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.models import EmulatorFacts, ValidationResult
    from pytest_lsqm.plugin.items import ArchitectureItem

_REPEATED = ("isolation", "timeout", "test_timeout", "providers")
"""Settings on which a verdict may depend."""


def command(item: ArchitectureItem, result: ValidationResult) -> str:
    """Return it, for the folder in which pytest was called: `-k HASH`, or a root of a folder of one's own."""
    # Where the ini file asks for it, it would be reused again.
    anew = ("-o", "lsqm_changed=false") if item.config.getini("lsqm_changed") else ()
    options = _options(item.lsqm.settings, result.emulator)
    return shlex.join(["pytest", "--lsqm", *_selection(item), *options, *anew])


def _selection(item: ArchitectureItem) -> Iterator[str]:
    here = item.config.invocation_params.dir
    if item.lsqm.roots:
        yield f"{_seen_from(here, item.path)}::{item.name}"
        return
    yield from ("-k", item.arch_hash)
    if item.lsqm.settings.corpus != here / "corpus":
        yield from ("--lsqm-corpus", _seen_from(here, item.lsqm.settings.corpus))


def _options(settings: Settings, facts: EmulatorFacts | None) -> Iterator[str]:
    if "@" in settings.emulator or "://" in settings.emulator:
        yield from ("--lsqm-emulator", settings.emulator)
    elif facts is not None:
        yield from ("--lsqm-emulator", terminal.label(facts))
    usual = Settings()
    for name in _REPEATED:
        if (value := getattr(settings, name)) != getattr(usual, name):
            yield from (f"--lsqm-{name.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else value)
    if settings.allow_exec:
        yield "--lsqm-allow-exec"


def _seen_from(here: Path, path: Path) -> str:
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)
