"""The summary of a run on a terminal: what changed, what did not pass, the services, the counts."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.models import STATUSES
from pytest_lsqm.reporting import leftovers
from pytest_lsqm.reporting.terminal import COLOURS, clip, plain, seconds, tests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_lsqm.models import ValidationResult
    from pytest_lsqm.reporting.document import RunReport
    from pytest_lsqm.reporting.terminal import Line

AROUND = 7
"""Lines that stand around the summary: its heading, the paths, pytest's own last line, the prompt."""

LEAST = 4
"""Lines about what changed and what failed that are shown on however small a screen."""

SERVICES, REASONS = 3, 4
"""Lines of services, and reasons for skips, that a summary has unless all is to be shown."""


@dataclass(frozen=True)
class Screen:
    """How much is shown: at most `height` lines, where there is such a limit; with `everything` all there is."""

    height: int | None = None
    everything: bool = False

    @classmethod
    def of(cls, is_terminal: bool, verbose: bool) -> Screen:
        """Return what suits the output: a log has no height, and who asks for more than usual gets it."""
        if verbose or not is_terminal:
            return cls(everything=verbose)
        return cls(height=shutil.get_terminal_size().lines)


def lines(report: RunReport, width: int, screen: Screen | None = None) -> Iterator[Line]:
    """Yield the summary of a run: what changed, what did not pass, the services, the counts.

    Passes are counted; they are listed where everything is to be shown.
    """
    screen = screen or Screen()
    head = [*_changes(report, width), *_rows(report, width, everything=screen.everything)]
    tail = list(_tail_of(report, width, everything=screen.everything))
    if screen.height is not None:
        room = max(screen.height - AROUND - len(tail), LEAST)
        if len(head) > room:
            head[room - 1 :] = [(f"… and {len(head) - room + 1} more lines: -v shows them all", None)]
    yield from head
    yield from tail


