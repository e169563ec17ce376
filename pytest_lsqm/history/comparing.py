"""What changed between runs: each architecture against its own latest earlier result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.errors import UsageError
from pytest_lsqm.history.attribution import attribute, changes
from pytest_lsqm.history.outcomes import order
from pytest_lsqm.models import PASSING, Regression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pytest_lsqm.history.outcomes import Outcome, RunOutcomes
    from pytest_lsqm.models import Run, Status


@dataclass(frozen=True)
class Earlier:
    """An architecture's result in an earlier run."""

    run: Run
    outcome: Outcome


@dataclass(frozen=True)
class Fix:
    """An architecture that did not pass before and does now."""

    arch_hash: str
    architecture_name: str | None
    from_run_id: str
    to_run_id: str
    from_status: Status
    to_status: Status


def baseline(current: Run, others: Iterable[RunOutcomes], wanted: str = "latest") -> dict[str, Earlier]:
    """Return what each architecture is compared with.

    `wanted` is `latest` (its latest result before `current`, of the same emulator kind), `none`, or the
    id of one run, which may be of another kind: whoever names a run has chosen it.
    All `others` are looked at, in their own order and one after the other, so they need not be there at once.
    """
    found: dict[str, Earlier] = {}
    named = wanted in {"latest", "none"}
    for other in others:
        run = other.run
        if wanted == "latest":
            if not precedes(run, current):
                continue
        elif run.run_id.lower() != wanted.lower() or run.run_id == current.run_id:
            continue
        named = True
        for name, outcome in other.outcomes.items():
            if name not in found or order(found[name].run) < order(run):
                found[name] = Earlier(run, outcome)
    if not named:
        raise UsageError(
            f"there is no run {wanted} to compare with: name a run that `lsqm status` lists, `latest` or `none`."
        )
    return found


def precedes(other: Run, current: Run) -> bool:
    """Whether a run's results are such as `current` may be compared with: earlier, of the same emulator kind."""
    return other.emulator_kind == current.emulator_kind and order(other) < order(current)


def regressions(current: RunOutcomes, earlier: Mapping[str, Earlier], detected_at: datetime) -> list[Regression]:
    """Return the architectures that passed at least in part before and do not now, in the order of hashes."""
    run = current.run
    found = []
    for arch_hash, outcome in sorted(current.outcomes.items()):
        before = earlier.get(arch_hash)
        if before is None or outcome.status in PASSING or before.outcome.status not in PASSING:
            continue
        changed = changes(before.outcome, outcome, (_version(before.run), _version(run)))
        found.append(
            Regression(
                arch_hash=arch_hash,
                architecture_name=outcome.name or before.outcome.name,
                from_run_id=before.run.run_id,
                to_run_id=run.run_id,
                from_status=before.outcome.status,
                to_status=outcome.status,
                detected_at=detected_at,
                services_affected=outcome.services or before.outcome.services,
                emulator=run.emulator_kind,
                from_version=_version(before.run),
                to_version=_version(run),
                changed=changed,
                attributed_to=attribute(changed, outcome.cause),
                cause=outcome.cause,
                attempts=max(
                    sum(made.status != "ERROR" or outcome.status == "ERROR" for made in outcome.attempts), 1
                ),
            )
        )
    return found


def fixes(current: RunOutcomes, earlier: Mapping[str, Earlier]) -> list[Fix]:
    """Return the architectures that did not pass before and do now, in the order of hashes."""
    return [
        Fix(
            arch_hash,
            outcome.name or before.outcome.name,
            before.run.run_id,
            current.run.run_id,
            before.outcome.status,
            outcome.status,
        )
        for arch_hash, outcome in sorted(current.outcomes.items())
        if (before := earlier.get(arch_hash))
        and outcome.status in PASSING
        and before.outcome.status not in PASSING
    ]


def _version(run: Run) -> str:
    return run.config.emulator.version if run.config.emulator else run.localstack_version
