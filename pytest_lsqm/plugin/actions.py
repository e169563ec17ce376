"""A run in a step of GitHub Actions: what it prints is no command to the runner, but for our annotations."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.reporting import actions

if TYPE_CHECKING:
    from pytest_lsqm.plugin.controller import Controller


class ActionsHooks:
    """Registered only there; pytest prints whatever Terraform, apps and emulators said.

    So the runner is told, with a word that nobody can guess, to take nothing for a command meanwhile.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._config = controller.config
        self._token = secrets.token_hex(16)
        self._stopped = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Stop commands."""
        self._stop()

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self) -> None:
        """Print the annotations, which are commands."""
        if (report := self._controller.report()) is None:
            return
        fails = self._controller.settings.fail_on != "never"
        lines = list(actions.commands(report, fails=fails))
        if lines:
            self._resume()
            for line in lines:
                self._write(line)
            self._stop()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Let what comes after this pytest in the same step give commands again."""
        self._resume()

    def _stop(self) -> None:
        if not self._stopped:
            self._stopped = self._write(actions.stop(self._token))

    def _resume(self) -> None:
        if self._stopped:
            self._write(actions.resume(self._token))
            self._stopped = False

    def _write(self, line: str) -> bool:
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is None:
            return False
        reporter.ensure_newline()
        reporter.write_line(line)
        return True
