"""What an issue says, and each comment on it; the first line is for ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.outreach.markdown import block, code, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.models import Regression, Run
    from pytest_lsqm.outreach.causes import KnownCause

LISTED = 30
"""So many architectures are named."""

_KINDS = {
    "emulator_gap": "does not have an operation",
    "emulator_defect": "answers wrongly",
    "timeout": "takes too long",
    "unknown": "no longer runs what it ran",
}


def title(group: KnownCause) -> str:
    """Return the title of an issue: what fails, on what, since when."""
    first = group.regressions[0]
    cause = first.cause
    what = cause.operation if cause and cause.operation and cause.kind != "unknown" else None
    kind = (cause.kind if cause else "unknown").replace("_", " ")
    since = f" since {first.to_version}" if first.to_version else ""
    return line(f"{what or first.architecture_name or first.arch_hash}: {kind} in {_emulator(first)}{since}", 120)


def body(group: KnownCause) -> str:
    """Return the text of a new issue."""
    first, latest = group.regressions[0], group.regressions[-1]
    kind = first.cause.kind if first.cause else "unknown"
    operation = f" ({code(first.cause.operation)})" if first.cause and first.cause.operation else ""
    parts = [
        f"<!-- lsqm cause={group.signature} runs={','.join(group.runs)} -->",
        f"{code(_emulator(first))} {_version(first)} {_KINDS[kind]}{operation}.",
        "Each failure was seen again on a fresh emulator, and nothing but the emulator has changed.",
        _architectures(group.regressions),
        *_evidence(latest),
        "To see it:",
        block(_commands(latest)),
        "*Opened by `lsqm notify`, which comments here when it recurs and closes this when it is mended.*",
    ]
    return "\n\n".join(parts)


def recurrence(group: KnownCause, run: str) -> str:
    """Return the comment on a run in which a cause was met again."""
    found = [each for each in group.regressions if each.to_run_id == run]
    parts = [
        f"<!-- lsqm run={run} -->",
        f"Met again, in {code(_emulator(found[0]))} {_version(found[0])}.",
        _architectures(found),
        *_evidence(found[-1]),
        block(_commands(found[-1])),
    ]
    return "\n\n".join(parts)


def mended(group: KnownCause, run: Run) -> str:
    """Return the comment with which an issue is closed."""
    version = run.config.emulator.version if run.config.emulator else run.localstack_version
    count = len({each.arch_hash for each in group.regressions})
    what = "The architecture passes" if count == 1 else f"All {count} architectures pass"
    return "\n\n".join(
        [
            f"<!-- lsqm mended={run.run_id} -->",
            f"{what} again in {code(run.emulator_kind)} {code(version)}, run {code(run.run_id)}.",
        ]
    )


def _emulator(regression: Regression) -> str:
    return regression.emulator or "localstack"


def _version(regression: Regression) -> str:
    if regression.to_version is None:
        return ""
    if regression.from_version in {None, regression.to_version}:
        return code(regression.to_version)
    return f"{code(regression.to_version)}, unlike {code(regression.from_version or '')},"


def _architectures(regressions: Iterable[Regression]) -> str:
    latest = list({each.arch_hash: each for each in regressions}.values())
    lines = [
        f"- {code(each.architecture_name or each.arch_hash)} ({code(each.arch_hash)}): {each.from_status} in run "
        f"{code(each.from_run_id)}, {each.to_status} in run {code(each.to_run_id)}"
        for each in latest[:LISTED]
    ]
    if len(latest) > LISTED:
        lines.append(f"- and {len(latest) - LISTED} more")
    return "\n".join(lines)


def _evidence(regression: Regression) -> Iterator[str]:
    cause = regression.cause
    if cause is not None:
        if cause.resource:
            yield f"Resource: {code(cause.resource)}"
        if cause.error:
            yield block(cause.error)
        if cause.proof:
            yield "What proves it:"
            yield block("\n".join(line(each, 400) for each in cause.proof))
    if regression.changed:
        yield "What has changed:"
        yield block("\n".join(line(f"{each.part}: {each.before} → {each.after}") for each in regression.changed))


def _commands(regression: Regression) -> str:
    emulator = _emulator(regression)
    at = f"{emulator}@{regression.to_version}" if regression.to_version and "://" not in emulator else emulator
    return (
        f"pytest --lsqm -k {regression.arch_hash} --lsqm-emulator {at}\n"
        f"lsqm repro {regression.to_run_id} {regression.arch_hash}"
    )
