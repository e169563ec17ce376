"""What GitHub Actions shows of a run: annotations and a step's summary, and no command that a stranger wrote.

The runner takes a line that begins with `::`, and `##[` anywhere in one, for a command to itself
(https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import STATUSES
from pytest_lsqm.reporting.markdown import escape, table
from pytest_lsqm.reporting.summary import reused_from
from pytest_lsqm.reporting.terminal import clip, plain, seconds, tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.models import Regression, ValidationResult
    from pytest_lsqm.reporting.document import RunReport

MOST = 9
"""Annotations of a kind before they are summed up in one: GitHub shows ten of each kind per step."""

ROWS = 100
"""Rows of a table: a step's summary may have 1 MiB, and nobody reads more."""


def running() -> bool:
    """Whether this is a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def stop(token: str) -> str:
    """Return the command after which the runner takes no line for a command until `resume`."""
    return f"::stop-commands::{token}"


def resume(token: str) -> str:
    """Return the command that ends `stop`."""
    return f"::{token}::"


def harmless(line: str) -> str:
    """Return a line that the runner takes for no command; unchanged where none would be."""
    if not running():
        return line
    line = line.replace("##[", "## [")
    return f"· {line}" if line.lstrip().startswith("::") else line


def harmless_json(value: object) -> str:
    """Return JSON in which the runner finds no command."""
    # Only a text can have `##[` in it, and there the bracket may be written by its number.
    return json.dumps(value, indent=2).replace("##[", "##\\u005b")


def commands(report: RunReport, *, fails: bool) -> Iterator[str]:
    """Yield a command per regression (a warning where it does not make the run fail) and per flaky result."""
    if not running():
        return
    messages = {result.arch_hash: result.error_message or "" for result in report.results}
    told = [(f"regression: {_name(each)}", _regression(each, messages)) for each in report.regressions]
    yield from _annotate("error" if fails else "warning", told)
    yield from _annotate(
        "warning",
        [
            (f"flaky: {each.name or each.arch_hash}", f"{each.attempts[0].status} first, then {each.status}")
            for each in report.results
            if each.flaky and each.attempts
        ],
    )


def _annotate(kind: str, told: list[tuple[str, str]]) -> Iterator[str]:
    for title, message in told[:MOST]:
        yield f"::{kind} title={_property(title)}::{_data(message)}"
    if rest := told[MOST:]:
        names = ", ".join(title.partition(": ")[2] for title, _ in rest)
        yield f"::{kind} title={_property(f'{len(rest)} more')}::{_data(clip(names, 1000))}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def append_summary(report: RunReport) -> None:
    """Append the run to the step's summary, where `GITHUB_STEP_SUMMARY` names a file for it."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write("\n".join(summary(report)) + "\n\n")
    except OSError as error:
        raise StoreError(f"GITHUB_STEP_SUMMARY: {path} cannot be written: {error.strerror or error}") from error


def summary(report: RunReport) -> Iterator[str]:
    """Yield a run as Markdown: what changed first, then what did not pass, the services and the versions."""
    run, counted = report.run, report.run.summary
    shard = f", shard {run.config.shard.number}/{run.config.shard.count}" if run.config.shard else ""
    on = escape(f"{run.emulator_kind} {run.localstack_version}")
    yield f"## {on}: {counted.passed} of {counted.total} passed{shard}"
    yield ""
    if report.regressions:
        yield from (f"### :red_circle: {len(report.regressions)} regressed", "")
        messages = {result.arch_hash: result.error_message or "" for result in report.results}
        yield from table(
            ("architecture", "", "attributed to", "what was said"),
            [
                (_name(each), _change(each), (each.attributed_to or "").replace("_", " "),
                 clip(messages.get(each.arch_hash, ""), 200))
                for each in report.regressions[:ROWS]
            ],
        )  # fmt: skip
        yield ""
    if report.fixes:
        yield from ("### Fixed", "")
        yield from table(
            ("architecture", ""),
            [(each.name or each.arch_hash, f"{was} → {each.status}") for each, was in report.fixes[:ROWS]],
        )
        yield ""
    if report.compared_with and not report.regressions and not report.fixes:
        yield from ("No regressions and no fixes since the runs before.", "")
    yield from _not_passed(report)
    yield from _services(report)
    words = [f"{getattr(counted, status.lower())} {status}" for status in STATUSES]
    yield f"{', '.join(words)}; {len(counted.skipped)} skipped; {seconds(counted.duration_seconds)}."
    if counted.reused:
        yield f"{reused_from(report.results)}."
    versions = [f"{name} {version}" for name, version in sorted(run.config.versions.items())]
    yield f"<sub>{escape(f'run {run.run_id}; ' + ', '.join(versions))}</sub>"


def _not_passed(report: RunReport) -> Iterator[str]:
    failed = sorted(
        (result for result in report.results if result.status != "PASSED"),
        key=lambda result: (STATUSES.index(result.status), result.name or result.arch_hash),
    )
    if not failed:
        return
    yield from ("### Not passed", "")
    yield from table(
        ("architecture", "status", "tests", "cause", "what was said"),
        [
            (result.name or result.arch_hash, result.status, tests(result), _cause(result),
             clip(result.error_message or "", 200))
            for result in failed[:ROWS]
        ],
    )  # fmt: skip
    if len(failed) > ROWS:
        yield from ("", f"… and {len(failed) - ROWS} more.")
    yield ""


def _services(report: RunReport) -> Iterator[str]:
    if not report.trends:
        return
    yield from ("<details><summary>Services</summary>", "")
    arrows = {"improving": "↑", "declining": "↓", "stable": ""}
    yield from table(
        ("service", "passed", ""),
        [
            (each.service_name, f"{each.history[0].passed}/{each.history[0].total}", arrows[each.trend])
            for each in report.trends
            if each.history and each.history[0].run_id == report.run.run_id
        ],
    )
    yield from ("", "</details>", "")


def _name(found: Regression) -> str:
    return found.architecture_name or found.arch_hash


def _change(found: Regression) -> str:
    versions = f" ({found.from_version} → {found.to_version})" if found.from_version != found.to_version else ""
    return f"{found.from_status} → {found.to_status}{versions}"


def _regression(found: Regression, messages: dict[str, str]) -> str:
    whose = f" [{found.attributed_to.replace('_', ' ')}]" if found.attributed_to else ""
    return f"{_change(found)}{whose}: {clip(messages.get(found.arch_hash, ''), 500)}"


def _cause(result: ValidationResult) -> str:
    if result.cause is None:
        return ""
    about = result.cause.operation or result.cause.service
    return f"{result.cause.kind.replace('_', ' ')}{f' ({about})' if about else ''}"
