"""The end of a run: what it comes to is worked out, written and shown, each of them once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm import conclusion
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.masking import mask
from pytest_lsqm.reporting import actions, document, summary, terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lsqm.models import Run, ValidationResult
    from pytest_lsqm.plugin.session import LsqmSession


class Ending:
    """Writes and shows the `outcome` of a run; what could not be written is added to `problems`."""

    def __init__(self, session: LsqmSession, problems: list[str]) -> None:
        self.outcome: conclusion.Outcome | None = None
        self._session, self._store, self._settings = session, session.store, session.settings
        self._problems = problems
        self._written = False

    def conclude(self, run: Run, results: Mapping[str, ValidationResult]) -> None:
        """Compare the run with the past; an LsqmError where the store cannot be read."""
        baseline = self._settings.baseline
        self.outcome = conclusion.conclude(run, results, self._store, self._session.index(), baseline)

    def write(self) -> None:
        """Write the run, the regressions and the trends, and the documents that were asked for."""
        if self._written or self.outcome is None:
            return
        self._written = True
        report, settings = self.outcome.report, self._settings
        try:
            self.outcome.write(self._store)
            if settings.json is not None:
                settings.json.write_text(json.dumps(document.as_json(report), indent=2))
            actions.append_summary(report)
            if settings.report is not None:
                from pytest_lsqm.reporting import html

                html.write(self._store, report.run, settings.report, self._store.latest_matrix())
        except (LsqmError, OSError) as error:
            self._problems.append(mask(str(error)))

    def show(self, terminalreporter: Any, not_reused: Mapping[str, str], sandbox: str | None) -> None:
        """Show the summary, and where what was written is."""
        if self.outcome is not None:
            self._show(self.outcome.report, terminalreporter, not_reused, sandbox or "none: ")
        for problem in self._problems:
            terminalreporter.write_line(f"lsqm: {terminal.plain(problem)}", red=True)

    def _show(
        self, report: document.RunReport, terminalreporter: Any, not_reused: Mapping[str, str], sandbox: str
    ) -> None:
        facts, width = report.run.config.emulator, terminalreporter._tw.fullwidth
        terminalreporter.write_sep("=", f"lsqm: {facts.name} {facts.version}" if facts else "lsqm")
        screen = summary.Screen.of(terminalreporter.isatty, terminalreporter.config.get_verbosity() > 0)
        for line, colour in summary.lines(report, width, screen):
            terminalreporter.write_line(line, **({colour: True} if colour else {}))
        if not_reused:
            told = summary.reasons(f"{len(not_reused)} not reused", not_reused.values())
            terminalreporter.write_line(terminal.clip(told, width))
        if sandbox.startswith("none: "):
            terminalreporter.write_line(f"not confined: {sandbox.removeprefix('none: ')}", yellow=True)
        for label, path in (
            ("run", self._store.root / "runs" / report.run.run_id),
            ("trends", self._store.root / "trends"),
            ("json", self._settings.json),
            ("log", self._settings.log_json),
            ("report", self._settings.report),
        ):
            if path is not None and path.exists():
                terminalreporter.write_line(f"{label + ':':<8}{path}")
