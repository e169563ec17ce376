"""The one process that writes: it owns the emulators, records results as they come, and sums up."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.models import ValidationResult
from pytest_lsqm.plugin import conclusion, reports
from pytest_lsqm.plugin.display import Display
from pytest_lsqm.plugin.items import ArchitectureItem
from pytest_lsqm.process import guard
from pytest_lsqm.reporting import document, terminal

if TYPE_CHECKING:
    from pytest_lsqm.models import Run, TestApp
    from pytest_lsqm.plugin.fleet import Fleet
    from pytest_lsqm.plugin.session import LsqmSession


class Controller:
    """Owner of the run's record, of its emulators and of its display."""

    def __init__(self, config: pytest.Config, session: LsqmSession) -> None:
        self.config = config
        self.session = session
        self.settings = session.settings
        self.store = session.store
        self.started_at, self._clock = datetime.now(UTC), time.monotonic()
        self.results: dict[str, ValidationResult] = {}
        self.skipped: dict[str, str] = {}
        self.problems: list[str] = []
        self._outcome: conclusion.Outcome | None = None
        self._written = False
        self._other_failures = 0
        self._tokens = 0
        self._sandbox: str | None = None
        self._begun: dict[str, float] = {}
        self._fleet: Fleet | None = None
        self._display: Display | None = None
        self._scratch: Path | None = None
        wanted = self.settings.baseline
        if wanted not in {"latest", "none"} and all(run.run_id != wanted for run in self.store.runs()):
            raise UsageError(
                f"there is no run {wanted} to compare with; the runs are the folders in {self.store.root / 'runs'}"
            )

    # --- the beginning -------------------------------------------------------------------------------

    def pytest_report_header(self) -> str:
        """Say which corpus, and on what."""
        where = ", ".join(sorted({root.folder for root in self.session.roots})) or self.store.root
        line = f"lsqm: {self.session.index().count} architectures in {where}"
        if self._fleet is not None:
            facts = self._fleet.facts
            why = f" ({facts.chosen_because})" if facts.chosen_because else ""
            line += f", on {facts.name} {facts.version}{why}"
        return line

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Choose the emulator and make ready what the workers share."""
        for problem in self.store.problems:
            self.session.say(problem)
        if self.config.option.collectonly:
            return
        try:
            self._prepare()
        except LsqmError as error:
            raise pytest.UsageError(str(error)) from error

    def _prepare(self) -> None:
        from pytest_lsqm.plugin.fleet import Fleet
        from pytest_lsqm.terraform.engine import find_engine
        from pytest_lsqm.terraform.providers import open_mirror
        from pytest_lsqm.validation import confinement

        self._fleet = Fleet(self.settings)
        self._fleet.prepare(self.session.say)
        self.session.limits = self._fleet.limits
        if self.settings.dry_run:
            return
        engine = find_engine(self.session.say)
        confined, why = confinement.wanted(self.settings.sandbox, engine)
        self._sandbox = "bubblewrap" if confined else f"none: {why}"
        mirror = open_mirror(self.settings.providers, engine, self.session.say)
        self.session.providers = "direct" if mirror.direct else "mirror"
        self.session.leases = self._fleet.start(self.workers())
        if self.settings.confirm:
            self.session.expected = frozenset(conclusion.expected(self._run(), self.store, self.settings.baseline))
        if self.settings.generate not in {None, "off"} and self.session.generator is None:
            from pytest_lsqm.plugin import missing

            self._tokens = missing.make(self.session, self._fleet.facts, max(self.workers(), 1))
        self._scratch = self.session.progress = Path(tempfile.mkdtemp(prefix="lsqm-run-"))
        guard.watch_folder(self._scratch)
        self._display = Display.start(self.config, self._scratch)

    def workers(self) -> int:
        """Return the number of xdist workers of this run, 0 without xdist."""
        if self.config.getoption("dist", "no") == "no":
            return 0
        return len(self.config.getoption("tx", None) or ()) or int(self.config.getoption("numprocesses", 0) or 0)

    def workerinput(self) -> dict[str, Any]:
        """Return what a worker needs to know, as plain values."""
        return {
            "run_id": self.session.run_id,
            "limits": dict(self.session.limits),
            "providers": self.session.providers,
            "refused": self.session.refused,
            "expected": sorted(self.session.expected),
            "roots": [root.as_json() for root in self.session.roots],
            "pool": self._fleet.address() if self._fleet else None,
            "progress": str(self._scratch) if self._scratch else "",
        }

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run nothing when only asked what would run."""
        if not self.settings.dry_run:
            return None
        for item in session.items:
            if isinstance(item, ArchitectureItem):
                reason = self.session.skip_reason(item.entry, item.arch_hash)
                self.session.say(f"would skip {item.name}: {reason}" if reason else f"would run {item.name}")
        return True

    # --- as results arrive ---------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note when an architecture was begun, for the case that its worker dies."""
        self._begun[nodeid] = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a result down as soon as it is here."""
        if (result := reports.result_of(report)) is not None:
            self._record(result, reports.app_of(report))
        elif (skip := reports.skip_of(report)) is not None:
            self.skipped[skip[0]] = skip[1]
        elif report.failed:
            self._other_failures += 1

    def _record(self, result: ValidationResult, app: TestApp | None = None) -> None:
        first = not self.results
        self.results[result.arch_hash] = result
        try:
            if first:
                self.store.start_run(self._run())
            self.store.write_result(result)
            if app is not None:
                self.store.add_app(app, replace=True)
        except LsqmError as error:
            self.problems.append(str(error))
        if self._display is not None:
            self._display.verdict(result, len(self.results))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Give each status its letter and its word; no letter where the display shows a line of its own."""
        lines = self._display is not None and self._display.lines
        if reports.skip_of(report) is not None:
            return "skipped", "" if lines else "s", "SKIPPED"
        status = reports.status_of(report)
        if status is None:
            return None
        category = {"PASSED": "passed", "ERROR": "error"}.get(status, "failed")
        return category, "" if lines else terminal.LETTERS[status], status

    def crashed(self, nodeid: str, report: pytest.TestReport) -> None:
        """Record an ERROR for the architecture that a worker held when it died."""
        arch_hash = self.session.hash_of(nodeid)
        if arch_hash is None or arch_hash in self.results:
            return
        entry = self.session.index().architectures[arch_hash]
        seconds = max(time.monotonic() - self._begun.get(nodeid, self._clock), 1e-3)
        now = datetime.now(UTC)
        result = ValidationResult(
            arch_hash=arch_hash,
            run_id=self.session.run_id,
            status="ERROR",
            started_at=now - timedelta(seconds=seconds),
            completed_at=now,
            duration_seconds=seconds,
            error_message=f"the pytest worker that held it died: {str(report.longrepr).strip()}",
            name=entry.name,
            services=entry.services,
        )
        report.when = "setup"  # an error, not a failure: in every report that knows the difference
        reports.attach_result(report, result)

    def worker_gone(self, worker: str) -> None:
        """Free the emulators that a worker held."""
        if self._fleet is not None:
            self._fleet.worker_gone(worker)

    # --- the end -------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare with the past, and let `--lsqm-fail-on` decide what a failure is."""
        if self._display is not None:
            self._display.stop()
        self._conclude()
        regressed = self._outcome is not None and bool(self._outcome.report.regressions)
        only_ours = exitstatus == pytest.ExitCode.TESTS_FAILED and not self._other_failures
        forgiven = self.settings.fail_on == "never" or (self.settings.fail_on == "regression" and not regressed)
        if only_ours and forgiven:
            session.exitstatus = pytest.ExitCode.OK
        if self.problems:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _conclude(self) -> None:
        if self._outcome is not None or not self.results:
            return
        try:
            self._outcome = conclusion.conclude(
                self._run(completed=True), self.results, self.store, self.session.index(), self.settings.baseline
            )
        except LsqmError as error:
            self.problems.append(str(error))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the run, the regressions and the trends, and show the summary and the paths."""
        self._write()
        if self._outcome is not None:
            report = self._outcome.report
            facts = report.run.config.emulator
            terminalreporter.write_sep("=", f"lsqm: {facts.name} {facts.version}" if facts else "lsqm")
            for line, colour in terminal.summary(report, terminalreporter._tw.fullwidth):
                terminalreporter.write_line(line, **({colour: True} if colour else {}))
            if self._sandbox != "bubblewrap":
                terminalreporter.write_line(
                    f"not confined: {(self._sandbox or '').removeprefix('none: ')}", yellow=True
                )
            run = self.store.root / "runs" / report.run.run_id
            for label, path in (
                ("run", run),
                ("trends", self.store.root / "trends"),
                ("json", self.settings.json),
            ):
                if path is not None and path.exists():
                    terminalreporter.write_line(f"{label + ':':<8}{path}")
        for problem in self.problems:
            terminalreporter.write_line(f"lsqm: {terminal.plain(problem)}", red=True)

    def _write(self) -> None:
        if self._written or self._outcome is None:
            return
        self._written = True
        try:
            self._outcome.write(self.store)
            if self.settings.json is not None:
                self.settings.json.write_text(json.dumps(document.as_json(self._outcome.report), indent=2))
        except (LsqmError, OSError) as error:
            self.problems.append(str(error))

    def pytest_unconfigure(self) -> None:
        """Leave nothing running and nothing lying about, whatever the way out was."""
        if self._display is not None:
            self._display.stop()
        if self._fleet is not None:
            self._fleet.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            guard.forget_folder(self._scratch)
        with contextlib.suppress(LsqmError):
            self._conclude()
            self._write()  # where no terminal summary was shown

    def _run(self, *, completed: bool = False) -> Run:
        about = conclusion.Circumstances(
            run_id=self.session.run_id,
            started_at=self.started_at,
            seconds=time.monotonic() - self._clock,
            workers=self.workers(),
            settings=self.settings,
            selection=tuple(str(word) for word in self.config.invocation_params.args),
            emulator=self._fleet.facts if self._fleet else None,
            tokens=self._tokens,
            sandbox=self._sandbox,
        )
        return conclusion.make_run(about, self.results, self.skipped, self.session.index(), completed=completed)
