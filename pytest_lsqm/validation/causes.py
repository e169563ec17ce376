"""From what was seen to why it failed. Pure: each class has evidence of its own, and without any it is `unknown`.

An answer that refuses a request (4xx) proves nothing by itself: the emulator may be too strict, or the
reference too lax. What counts is said at each rule.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.analysis import services
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Cause
from pytest_lsqm.observing.proxy import UNANSWERED
from pytest_lsqm.validation import words
from pytest_lsqm.validation.verdict import environment_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lsqm.models import CauseKind, GateOutcome, Stage, TestOutcome
    from pytest_lsqm.observing import Exchange
    from pytest_lsqm.validation.attempt import Attempt
    from pytest_lsqm.validation.verdict import Verdict

LONGEST = 1000
"""Characters of an error that are kept."""

LINES = 5
"""Lines of the emulator's log that are kept as proof."""


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
        return [each for each in reversed(self.exchanges) if each.phase == phase and _unsuccessful(each)]


def no_emulator(message: str) -> Cause:
    """Return the cause of an architecture for which no emulator could be had."""
    return Cause(kind="environment", stage="emulator", error=message[:LONGEST], proof=(_line(message),))


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
    worst = _waited_for(failed)
    return _made(
        evidence,
        "timeout",
        evidence.message,
        [evidence.message, *([_exchange(worst)] if worst else [])],
        operation=worst.operation if worst else None,
    )


def _test_out_of_time(evidence: Evidence) -> Cause | None:
    for test in _failures(evidence):
        if not words.TEST_TIMEOUT.search(test.message or ""):
            continue
        asked = [each for each in evidence.exchanges if each.phase == "test" and _during(test, each)]
        worst = _waited_for([each for each in reversed(asked) if _unsuccessful(each)])
        last = worst or (asked[-1] if asked else None)
        proof = [f"{test.name}: {_assertion(test.message or '')}", *([_exchange(last)] if last else [])]
        told = f"{test.name}: {test.message}"
        return _made(evidence, "timeout", told, proof, operation=last.operation if last else None)
    return None


def _machine(evidence: Evidence) -> Cause | None:
    fault = environment_fault(evidence.diagnostics)
    if fault is None and evidence.status == "ERROR":
        fault = next((line for line in evidence.message.splitlines() if words.MACHINE.search(line)), None)
    return _made(evidence, "environment", fault, [fault]) if fault else None


def _terraform_itself(evidence: Evidence) -> Cause | None:
    """Terraform refuses the configuration before it, or a provider, asks the emulator for anything."""
    said: list[dict[str, Any]] = list(evidence.diagnostics)
    if evidence.stage == "init":
        said.append({"severity": "error", "summary": evidence.message})
    for diagnostic in said:
        text = _text(diagnostic)
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
            return _made(evidence, kind, text, [_placed(diagnostic)], resource=diagnostic.get("address"))
    return None


def _broken_answer(evidence: Evidence) -> Cause | None:
    """The provider fell over an answer, or found gone what had just been made."""
    for diagnostic in evidence.diagnostics:
        text = _text(diagnostic)
        if diagnostic.get("severity") != "error" or not words.BROKEN_ANSWER.search(text):
            continue
        asked = [each for each in evidence.exchanges if each.phase == "deploy" and each.operation]
        last = _about(diagnostic, asked) or (asked[-1] if asked else None)
        proof = [_placed(diagnostic), *([_exchange(last)] if last else [])]
        return _made(
            evidence,
            "emulator_defect",
            text,
            proof,
            operation=last.operation if last else None,
            resource=diagnostic.get("address"),
        )
    return None


def _failed_call_of_provider(evidence: Evidence) -> Cause | None:
    for diagnostic in evidence.diagnostics:
        if diagnostic.get("severity") != "error":
            continue
        text = _text(diagnostic)
        about = _service(diagnostic)
        if (exchange := _meant(text, evidence.failed_in("deploy"), about)) is not None:
            return _by_answer(evidence, exchange, text, resource=diagnostic.get("address"))
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
        failed = [each for each in evidence.failed_in("test") if _during(test, each)]
        if (exchange := _meant(test.message or "", failed)) is not None:
            return _by_answer(evidence, exchange, f"{test.name}: {test.message}")
    return None


