"""Two runs side by side, as text, Markdown or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.reporting.markdown import escape, table
from pytest_lsqm.reporting.terminal import clip, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.history import Comparison
    from pytest_lsqm.models import Regression, Run


def verdict(comparison: Comparison) -> str:
    """Return what a comparison comes to, in a sentence."""
    lost, won = len(comparison.regressions), len(comparison.fixes)
    if not lost and not won:
        return f"No regressions and no fixes; {comparison.equal} architectures are as they were."
    return f"{_count(lost, 'regression')}, {_count(won, 'fix', 'fixes')}; {comparison.equal} as they were."


def text(comparison: Comparison, width: int) -> Iterator[str]:
    """Yield the comparison as lines for a terminal, what got worse first."""
    yield from (f"before: {_about(comparison.before)}", f"after:  {_about(comparison.after)}")
    for found in comparison.regressions:
        told = f": {cause}" if (cause := _cause(found)) else ""
        head = f"REGRESSION {_name(comparison, found.arch_hash)}: {_change(found)}"
        yield clip(f"{head}{_whose(found)}{told}", width)
    for fix in comparison.fixes:
        yield clip(f"FIXED {_name(comparison, fix.arch_hash)}: {fix.from_status} → {fix.to_status}", width)
    for change in comparison.changes:
        name = _name(comparison, change.arch_hash)
        yield clip(f"changed {name}: {change.from_status} → {change.to_status}", width)
    for label, hashes in _others(comparison):
        names = ", ".join(_name(comparison, key) for key in hashes)
        yield clip(f"{label} ({len(hashes)}): {names}", width)
    yield verdict(comparison)


def markdown(comparison: Comparison) -> Iterator[str]:
    """Yield the comparison as Markdown, what got worse first."""
    yield from (f"**{verdict(comparison)}**", "")
    yield from (
        f"- before: {escape(_about(comparison.before))}",
        f"- after: {escape(_about(comparison.after))}",
        "",
    )
    rows = [
        ("regression", _name(comparison, each.arch_hash), _change(each), f"{_cause(each)}{_whose(each)}".strip())
        for each in comparison.regressions
    ]
    rows += [
        ("fix", _name(comparison, each.arch_hash), f"{each.from_status} → {each.to_status}", "")
        for each in comparison.fixes
    ]
    rows += [
        ("changed", _name(comparison, each.arch_hash), f"{each.from_status} → {each.to_status}", "")
        for each in comparison.changes
    ]
    if rows:
        yield from (*table(("", "architecture", "status", "cause"), rows), "")
    for label, hashes in _others(comparison):
        names = ", ".join(escape(_name(comparison, key)) for key in hashes)
        yield f"- {label} ({len(hashes)}): {names}"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain JSON values; regressions as the store has them."""
    return {
        "before": _run(comparison.before),
        "after": _run(comparison.after),
        "regressions": [each.model_dump(mode="json", exclude_none=True) for each in comparison.regressions],
        "fixes": [
            {
                "arch_hash": each.arch_hash,
                "architecture_name": each.architecture_name,
                "from_status": each.from_status,
                "to_status": each.to_status,
            }
            for each in comparison.fixes
        ],
        "changes": [
            {
                "arch_hash": each.arch_hash,
                "architecture_name": each.architecture_name,
                "from_status": each.from_status,
                "to_status": each.to_status,
            }
            for each in comparison.changes
        ],
        "failing": list(comparison.failing),
        "removed": list(comparison.removed),
        "added": list(comparison.added),
        "equal": comparison.equal,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "started_at": run.model_dump(mode="json")["started_at"],
        "emulator": run.emulator_kind,
        "version": run.localstack_version,
        "passed": run.summary.passed,
        "total": run.summary.total,
    }


def _about(run: Run) -> str:
    counted = run.summary
    reused = f", {counted.reused} of the results reused" if counted.reused else ""
    return plain(
        f"{run.run_id} of {run.started_at:%Y-%m-%d %H:%M} UTC on {run.emulator_kind} {run.localstack_version}, "
        f"{counted.passed} of {counted.total} passed{reused}"
    )


def _others(comparison: Comparison) -> list[tuple[str, list[str]]]:
    lists = {
        "failing in both": comparison.failing,
        "only before": comparison.removed,
        "only after": comparison.added,
    }
    return [(label, list(hashes)) for label, hashes in lists.items() if hashes]


def _name(comparison: Comparison, arch_hash: str) -> str:
    return plain(comparison.names.get(arch_hash, arch_hash))


def _change(found: Regression) -> str:
    versions = f" ({found.from_version} → {found.to_version})" if found.from_version != found.to_version else ""
    return plain(f"{found.from_status} → {found.to_status}{versions}")


def _whose(found: Regression) -> str:
    return f" [{found.attributed_to.replace('_', ' ')}]" if found.attributed_to else ""


def _cause(found: Regression) -> str:
    if found.cause is None:
        return ""
    told = f": {found.cause.proof[0]}" if found.cause.proof else ""
    return clip(f"{found.cause.kind.replace('_', ' ')}{told}", 200)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
