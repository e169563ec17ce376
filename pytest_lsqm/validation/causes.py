"""From what was seen to why it failed. Pure: each class has evidence of its own, and without any it is `unknown`.

An answer that refuses a request (4xx) proves nothing by itself: the emulator may be too strict, or the
reference too lax. What counts is said at each rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Cause
from pytest_lsqm.validation import quoting, words
from pytest_lsqm.validation.verdict import environment_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lsqm.models import CauseKind, GateOutcome, Stage, TestOutcome
    from pytest_lsqm.observing import Exchange
    from pytest_lsqm.validation.attempt import Attempt
    from pytest_lsqm.validation.verdict import Verdict

LONGEST = 1000
"""Characters of an error that are kept."""


@dataclass(frozen=True)
class Evidence:
    """All that a cause is found from; `stage` is the one that failed, `gate` what the app had shown before."""

    status: str
    message: str
    stage: str | None = None
    diagnostics: tuple[dict[str, Any], ...] = ()
    tests: tuple[TestOutcome, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    logs: str = ""
    gate: GateOutcome | None = None
    emulator_alive: bool = True

    @classmethod
    def of(cls, attempt: Attempt, found: Verdict, exchanges: tuple[Exchange, ...], logs: str) -> Evidence:
        """Collect it from an attempt that has come to its verdict."""
        try:
            app = attempt.app or attempt.tools.store.app(attempt.architecture.hash)
        except LsqmError:
            app = None  # it is broken, which is the verdict already
        return cls(
            status=found.status,
            message=found.message or "",
            stage=found.timed_out_in or _failed(attempt.stages),
            diagnostics=attempt.applied.diagnostics if attempt.applied else (),
            tests=attempt.results.tests if attempt.results else (),
            exchanges=exchanges,
            logs=logs,
            gate=app.gate if app else None,
            emulator_alive="the emulator no longer answers" not in (found.message or ""),
        )

    def failed_in(self, phase: str) -> list[Exchange]:
        """Return the exchanges of a phase that did not succeed, the last one first."""
        return [each for each in reversed(self.exchanges) if each.phase == phase and quoting.unsuccessful(each)]


def no_emulator(message: str) -> Cause:
    """Return the cause of an architecture for which no emulator could be had."""
    return Cause(
        kind="environment", stage="emulator", error=message[:LONGEST], proof=(quoting.last_line(message),)
    )


def find(evidence: Evidence) -> Cause | None:
    """Return why an architecture is not PASSED; None for one that is."""
    if evidence.status == "PASSED":
        return None
    for rule in _RULES:
        if (cause := rule(evidence)) is not None:
            return cause
    return Cause(kind="unknown", stage=evidence.stage, error=evidence.message[:LONGEST])


# Each rule looks for one kind of evidence.


def _emulator_gone(evidence: Evidence) -> Cause | None:
    """The emulator's process or container ended, or answers nobody: whether it fell or was felled is not known."""
    if evidence.emulator_alive:
        return None
    return _made(evidence, "environment", evidence.message, [evidence.message])


def _out_of_time(evidence: Evidence) -> Cause | None:
    if evidence.status != "TIMEOUT":
        return None
    failed = evidence.failed_in("test" if evidence.stage == "test" else "deploy")
    worst = quoting.waited_for(failed)
    return _made(
        evidence,
        "timeout",
        evidence.message,
        [evidence.message, *([quoting.quote(worst)] if worst else [])],
        operation=worst.operation if worst else None,
    )


def _test_out_of_time(evidence: Evidence) -> Cause | None:
    for test in _failures(evidence):
        if not words.TEST_TIMEOUT.search(test.message or ""):
            continue
        asked = [each for each in evidence.exchanges if each.phase == "test" and quoting.during(test, each)]
        worst = quoting.waited_for([each for each in reversed(asked) if quoting.unsuccessful(each)])
        last = worst or quoting.polled(asked)
        proof = [f"{test.name}: {quoting.assertion(test.message or '')}", *([quoting.quote(last)] if last else [])]
        told = f"{test.name}: {test.message}"
        return _made(evidence, "timeout", told, proof, operation=last.operation if last else None)
    return None


def _machine(evidence: Evidence) -> Cause | None:
    for diagnostic in evidence.diagnostics:
        if (fault := environment_fault((diagnostic,))) is not None:
            return _made(evidence, "environment", fault, [fault], resource=quoting.address_of(diagnostic))
    if evidence.status != "ERROR":
        return None
    said = next((line for line in evidence.message.splitlines() if words.MACHINE.search(line)), None)
    return _made(evidence, "environment", said, [said]) if said else None


def _terraform_itself(evidence: Evidence) -> Cause | None:
    """Terraform refuses the configuration before it, or a provider, asks the emulator for anything."""
    said: list[dict[str, Any]] = list(evidence.diagnostics)
    if evidence.stage == "init":
        said.append({"severity": "error", "summary": evidence.message})
    for diagnostic in said:
        text = quoting.words_of(diagnostic)
        if diagnostic.get("severity") != "error" or words.AWS_ERROR.search(text):
            continue
        kind: CauseKind | None = (
            "tooling"
            if words.TOOLING.search(text)
            else "architecture"
            if words.ARCHITECTURE.search(text)
            else None
        )
        if kind is not None:
            return _made(
                evidence, kind, text, [quoting.place_of(diagnostic)], resource=quoting.address_of(diagnostic)
            )
    return None