def _wrong_answer(evidence: Evidence) -> Cause | None:
    """A test disagrees with its answer: the emulator's fault where the app has shown that it can pass."""
    for test in _failures(evidence):
        asked = [each for each in evidence.exchanges if each.phase == "test" and _during(test, each)]
        operation = _called(test.message or "", asked)
        gate = evidence.gate
        if gate is None or not gate.passed:
            return _made(evidence, "unknown", f"{test.name}: {test.message}", [], operation=operation)
        proof = [
            f"{test.name}: {_assertion(test.message or 'it never came to its end')}",
            *([f"the last it asked for: {_exchange(asked[-1])}"] if asked else []),
            f"the app passed its gate on {gate.emulator}, {gate.checked_at.date()}",
        ]
        return _made(evidence, "emulator_defect", f"{test.name}: {test.message}", proof, operation=operation)
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
    elif exchange.status == 501 or words.GAP.search(told) or unwritten:
        kind = "emulator_gap"
    elif exchange.status is None or exchange.status >= 500:
        kind = "emulator_defect"
    elif exchange.phase == "test" and evidence.gate is not None and evidence.gate.passed:
        # The app has shown elsewhere that it asks for nothing which does not exist.
        kind = "emulator_defect"
    proof = [_exchange(exchange), *unwritten, *_log_lines(evidence.logs, exchange)]
    return _made(evidence, kind, error, proof, operation=exchange.operation, resource=resource)


def _meant(text: str, failed: Sequence[Exchange], service: str | None = None) -> Exchange | None:
    """Return the exchange that an error speaks of: by operation, code, words, and service."""
    best, most = None, 1
    for exchange in failed:
        if exchange.operation is None:
            continue
        name = exchange.operation.split(".")[1]
        said = words.message(exchange.body)
        points = 2 * bool(exchange.code and exchange.code in text)
        points += 2 * bool(said and said[:60] in text)
        points += 2 * bool(re.search(rf"\b{re.escape(name)}\b", text))
        points += exchange.operation.split(".")[0] == service
        points += bool(exchange.status and re.search(rf"(?i)status ?code:? {exchange.status}\b", text))
        if points > most:
            best, most = exchange, points
    if best is None and words.NO_ANSWER.search(text):
        return next((each for each in failed if each.status is None), None)
    return best


def _about(diagnostic: dict[str, Any], asked: Sequence[Exchange]) -> Exchange | None:
    """Return the last exchange with the service of a resource."""
    service = _service(diagnostic)
    return next((each for each in reversed(asked) if (each.operation or "").split(".")[0] == service), None)


def _service(diagnostic: dict[str, Any]) -> str | None:
    """Return the AWS service of the resource that a diagnostic is about."""
    parts = str(diagnostic.get("address") or "").split("[")[0].split(".")
    return services.table().get(parts[-2]) if len(parts) > 1 else None


def _called(text: str, asked: Sequence[Exchange]) -> str | None:
    """Return the operation that a traceback's lines call last, or else the last that the test asked for."""
    named = [each.operation for each in asked if each.operation]
    by_name = {operation.split(".")[1].lower(): operation for operation in named}
    called = [word.replace("_", "") for word in re.findall(r"\.(\w+)\(", text)]
    last = asked[-1].operation if asked else None
    return next((by_name[word] for word in reversed(called) if word in by_name), last)


def _during(test: TestOutcome, exchange: Exchange) -> bool:
    return test.started is None or test.ended is None or test.started <= exchange.at <= test.ended


def _failures(evidence: Evidence) -> Iterator[TestOutcome]:
    return (test for test in evidence.tests if test.outcome not in {"passed", "skipped"})


def _log_lines(logs: str, exchange: Exchange) -> list[str]:
    name = exchange.operation or exchange.path
    wanted = (line for line in logs.splitlines() if name in line and (str(exchange.status) in line))
    return [_line(line) for line in list(wanted)[-LINES:]]


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


def _unsuccessful(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status >= 400


def _exchange(exchange: Exchange) -> str:
    said = words.message(exchange.body) or _line(exchange.body)
    return f"{exchange.operation} => {exchange.outcome}{': ' + said[:300] if said else ''}"


def _waited_for(failed: Sequence[Exchange]) -> Exchange | None:
    """Return what time was lost on: what was never answered, or else what failed most often."""
    named = [each for each in failed if each.operation]
    unanswered = next((each for each in named if each.code == UNANSWERED), None)
    counted = Counter(each.operation for each in named)
    return unanswered or next((each for each in named if each.operation == counted.most_common(1)[0][0]), None)


def _failed(stages: Sequence[Stage]) -> str | None:
    return next((stage.name for stage in stages if stage.outcome != "ok" and stage.name != "destroy"), None)


def _text(diagnostic: dict[str, Any]) -> str:
    return f"{diagnostic.get('summary', '')}\n{diagnostic.get('detail') or ''}".strip()


def _placed(diagnostic: dict[str, Any]) -> str:
    where = diagnostic.get("range") or {}
    line = where.get("start", {}).get("line")
    place = f"{where['filename']}:{line}: " if where.get("filename") else ""
    return f"{place}{_line(_text(diagnostic).replace(chr(10), ' '))}"


def _assertion(text: str) -> str:
    """Return the first line that pytest marks as the error, or else the last."""
    marked = next((line[1:].strip() for line in text.splitlines() if line.startswith("E ")), None)
    return (marked or _line(text))[:300]


def _line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""
