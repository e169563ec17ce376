"""Text for a terminal: a line per verdict, a summary per run, an explanation per failure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from pytest_lsqm.models import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_lsqm.models import Drift, Status, ValidationResult
    from pytest_lsqm.reporting.document import RunReport

LETTERS: dict[Status, str] = {"PASSED": ".", "PARTIAL": "P", "FAILED": "F", "TIMEOUT": "T", "ERROR": "E"}
"""The letter of each status in pytest's progress line."""

COLOURS: dict[Status, str] = {
    "PASSED": "green",
    "PARTIAL": "yellow",
    "FAILED": "red",
    "TIMEOUT": "red",
    "ERROR": "purple",
}

ROWS = 60
"""The summary lists the passing architectures too while it has no more rows than this."""

Line = tuple[str, str | None]
"""A line and its colour, one of pytest's terminal writer's."""


def plain(text: str) -> str:
    """Return text that came from Terraform, apps or emulators without what would steer a terminal."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else "�" for letter in text)


def clip(text: str, width: int) -> str:
    """Return the first line of a text, cut to a width."""
    first = plain(text).strip().splitlines()[0] if text.strip() else ""
    return first if len(first) <= width else first[: max(width - 1, 0)] + "…"


def seconds(value: float) -> str:
    """Return a duration as people read it."""
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def tests(result: ValidationResult) -> str:
    """Return the tests passed of the tests that ran, such as `4/5`."""
    counted = result.pytest_results
    return f"{counted.passed}/{counted.total}" if counted and counted.total else "-"


def verdict_line(result: ValidationResult, name: str, count: int, width: int) -> Line:
    """Return the line that appears when an architecture is done."""
    head = f"[{count:>3}] {LETTERS[result.status]} {result.status:<7} {plain(name):<26} {tests(result):>5}"
    head = f"{head}  {seconds(result.duration_seconds):>8}  "
    told = result.error_message or ""
    if result.status == "PASSED":
        told = " ".join(f"{stage.name} {stage.seconds:.0f}" for stage in result.stages if stage.seconds >= 0.5)
    return (head + clip(told, max(width - len(head), 0)))[:width], COLOURS[result.status]


def explain(result: ValidationResult) -> str:
    """Return all that a person needs to see of an architecture that is not PASSED."""
    lines = [f"{result.status}: {result.error_message or 'no message'}"]
    if result.emulator:
        lines.append(f"emulator: {result.emulator.name} {result.emulator.version}")
    lines += cause_lines(result)
    lines.append("stages: " + ", ".join(f"{s.name} {s.outcome} ({s.seconds:.1f} s)" for s in result.stages))
    if result.terraform_apply and not result.terraform_apply.success:
        lines += ["", "terraform apply:", *_tail(result.terraform_apply.logs, 30)]
    for test in result.pytest_results.tests if result.pytest_results else ():
        if test.outcome not in {"passed", "skipped"}:
            lines += ["", f"{test.outcome}: {test.name}", *_tail(test.message or "it never came to its end", 30)]
    if result.pytest_results and result.pytest_results.total == 0 and result.terraform_apply:
        lines += ["", "the app's session:", *_tail(result.pytest_results.output, 20)]
    if result.terraform_tests and (result.terraform_tests.failed or result.terraform_tests.problem):
        lines += ["", f"terraform test: {result.terraform_tests.problem or ''}".rstrip(": ")]
        lines += [f"  {t.outcome}: {t.name}: {t.message or ''}" for t in result.terraform_tests.tests if t.message]
    if result.container_logs:
        lines += ["", "the emulator's log, its last lines:", *_tail(result.container_logs, 20)]
    lines += [f"drift: {_drifted(drift)}" for drift in result.drift or ()]
    lines += ["", f"run it alone: {rerun(result)}"]
    return plain("\n".join(lines))


def rerun(result: ValidationResult, *, corpus: str = "corpus") -> str:
    """Return the command that runs exactly this architecture on this emulator again."""
    words = ["pytest --lsqm", "-k", result.arch_hash]
    if corpus != "corpus":
        words.append(f"--lsqm-corpus {shlex.quote(corpus)}")
    if result.emulator and result.emulator.name in {"localstack", "localstack-host", "ministack", "moto"}:
        words.append(f"--lsqm-emulator {result.emulator.name}@{result.emulator.version}")
    return " ".join(words)


def cause_lines(result: ValidationResult) -> Iterator[str]:
    """Yield what a failure was put down to, and what proves it."""
    cause = result.cause
    if cause is None:
        return
    about = ", ".join(part for part in (cause.operation or cause.service, cause.resource) if part)
    yield f"cause: {cause.kind.replace('_', ' ')}{f' ({about})' if about else ''}"
    yield from (f"  {line}" for line in cause.proof)


def _drifted(drift: Drift) -> str:
    names = ", ".join(change.attribute for change in drift.changes[:5])
    return f"{drift.address}: a second plan wants to {'/'.join(drift.actions)} it{f' ({names})' if names else ''}"


def _tail(text: str, count: int) -> list[str]:
    lines = text.rstrip().splitlines()
    cut = [f"  [... {len(lines) - count} lines before ...]"] if len(lines) > count else []
    return cut + [f"  {line}" for line in lines[-count:]]


def summary(report: RunReport, width: int) -> Iterator[Line]:
    """Yield the summary of a run: what changed, the architectures, the services, the counts."""
    yield from _changes(report, width)
    shown = sorted(report.results, key=lambda result: (STATUSES.index(result.status) == 0, _name(result)))
    if len(shown) > ROWS:
        shown = [result for result in shown if result.status != "PASSED"]
    if shown:
        rows = [
            (
                r.status,
                _name(r),
                tests(r),
                seconds(r.duration_seconds),
                " ".join(r.services),
                r.error_message or "",
            )
            for r in shown
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        for row, result in zip(rows, shown, strict=True):
            head = f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  "
            told = row[4] if result.status == "PASSED" else row[5]
            yield head + clip(told, width - len(head)), COLOURS[result.status]
    yield "", None
    yield from _services(report, width)
    yield _counts(report), None
    if drifting := [result for result in report.results if result.drift]:
        count = sum(len(result.drift or ()) for result in drifting)
        names = ", ".join(map(_name, drifting))
        head = f"drift: {count} resources would be changed by a second plan: "
        yield head + clip(names, max(width - len(head), 20)), "yellow"
    if brought := [result for result in report.results if result.terraform_tests]:
        yield "terraform test: " + ", ".join(_terraform_tests(result) for result in brought), None
    for reason, count in _reasons(report.run.summary.skipped.values()):
        yield f"skipped {count}: {clip(reason, width - 14)}", "yellow"
    for problem in report.problems:
        yield plain(problem), "red"


def _terraform_tests(result: ValidationResult) -> str:
    assert result.terraform_tests is not None
    counted = result.terraform_tests
    return f"{_name(result)} {counted.passed}/{counted.total}{' (cut short)' if counted.problem else ''}"


def _changes(report: RunReport, width: int) -> Iterator[Line]:
    named = {result.arch_hash: result for result in report.results}
    for found in report.regressions:
        versions = (
            f" ({found.from_version} → {found.to_version})" if found.from_version != found.to_version else ""
        )
        name = found.architecture_name or found.arch_hash
        whose = f" [{found.attributed_to.replace('_', ' ')}]" if found.attributed_to else ""
        head = f"REGRESSION {plain(name)}: {found.from_status} → {found.to_status}{versions}{whose} "
        result = named.get(found.arch_hash)
        yield head + clip(result.error_message or "" if result else "", max(width - len(head), 20)), "red"
    for result in report.results:
        if result.flaky:
            first = result.attempts[0]
            head = f"FLAKY {_name(result)}: {first.status}, then {result.status} on a fresh emulator "
            yield head + clip(first.error_message or "", max(width - len(head), 20)), "yellow"
    for result, before in report.fixes:
        yield f"FIXED {_name(result)}: {before} → {result.status}", "green"
    if report.compared_with and not report.regressions and not report.fixes:
        yield f"no change since run {report.compared_with}", None


def _services(report: RunReport, width: int) -> Iterator[Line]:
    tried: dict[str, list[int]] = {}
    for result in report.results:
        if result.status != "ERROR":
            for service in result.services:
                counted = tried.setdefault(service, [0, 0])
                counted[0] += result.status == "PASSED"
                counted[1] += 1
    if not tried:
        return
    trend = {entry.service_name: entry.trend for entry in report.trends}
    arrows = {"improving": "↑", "declining": "↓"}
    line = "services:"
    for service, (passed, total) in sorted(tried.items()):
        word = f" {service} {passed}/{total}{arrows.get(trend.get(service, ''), '')}"
        if len(line) + len(word) > width:
            yield line, None
            line = "         "
        line += word
    yield line, None


def _counts(report: RunReport) -> str:
    counted = report.run.summary
    words = [
        f"{getattr(counted, status.lower())} {status}" for status in STATUSES if getattr(counted, status.lower())
    ]
    return f"{', '.join(words) or 'nothing ran'} of {counted.total} in {seconds(counted.duration_seconds)}"


def _reasons(reasons: Iterable[str]) -> Sequence[tuple[str, int]]:
    """The reasons with their counts; what is said of several services alike is said once, with their names."""
    counted: dict[str, int] = {}
    services: dict[str, set[str]] = {}
    for reason in reasons:
        needs, _, why = reason.partition(": ")
        service = needs.removeprefix("needs ")
        said = why if why and needs.startswith("needs ") and " " not in service else reason
        if said is why:
            services.setdefault(said, set()).add(service)
        counted[said] = counted.get(said, 0) + 1
    told = [(_for_services(said, services.get(said, set())), count) for said, count in counted.items()]
    return sorted(told, key=lambda pair: (-pair[1], pair[0]))


def _for_services(why: str, services: set[str]) -> str:
    if len(services) > 1:
        return f"{why} ({', '.join(sorted(services))})"
    return f"needs {services.pop()}: {why}" if services else why


def _name(result: ValidationResult) -> str:
    return plain(result.name or result.arch_hash)
