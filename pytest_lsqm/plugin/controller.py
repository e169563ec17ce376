"""The one process that writes: it starts the emulators, records results as they come, and sums up."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import history
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.models import (
    ArchitectureTrends,
    EmulatorFacts,
    Run,
    RunConfig,
    RunSummary,
    ValidationResult,
)
from pytest_lsqm.plugin.display import Display
from pytest_lsqm.plugin.session import RESULT, SKIPPED
from pytest_lsqm.process import guard
from pytest_lsqm.reporting import document, terminal

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Emulator
    from pytest_lsqm.emulators.pool import Pool
    from pytest_lsqm.emulators.remote import Served
    from pytest_lsqm.plugin.session import LsqmSession


class Controller:
    """Owner of the run's record and of the emulators."""

    def __init__(self, config: pytest.Config, session: LsqmSession) -> None:
        self.config = config
        self.session = session
        self.settings = session.settings
        self.store = session.store
        self.started_at, self._clock = datetime.now(UTC), time.monotonic()
        self.results: dict[str, ValidationResult] = {}
        self.skipped: dict[str, str] = {}
        self.problems: list[str] = []
        self.report: document.RunReport | None = None
        self.trends: ArchitectureTrends | None = None
        self._other_failures = 0
        self._begun: dict[str, float] = {}
        self._written = False
        self._emulator: Emulator | None = None
        self._pool: Pool | None = None
        self._served: Served | None = None
        self._display: Display | None = None
        self._scratch: Path | None = None
        if self.settings.baseline not in {"latest", "none"} and not self._has_run(self.settings.baseline):
            raise UsageError(
                f"there is no run {self.settings.baseline} to compare with; the runs are the folders in "
                f"{self.store.root / 'runs'}"
            )

    def _has_run(self, run_id: str) -> bool:
        return any(run.run_id == run_id for run in self.store.runs())

    # --- the beginning -------------------------------------------------------------------------------

    def pytest_report_header(self) -> str:
        """Say which corpus, and on what."""
        line = f"lsqm: {self.session.index().count} architectures in {self.store.root}"
        if self._emulator is not None:
            why = f" ({self._emulator.chosen_because})" if self._emulator.chosen_because else ""
            line += f", on {self._emulator.name} {self._emulator.version}{why}"
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
        from pytest_lsqm import emulators
        from pytest_lsqm.emulators.pool import Pool
        from pytest_lsqm.terraform.engine import find_engine
        from pytest_lsqm.terraform.providers import open_mirror

        asked = self.settings
        self._emulator = emulators.create(asked.emulator, version=asked.emulator_version)
        if not asked.dry_run:
            self._emulator.prepare(self.session.say)
        # After it was prepared: only then is it known what could not be fetched.
        self.session.limits = dict(self._emulator.limits())
        if asked.dry_run:
            return
        engine = find_engine(self.session.say)
        mirror = open_mirror(asked.providers, engine, self.session.say)
        self.session.providers = "direct" if mirror.direct else "mirror"
        self._pool = self.session.leases = Pool(
            self._emulator, size=self.workers() or 1, fresh=asked.isolation == "fresh"
        )
        self._pool.warm()
        self._scratch = Path(tempfile.mkdtemp(prefix="lsqm-run-"))
        guard.watch_folder(self._scratch)
        self.session.progress = self._scratch
        self._display = Display.start(self.config, self._scratch)

    def workers(self) -> int:
        """Return the number of xdist workers of this run, 0 without xdist."""
        if self.config.getoption("dist", "no") == "no":
            return 0
        return len(self.config.getoption("tx", None) or ()) or int(self.config.getoption("numprocesses", 0) or 0)

    def workerinput(self) -> dict[str, Any]:
        """Return what a worker needs to know, as plain values."""
        if self._served is None and self._pool is not None:
            from pytest_lsqm.emulators import remote

            self._served = remote.serve(self._pool)
        return {
            "run_id": self.session.run_id,
            "limits": dict(self.session.limits),
            "providers": self.session.providers,
            "pool": self._served.address if self._served else None,
            "progress": str(self._scratch) if self._scratch else "",
        }

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run nothing when only asked what would run."""
        if not self.settings.dry_run:
            return None
        from pytest_lsqm.plugin.items import ArchitectureItem

        for item in session.items:
            if isinstance(item, ArchitectureItem):
                reason = self.session.skip_reason(item.entry)
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
        if (data := getattr(report, RESULT, None)) is not None:
            self._record(ValidationResult.model_validate(data))
        elif (skip := getattr(report, SKIPPED, None)) is not None:
            self.skipped[skip[0]] = skip[1]
        elif report.failed:
            self._other_failures += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Give each status its letter and its word."""
        own_lines = self._display is not None and self._display.lines
        if hasattr(report, SKIPPED):
            return "skipped", "" if own_lines else "s", "SKIPPED"
        data = getattr(report, RESULT, None)
        if data is None:
            return None
        status = data["status"]
        category = {"PASSED": "passed", "ERROR": "error"}.get(status, "failed")
        return category, "" if own_lines else terminal.LETTERS[status], status

    def _record(self, result: ValidationResult) -> None:
        first = not self.results
        self.results[result.arch_hash] = result
        try:
            if first:
                self.store.start_run(self._run())
            self.store.write_result(result)
        except LsqmError as error:
            self.problems.append(str(error))
        if self._display is not None:
            self._display.verdict(result, len(self.results))

    def crashed(self, nodeid: str, report: pytest.TestReport) -> None:
        """Record an ERROR for the architecture that a worker held when it died."""
        found = re.search(r"architectures/([0-9a-fA-F]{16})::", nodeid)
        if found is None or found[1] in self.results:
            return
        entry = self.session.index().architectures[found[1]]
        seconds = max(time.monotonic() - self._begun.get(nodeid, self._clock), 1e-3)
        now = datetime.now(UTC)
        result = ValidationResult(
            arch_hash=found[1],
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
        setattr(report, RESULT, result.model_dump(mode="json"))

    def worker_gone(self, worker: str) -> None:
        """Free the emulators that a worker held."""
        if self._pool is not None:
            self._pool.release_owner(worker)

    # --- the end -------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare with the past, and let `--lsqm-fail-on` decide what a failure is."""
        if self._display is not None:
            self._display.stop()
        self._conclude()
        regressed = bool(self.report and self.report.regressions)
        only_ours = exitstatus == pytest.ExitCode.TESTS_FAILED and not self._other_failures
        forgiven = self.settings.fail_on == "never" or (self.settings.fail_on == "regression" and not regressed)
        if only_ours and forgiven:
            session.exitstatus = pytest.ExitCode.OK
        if self.problems:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _conclude(self) -> None:
        if self.report is not None or not self.results:
            return
        now = datetime.now(UTC)
        run = self._run(completed=True)
        current = history.RunOutcomes(run, self.results)
        runs = [
            history.RunOutcomes(other, self.store.statuses(other.run_id))
            for other in self.store.runs()
            if other.run_id != run.run_id
        ]
        before = history.baseline(run, runs, self.settings.baseline)
        compared = {before[key].run.run_id for key in self.results if key in before}
        runs.append(current)
        corpus = {key: entry.services for key, entry in self.session.index().architectures.items()}
        self.trends = history.architecture_trends(runs, now, self.store.architecture_trends())
        self.report = document.RunReport(
            run=run,
            results=list(self.results.values()),
            regressions=history.regressions(current, before, now),
            trends=history.service_trends(runs, corpus, self.store.service_trends()),
            fixes=[(self.results[fix.arch_hash], fix.from_status) for fix in history.fixes(current, before)],
            compared_with=", ".join(sorted(compared)) if compared else None,
        )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the run, the regressions and the trends, and show the summary and the paths."""
        self._write()
        if self.report is None:
            return
        facts = self.report.run.config.emulator
        title = f"lsqm: {facts.name} {facts.version}" if facts else "lsqm"
        terminalreporter.write_sep("=", title)
        width = terminalreporter._tw.fullwidth
        for line, colour in terminal.summary(self.report, width):
            terminalreporter.write_line(line, **({colour: True} if colour else {}))
        runs = self.store.root / "runs" / self.report.run.run_id
        for label, path in (("run", runs), ("trends", self.store.root / "trends"), ("json", self.settings.json)):
            if path is not None and path.exists():
                terminalreporter.write_line(f"{label + ':':<8}{path}")

    def _write(self) -> None:
        if self._written or self.report is None:
            return
        self._written = True
        report = self.report
        try:
            self.store.finish_run(report.run)
            if self.trends is not None:
                self.store.write_trends(report.trends, self.trends, report.regressions)
            self.store.update_index(list(self.results.values()))
            self.store.retain(current=report.run.run_id)
            if self.settings.json is not None:
                self.settings.json.write_text(json.dumps(document.as_json(report), indent=2))
        except (LsqmError, OSError) as error:
            self.problems.append(str(error))

    def pytest_unconfigure(self) -> None:
        """Leave nothing running and nothing lying about, whatever the way out was."""
        if self._display is not None:
            self._display.stop()
        if self._served is not None:
            self._served.close()
        if self._pool is not None:
            self._pool.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            guard.forget_folder(self._scratch)
        with contextlib.suppress(LsqmError):
            self._conclude()
            self._write()  # where no terminal summary was shown

    # --- the record ----------------------------------------------------------------------------------

    def _run(self, *, completed: bool = False) -> Run:
        counted = {status.lower(): 0 for status in terminal.LETTERS}
        for result in self.results.values():
            counted[result.status.lower()] += 1
        elapsed = max(time.monotonic() - self._clock, 1e-3)
        known = self.session.index().architectures
        facts = next((r.emulator for r in self.results.values() if r.emulator), None)
        if facts is None and self._emulator is not None:
            facts = EmulatorFacts(name=self._emulator.name, version=self._emulator.version)
        versions: dict[str, str] = {}
        for result in self.results.values():
            versions |= result.versions
        return Run(
            run_id=self.session.run_id,
            started_at=self.started_at,
            completed_at=self.started_at + timedelta(seconds=elapsed) if completed else None,
            localstack_version=facts.version if facts else "unknown",
            lsqm_version=versions.get("pytest-lsqm", "unknown"),
            config=RunConfig(
                parallel=self.workers() or 1,
                timeout=self.settings.timeout,
                token_budget=self.settings.token_budget,
                dry_run=self.settings.dry_run,
                emulator=facts,
                versions=versions,
                isolation=self.settings.isolation,
                selection=tuple(str(word) for word in self.config.invocation_params.args),
            ),
            summary=RunSummary(
                total=len(self.results),
                passed=counted["passed"],
                partial=counted["partial"],
                failed=counted["failed"],
                timeout=counted["timeout"],
                error=counted["error"],
                new_architectures=sum(
                    1 for key in self.results if key in known and known[key].last_validated is None
                ),
                tokens_used=0,
                duration_seconds=round(elapsed, 3),
                skipped=self.skipped,
            ),
        )