def _broken_answer(evidence: Evidence) -> Cause | None:
    """The provider fell over an answer, or found gone what had just been made."""
    for diagnostic in evidence.diagnostics:
        text = quoting.words_of(diagnostic)
        if diagnostic.get("severity") != "error" or not words.BROKEN_ANSWER.search(text):
            continue
        asked = [each for each in evidence.exchanges if each.phase == "deploy" and each.operation]
        last = quoting.last_about(diagnostic, asked) or (asked[-1] if asked else None)
        proof = [quoting.place_of(diagnostic), *([quoting.quote(last)] if last else [])]
        return _made(
            evidence,
            "emulator_defect",
            text,
            proof,
            operation=last.operation if last else None,
            resource=quoting.address_of(diagnostic),
        )
    return None


def _failed_call_of_provider(evidence: Evidence) -> Cause | None:
    for diagnostic in evidence.diagnostics:
        if diagnostic.get("severity") != "error":
            continue
        text = quoting.words_of(diagnostic)
        about = quoting.service_of(diagnostic)
        if (exchange := quoting.meant(text, evidence.failed_in("deploy"), about)) is not None:
            return _by_answer(evidence, exchange, text, resource=quoting.address_of(diagnostic))
    return None


def _app_broken(evidence: Evidence) -> Cause | None:
    """The app did not even come to ask the emulator, or asked what no SDK would send."""
    if evidence.status == "ERROR" and words.NO_SESSION.search(evidence.message):
        return _made(evidence, "app", evidence.message, [evidence.message])
    if evidence.gate is not None and evidence.gate.passed:
        return None  # it ran on another answer
    for test in _failures(evidence):
        if found := words.APP.search(test.message or ""):
            return _made(evidence, "app", test.message or "", [f"{test.name}: {found[0]}"])
    return None


def _failed_call_of_app(evidence: Evidence) -> Cause | None:
    for test in _failures(evidence):
        failed = [each for each in evidence.failed_in("test") if quoting.during(test, each)]
        if (exchange := quoting.meant(test.message or "", failed)) is not None:
            return _by_answer(evidence, exchange, f"{test.name}: {test.message}")
    return None


def _wrong_answer(evidence: Evidence) -> Cause | None:
    """A test disagrees with its answer: the emulator's fault where the app has shown that it can pass."""
    for test in _failures(evidence):
        asked = [each for each in evidence.exchanges if each.phase == "test" and quoting.during(test, each)]
        operation = quoting.operation_called(test.message or "", asked)
        gate = evidence.gate
        if gate is None or not gate.passed:
            return _made(evidence, "unknown", f"{test.name}: {test.message}", [], operation=operation)
        proof = [
            f"{test.name}: {quoting.assertion(test.message or 'it never came to its end')}",
            *([f"the last it asked for: {quoting.quote(asked[-1])}"] if asked else []),
            f"the app passed its gate on {gate.emulator}, {gate.checked_at.date()}",
        ]
        same = [each for each in asked if each.operation == operation]
        kind: CauseKind = "emulator_gap" if same and all(map(quoting.unrouted, same)) else "emulator_defect"
        return _made(evidence, kind, f"{test.name}: {test.message}", proof, operation=operation)
    return None


_RULES: tuple[Callable[[Evidence], Cause | None], ...] = (
    _emulator_gone,
    _machine,
    _out_of_time,
    _terraform_itself,
    _failed_call_of_provider,
    _broken_answer,
    _app_broken,
    _test_out_of_time,
    _failed_call_of_app,
    _wrong_answer,
)


def _by_answer(evidence: Evidence, exchange: Exchange, error: str, *, resource: str | None = None) -> Cause:
    """Judge a failure by the answer that made it."""
    told = f"{exchange.code or ''} {exchange.body}"
    unwritten = words.not_written(evidence.logs, exchange.operation or "")
    kind: CauseKind = "unknown"
    if words.MACHINE_IN_ANSWER.search(told):
        kind = "environment"
    elif words.SDK_TOO_NEW.search(told):
        kind = "tooling"
    elif exchange.status == 501 or words.GAP.search(told) or unwritten or quoting.taken_for_s3(exchange):
        kind = "emulator_gap"
    elif exchange.status is None or exchange.status >= 500:
        kind = "emulator_defect"
    elif exchange.phase == "test" and evidence.gate is not None and evidence.gate.passed:
        # The app has shown elsewhere that it asks for nothing which does not exist.
        kind = "emulator_defect"
    proof = [quoting.quote(exchange), *unwritten, *quoting.log_lines(evidence.logs, exchange)]
    return _made(evidence, kind, error, proof, operation=exchange.operation, resource=resource)


def _failures(evidence: Evidence) -> Iterator[TestOutcome]:
    return (test for test in evidence.tests if test.outcome not in {"passed", "skipped"})


def _made(
    evidence: Evidence,
    kind: CauseKind,
    error: str,
    proof: list[str],
    *,
    operation: str | None = None,
    resource: str | None = None,
) -> Cause:
    return Cause(
        kind=kind,
        stage=evidence.stage,
        service=operation.split(".")[0] if operation else None,
        operation=operation,
        resource=resource,
        error=error.strip()[:LONGEST],
        proof=() if kind == "unknown" else tuple(proof[:12]),
    )


def _failed(stages: Sequence[Stage]) -> str | None:
    return next((stage.name for stage in stages if stage.outcome != "ok" and stage.name != "destroy"), None)
