"""The one process that writes: it owns the emulators, records results as they come, and sums up."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import conclusion
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.masking import mask
from pytest_lsqm.models import ValidationResult
from pytest_lsqm.plugin import reports
from pytest_lsqm.plugin.display import Display
from pytest_lsqm.plugin.ending import Ending
from pytest_lsqm.plugin.items import ArchitectureItem, properties
from pytest_lsqm.plugin.stagelog import StageLog
from pytest_lsqm.reporting import terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lsqm.emulators.pool import Start
    from pytest_lsqm.models import Run, TestApp
    from pytest_lsqm.plugin.fleet import Fleet
    from pytest_lsqm.plugin.session import LsqmSession
    from pytest_lsqm.reporting import document


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
        self._not_reused: dict[str, str] = {}
        """Why an architecture was run although --lsqm-changed was given, by its hash."""
        self.problems: list[str] = []
        self._ending = Ending(session, self.problems)
        self._started = False
        self._other_failures = 0
        self._exit_code = int(pytest.ExitCode.INTERNAL_ERROR)
        self._tokens = 0
        self._sandbox: str | None = None
        self._begun: dict[str, float] = {}
        self._fleet: Fleet | None = None
        self._display: Display | None = None
        self._log: StageLog | None = None
        self._selected: set[str] = set()
        self._collected = self._idle = False
        session.tell = self.hear
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
            raise pytest.UsageError(mask(str(error))) from error

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
        self._sandbox = confinement.kind().means if confined else f"none: {why}"
        mirror = open_mirror(self.settings.providers, engine, self.session.say)
        self.session.providers = "direct" if mirror.direct else "mirror"
        if self.settings.log_json is not None:
            self._log = StageLog(self.settings.log_json, self.session.run_id)
            self._log.run_started(self._run())
        if self.settings.changed:
            from pytest_lsqm.plugin import reusing

            self.session.reuse = reusing.begin(self.session, self._fleet.foreseen())
        # With --lsqm-changed it may be that nothing needs an emulator.
        warm = self.session.reuse is None
        self.session.leases = self._fleet.start(self.workers(), self._emulator_started, warm=warm)
        if self.settings.confirm:
            self.session.expected = conclusion.expected(
                self._run(), self.store, self.session.index(), self.settings.baseline
            )
        if self.settings.generate not in {None, "off"} and self.session.generator is None:
            from pytest_lsqm.plugin import missing

            self._tokens = missing.make(self.session, self._fleet.facts, max(self.workers(), 1))
        self._display = Display.start(self.config)

    def workers(self) -> int:
        """Return the number of xdist workers of this run, 0 without xdist."""
        if self.config.getoption("dist", "no") == "no":
            return 0
        specs = self.config.getoption("tx", None) or ()
        counts = [spec.partition("*")[0] for spec in specs]  # as in `4*popen`
        many = sum(int(count) if count.isdigit() else 1 for count in counts)
        return many or int(self.config.getoption("numprocesses", 0) or 0)

    def workerinput(self, host: str | None, *, apart: bool) -> dict[str, Any]:
        """Return what a worker needs to know, as plain values.

        `host` is where it is, if it is no child of ours; `apart`: it has a checkout of its own.
        """
        return {
            "apart": apart,
            "corpus": self.session.corpus_digest() if apart else None,
            "shard": None if self.session.shard is None else sorted(self.session.shard),
            "run_id": self.session.run_id,
            "limits": dict(self.session.limits),
            "providers": self.session.providers,
            "refused": self.session.refused,
            "expected": dict(self.session.expected),
            "heard": self._heard(),
            "reuse": self.session.reuse.for_worker(self.session, apart=apart) if self.session.reuse else None,
            "roots": [root.as_json() for root in self.session.roots],
            "pool": self._fleet.address(host, self.hear) if self._fleet else None,
        }

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run nothing when only asked what would run."""
        if not self.settings.dry_run:
            return None
        if self.settings.changed:
            self.session.say("which of these would be reused is found out when they are run")
        for item in session.items:
            if isinstance(item, ArchitectureItem):
                reason = self.session.skip_reason(item.entry, item.arch_hash)
                self.session.say(f"would skip {item.name}: {reason}" if reason else f"would run {item.name}")
        return True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn what is to be run, where it is run here."""
        self.selected([item.nodeid for item in session.items])

    def selected(self, ids: Sequence[str]) -> None:
        """Take in the node ids of what is to be run."""
        self._collected = True
        self._selected |= {found for nodeid in ids if (found := self.session.hash_of(nodeid))}
        if self._display is not None and ids:
            self._display.total = len(ids)

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take in what a process says of what it does: a stage that began, or one that ended."""
        told = dict(event)
        kind = told.pop("kind")
        if kind == "doing" and self._display is not None:
            self._display.doing(event["worker"], event["name"], event["stage"])
        elif kind == "not_reused":
            self._not_reused[event["arch_hash"]] = event["why"]
        elif kind == "stage" and self._log is not None:
            self._log.write("stage", **told)

    def _heard(self) -> list[str]:
        """Return the kinds of events that somebody here wants to hear of."""
        wanted = {"doing": self._display is not None and self._display.attentive, "stage": self._log is not None}
        wanted["not_reused"] = self.session.reuse is not None
        return [kind for kind, heard in wanted.items() if heard]

    def _emulator_started(self, start: Start) -> None:
        if self._log is not None:
            self._log.emulator_started(start)

    # --- as results arrive ---------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note when an architecture was begun, for the case that its worker dies."""
        self._begun[nodeid] = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a result down as soon as it is here."""
        if (result := reports.take_result(report)) is not None:
            self._record(result, reports.app_of(report))
        elif (skip := reports.skip_of(report)) is not None:
            self.skipped[skip[0]] = skip[1]
        elif report.failed:
            self._other_failures += 1

    def _record(self, result: ValidationResult, app: TestApp | None = None) -> None:
        self.results[result.arch_hash] = result
        if self._log is not None:
            self._log.architecture_ended(result)
        try:
            self._start_run()
            self.store.write_result(result)
            if app is not None:
                self.store.add_app(app, replace=True)
        except LsqmError as error:
            self.problems.append(mask(str(error)))
        if self._display is not None:
            self._display.verdict(result, len(self.results))

    def _start_run(self) -> None:
        if not self._started:
            self.store.start_run(self._run())
            self._started = True

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
        word = f"{status} REUSED" if reports.is_reused(report) else status
        return category, "" if lines else terminal.LETTERS[status], word

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
            error_message=mask(f"the pytest worker that held it died: {str(report.longrepr).strip()}"),
            name=entry.name,
            services=entry.services,
        )
        reports.mask(report)
        report.when = "setup"  # an error, not a failure: in every report that knows the difference
        report.user_properties.extend(properties(result))
        reports.attach_result(report, result)

    def worker_gone(self, worker: str) -> None:
        """Free the emulators that a worker held, and show it no more."""
        if self._display is not None:
            self._display.doing(worker, "", None)
        if self._fleet is not None:
            self._fleet.worker_gone(worker)

    # --- the end -------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare with the past, and let `--lsqm-fail-on` decide what a failure is."""
        if self._display is not None:
            self._display.stop()
        # Not where workers never began, or what there is could not be collected: that is no shard without work.
        calm = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
        self._idle = self.session.division is not None and self._collected and calm
        self._conclude()
        regressed = (report := self.report()) is not None and bool(report.regressions)
        only_ours = exitstatus == pytest.ExitCode.TESTS_FAILED and not self._other_failures
        forgiven = self.settings.fail_on == "never" or (self.settings.fail_on == "regression" and not regressed)
        if (only_ours and forgiven) or (self._idle and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.OK
        if self.problems:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        self._exit_code = int(session.exitstatus)

    def _conclude(self) -> None:
        # A shard for which there was nothing to do is a shard all the same, and recorded.
        ran = self.results or (self._idle and self.session.leases is not None)
        if self._ending.outcome is not None or not ran:
            return
        try:
            self._start_run()
            self._ending.conclude(self._run(completed=True), self.results)
        except LsqmError as error:
            self.problems.append(mask(str(error)))

    def report(self) -> document.RunReport | None:
        """Return all that is known of the run once it is over."""
        return self._ending.outcome.report if self._ending.outcome is not None else None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the run, the regressions and the trends, and show the summary and the paths."""
        self._ending.write()
        self._ending.show(terminalreporter, self._not_reused, self._sandbox)

    def pytest_unconfigure(self) -> None:
        """Leave nothing running and nothing lying about, whatever the way out was."""
        if self._display is not None:
            self._display.stop()
        if self._fleet is not None:
            self._fleet.close()
        with contextlib.suppress(LsqmError):
            self._conclude()
            self._ending.write()  # where no terminal summary was shown
        if self._log is not None:
            self._log.run_ended(self._run(completed=True), self._exit_code)

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
            shard=self.session.division.facts(self._selected) if self.session.division else None,
        )
        return conclusion.make_run(about, self.results, self.skipped, self.session.index(), completed=completed)
