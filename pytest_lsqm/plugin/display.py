"""What is under way, live: a line per verdict, and on a terminal a last line that is always of now."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from pytest_lsqm.reporting import terminal

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pytest_lsqm.models import ValidationResult

PERIOD = 0.5
CLEAR = "\r\x1b[2K"


class Display:
    """Reads the little files in which each worker says what it does, and shows them.

    Verbosity decides: at 0 a line per verdict; with -v pytest's own lines and a line per stage; with -q
    pytest's letters only. The live line needs a terminal.
    """

    def __init__(self, reporter: Any, folder: Path, *, verbosity: int, live: bool) -> None:
        self._reporter = reporter
        self._folder = folder
        self._live = live
        self._stages = verbosity > 0
        self.lines = verbosity == 0
        self._seen: dict[str, tuple[str, str, float]] = {}
        self._stop = threading.Event()
        # The terminal itself: while a test runs, pytest's capture has file descriptor 1 elsewhere.
        self._descriptor = os.dup(1)
        self._thread = threading.Thread(target=self._watch, daemon=True, name="lsqm-display")

    @classmethod
    def start(cls, config: pytest.Config, folder: Path) -> Display | None:
        """Begin to show the run, where pytest has a terminal reporter to show it with."""
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter is None:
            return None
        live = reporter.isatty and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
        display = cls(reporter, folder, verbosity=config.get_verbosity(), live=live)
        if display.lines:
            reporter.showfspath = False  # the verdict lines name the architectures
        display._thread.start()
        return display

    def verdict(self, result: ValidationResult, count: int) -> None:
        """Show that an architecture is done."""
        if self.lines:
            self._clear()
            text, colour = terminal.verdict_line(
                result, result.name or result.arch_hash, count, self._reporter._tw.fullwidth
            )
            self._reporter.ensure_newline()
            self._reporter.write_line(text, **{colour or "white": True})

    def stop(self) -> None:
        """End the display; harmless when called twice."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join(timeout=2)
            self._clear()
            os.close(self._descriptor)

    def _watch(self) -> None:
        while not self._stop.wait(PERIOD):
            self._read()
            if self._live and self._seen:
                now = time.monotonic()
                doing = "  ".join(
                    f"{name}: {stage} {now - since:.0f} s" for name, stage, since in self._seen.values()
                )
                self._put(CLEAR + doing[: max(self._reporter._tw.fullwidth - 1, 20)])

    def _read(self) -> None:
        for path in self._folder.iterdir():
            if path.suffix == ".tmp":
                continue
            with contextlib.suppress(OSError, ValueError):
                name, stage = json.loads(path.read_text())
                if stage is None:
                    self._seen.pop(path.name, None)
                elif self._seen.get(path.name, ("", "", 0.0))[:2] != (name, stage):
                    self._seen[path.name] = (name, stage, time.monotonic())
                    if self._stages and not self._live:
                        self._put(f"lsqm: {terminal.plain(name)}: {stage}\n")

    def _clear(self) -> None:
        if self._live:
            self._put(CLEAR)

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, text.encode())