def _rows(report: RunReport, width: int, *, everything: bool) -> Iterator[Line]:
    chosen = [result for result in report.results if everything or result.status != "PASSED"]
    shown = sorted(chosen, key=lambda result: (result.status == "PASSED", _name(result)))
    longest = max(width // 3, 12)
    rows = [(r.status, clip(_name(r), longest), tests(r), seconds(r.duration_seconds)) for r in shown]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    for row, result in zip(rows, shown, strict=True):
        head = f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  "
        told = " ".join(result.services) if result.status == "PASSED" else result.error_message or ""
        yield clip(head + clip(told, len(told)), width), COLOURS[result.status]


def _tail_of(report: RunReport, width: int, *, everything: bool) -> Iterator[Line]:
    yield "", None
    yield from _services(report, width, everything=everything)
    yield clip(_counts(report), width), None
    if reused := reused_from(report.results):
        yield clip(reused, width), None
    if aside := [result for result in report.results if result.set_aside]:
        told = reasons("tried again", (reason for result in aside for reason in result.set_aside))
        yield clip(f"{told}: {', '.join(map(_name, aside))}", width), None
    if drifting := [result for result in report.results if result.drift]:
        count = sum(len(result.drift or ()) for result in drifting)
        names = ", ".join(map(_name, drifting))
        yield clip(f"drift: {count} resources would be changed by a second plan: {names}", width), "yellow"
    if left := [result for result in report.results if _leftovers(result)]:
        count, names = sum(map(_leftovers, left)), ", ".join(map(_name, left))
        yield clip(f"destroy: {count} resources were left behind: {names}", width), "yellow"
    for line in leftovers.of_all(report.results, everything=everything):
        yield clip(line, width), "yellow"
    if brought := [result for result in report.results if result.terraform_tests]:
        yield clip("terraform test: " + ", ".join(_terraform_tests(result) for result in brought), width), None
    skips = _skips(report.run.summary.skipped.values())
    shown = skips if everything else skips[:REASONS]
    for reason, count in shown:
        yield clip(f"skipped {count}: {reason}", width), "yellow"
    if rest := skips[len(shown) :]:
        yield f"skipped {sum(count for _, count in rest)} for {len(rest)} other reasons: -v names them", "yellow"
    for problem in report.problems:
        yield plain(problem), "red"


def reused_from(results: Iterable[ValidationResult]) -> str:
    """Return how many results were reused, and from which runs; nothing where none was."""
    runs: dict[str, list[ValidationResult]] = {}
    for result in results:
        if result.reused is not None:
            runs.setdefault(result.reused.run_id, []).append(result)
    whole = len(runs) == 1  # the ids of several would not fit on a line
    told = [
        f"{len(taken)}{' reused' if whole else ''} from run {run_id if whole else run_id[:8]} of "
        f"{min(result.started_at for result in taken):%Y-%m-%d}"
        for run_id, taken in sorted(runs.items(), key=lambda each: -len(each[1]))
    ]
    return ", ".join(told) if len(told) < 2 else f"{sum(map(len, runs.values()))} reused: {', '.join(told)}"


def reasons(head: str, told: Iterable[str]) -> str:
    """Return a line with each reason and how often it was given, the most frequent one first."""
    counted = Counter(told).most_common()
    return f"{head}: {', '.join(f'{reason} ({count})' for reason, count in counted)}"


def _leftovers(result: ValidationResult) -> int:
    return len(result.terraform_destroy.leftovers) if result.terraform_destroy else 0


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
        head = f"REGRESSION {plain(name)}: {found.from_status} → {found.to_status}{versions}{whose}"
        result = named.get(found.arch_hash)
        yield clip(f"{head} {result.error_message or '' if result else ''}", width), "red"
    for result, before in report.fixes:
        yield clip(f"FIXED {_name(result)}: {before} → {result.status}", width), "green"
    for result in report.results:
        if result.flaky:
            first = result.attempts[0]
            head = f"FLAKY {_name(result)}: {first.status}, then {result.status} on a fresh emulator"
            yield clip(f"{head} {first.error_message or ''}", width), "yellow"
    if report.compared_with and not report.regressions and not report.fixes:
        yield clip(f"no change since run {report.compared_with}", width), None


def _services(report: RunReport, width: int, *, everything: bool) -> Iterator[Line]:
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
    words = {
        service: f"{service} {passed}/{total}{arrows.get(trend.get(service, ''), '')}"
        for service, (passed, total) in sorted(tried.items())
    }
    lines = _wrapped("services:", words.values(), width)
    if len(lines) > SERVICES and not everything:
        unlike = [
            word
            for service, word in words.items()
            if tried[service][0] < tried[service][1] or trend.get(service) in arrows
        ]
        others = f"({len(words) - len(unlike)} others passed everything)"
        rest = others if unlike else f"all {len(words)} passed everything"
        lines = _wrapped("services:", [*unlike, rest], width)
        if len(lines) > SERVICES:
            lines[SERVICES - 1 :] = [f"          … and more: -v shows them {rest}"[:width]]
    yield from ((line, None) for line in lines)


def _wrapped(head: str, words: Iterable[str], width: int) -> list[str]:
    lines, line = [], head
    for word in words:
        if len(line) + 1 + len(word) > width and line.strip() != head:
            lines.append(line)
            line = " " * len(head)
        line += f" {word}"
    return [each[:width] for each in [*lines, line]]


def _counts(report: RunReport) -> str:
    counted = report.run.summary
    words = [
        f"{getattr(counted, status.lower())} {status}" for status in STATUSES if getattr(counted, status.lower())
    ]
    return f"{', '.join(words) or 'nothing ran'} of {counted.total} in {seconds(counted.duration_seconds)}"


def _skips(said: Iterable[str]) -> Sequence[tuple[str, int]]:
    """The reasons with their counts; what is said of several services alike is said once, with their names."""
    counted: dict[str, int] = {}
    services: dict[str, set[str]] = {}
    for reason in said:
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
