"""Text for a terminal: a line per verdict, an explanation per failure, and what other texts need of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from pytest_lsqm.reporting import leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.models import Drift, EmulatorFacts, Status, ValidationResult

LETTERS: dict[Status, str] = {"PASSED": ".", "PARTIAL": "P", "FAILED": "F", "TIMEOUT": "T", "ERROR": "E"}
"""The letter of each status in pytest's progress line."""

COLOURS: dict[Status, str] = {
    "PASSED": "green",
    "PARTIAL": "yellow",
    "FAILED": "red",
    "TIMEOUT": "red",
    "ERROR": "purple",
}

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
    if result.reused is not None:
        told = f"REUSED {told}"
    return (head + clip(told, max(width - len(head), 0)))[:width], COLOURS[result.status]


def explain(result: ValidationResult, command: str) -> str:
    """Return all that a person needs to see of an architecture that is not PASSED; `command` runs it again."""
    lines = [f"{result.status}: {result.error_message or 'no message'}"]
    if result.reused:
        lines.append(
            f"reused from run {result.reused.run_id} of {result.started_at:%Y-%m-%d}: nothing has changed since; "
            "the command below runs it anew"
        )
    lines += [f"tried before, and not judged: {reason}" for reason in result.set_aside]
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
    if result.terraform_destroy and result.terraform_destroy.leftovers:
        lines.append(f"terraform destroy left behind: {', '.join(result.terraform_destroy.leftovers)}")
    lines += leftovers.of_one(result)
    lines += ["", f"run it alone: {command}"]
    return plain("\n".join(lines))


def label(facts: EmulatorFacts) -> str:
    """Return an emulator as `--lsqm-emulator` takes it."""
    return f"{facts.name}@{facts.version}"


def rerun(result: ValidationResult, *, corpus: str) -> str:
    """Return the command that runs exactly this architecture of a corpus on this emulator again."""
    words = ["pytest", "--lsqm", "-k", result.arch_hash]
    if corpus != "corpus":
        words += ["--lsqm-corpus", corpus]
    if result.emulator:
        words += ["--lsqm-emulator", label(result.emulator)]
    return shlex.join(words)


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


def live_line(
    doing: Sequence[tuple[str, str, float]], *, done: int, total: int, elapsed: float, width: int
) -> str:
    """Return the line that says what is under way; `doing` holds name, stage and the seconds since it began."""
    head = f"[{done}{f'/{total}' if total else ''}] {seconds(elapsed)}"
    parts = [f"{plain(name)}: {stage} {since:.0f} s" for name, stage, since in doing]
    return clip("  ".join([head, *parts]), width)
