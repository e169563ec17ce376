"""What is under way, live: a line per verdict, and on a terminal a last line that is always of now."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from pytest_lsqm.reporting import terminal

if TYPE_CHECKING:
    import pytest

    from pytest_lsqm.models import ValidationResult

PERIOD = 0.5
CLEAR = "\r\x1b[2K"


class Display:
    """Shows what each process says it does.

    Verbosity decides: at 0 a line per verdict; with -v pytest's own lines and a line per stage; with -q
    pytest's letters only. The live line needs a terminal.
    """

    def __init__(self, reporter: Any, *, verbosity: int, live: bool) -> None:
        self._reporter = reporter
        self._live = live
        self._stages = verbosity > 0
        self.lines = verbosity == 0
        self.total = 0
        """How many tests there are; 0 while that is not known."""
        self._done = 0
        self._started = time.monotonic()
        self._doing: dict[str, tuple[str, str, float]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        # The terminal itself: while a test runs, pytest's capture has file descriptor 1 elsewhere.
        self._descriptor = os.dup(1)
        self._thread = threading.Thread(target=self._draw, daemon=True, name="lsqm-display")

    @classmethod
    def start(cls, config: pytest.Config) -> Display | None:
        """Begin to show the run, where pytest has a terminal reporter to show it with."""
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter is None:
            return None
        live = reporter.isatty and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
        display = cls(reporter, verbosity=config.get_verbosity(), live=live)
        if display.lines:
            reporter.showfspath = False  # the verdict lines name the architectures
        if live:
            display._thread.start()
        return display

    @property
    def attentive(self) -> bool:
        """Whether it shows what is under way, and not only what is done."""
        return self._live or self._stages

    def doing(self, owner: str, name: str, stage: str | None) -> None:
        """Take in what a process does now; None when nothing is any more."""
        with self._lock:
            if stage is None:
                self._doing.pop(owner, None)
                return
            self._doing[owner] = (name, stage, time.monotonic())
            if self._stages and not self._live:
                self._put(f"lsqm: {terminal.plain(name)}: {stage}\n")

    def verdict(self, result: ValidationResult, count: int) -> None:
        """Show that an architecture is done."""
        self._done = count
        if self.lines:
            with self._lock:
                self._clear()
                text, colour = terminal.verdict_line(
                    result, result.name or result.arch_hash, count, self._reporter._tw.fullwidth
                )
                self._reporter.ensure_newline()
                self._reporter.write_line(text, **{colour or "white": True})

    def stop(self) -> None:
        """End the display; harmless when called twice."""
        with self._lock:
            if not self._stop.is_set():
                self._stop.set()
                self._clear()
                os.close(self._descriptor)

    def _draw(self) -> None:
        while not self._stop.wait(PERIOD):
            with self._lock:
                if self._doing and not self._stop.is_set():
                    now = time.monotonic()
                    line = terminal.live_line(
                        [(name, stage, now - since) for name, stage, since in self._doing.values()],
                        done=self._done,
                        total=self.total,
                        elapsed=now - self._started,
                        width=self._reporter._tw.fullwidth - 1,
                    )
                    self._put(CLEAR + line)

    def _clear(self) -> None:
        if self._live:
            self._put(CLEAR)

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, text.encode())
