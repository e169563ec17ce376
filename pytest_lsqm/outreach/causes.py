"""Regressions that are an emulator's, by what causes them: what one issue is about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from pytest_lsqm import history
from pytest_lsqm.models import PASSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.history import RunOutcomes
    from pytest_lsqm.models import Regression, Run

BLAMED = {"emulator_gap", "emulator_defect", "timeout", "unknown"}
"""What a regression of the emulator may be put down to; the other kinds are proof of somebody else's fault."""


@dataclass(frozen=True)
class KnownCause:
    """Regressions with one cause, the first detected first; `mended`: the run in which all of them pass again."""

    signature: str
    regressions: Sequence[Regression]
    mended: Run | None

    @property
    def runs(self) -> list[str]:
        """The runs in which it was detected, the first one first."""
        return list(dict.fromkeys(each.to_run_id for each in self.regressions))


def known(store: Store) -> list[KnownCause]:
    """Return the causes of all recorded regressions that were confirmed and are the emulator's."""
    grouped: dict[str, list[Regression]] = {}
    for regression in store.regressions():
        if is_emulators(regression):
            grouped.setdefault(signature(regression), []).append(regression)
    if not grouped:
        return []
    runs = history.newest_first(history.RunOutcomes(run, store.statuses(run.run_id)) for run in store.runs())
    return [KnownCause(mark, found, _mended(found, runs)) for mark, found in grouped.items()]


def is_emulators(regression: Regression) -> bool:
    """Whether it was confirmed on a fresh emulator, and nothing but the emulator can be to blame."""
    return (
        regression.attributed_to == "emulator"
        and regression.to_status != "ERROR"
        and regression.attempts > 1
        and (regression.cause is None or regression.cause.kind in BLAMED)
    )


def signature(regression: Regression) -> str:
    """Return 16 hexadecimal digits that are the same for what is one cause, whatever run and version it is in.

    An operation that is known makes one cause of all architectures that stumble over it; where it is not, each
    architecture is a cause of its own.
    """
    cause = regression.cause
    parts = [regression.emulator or "localstack", cause.kind if cause else "unknown"]
    if cause is not None and cause.operation and cause.kind != "unknown":
        parts += [cause.service or "", cause.operation]
    else:
        parts += [cause.stage or "" if cause else "", regression.arch_hash.lower()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _mended(regressions: Iterable[Regression], runs: Sequence[RunOutcomes]) -> Run | None:
    """Return the newest of the runs in which the architectures pass, None while one of them is not known to."""
    latest = {regression.arch_hash: regression for regression in regressions}
    found = [_passed_in(regression, runs) for regression in latest.values()]
    passed = [run for run in found if run is not None]
    return max(passed, key=lambda run: run.started_at) if len(passed) == len(found) else None


def _passed_in(regression: Regression, runs: Sequence[RunOutcomes]) -> Run | None:
    kind = regression.emulator or "localstack"
    for each in runs:
        if each.run.run_id == regression.to_run_id or each.run.started_at <= regression.detected_at:
            return None
        outcome = each.outcomes.get(regression.arch_hash)
        if outcome is None or each.run.emulator_kind != kind or outcome.status == "ERROR":
            continue
        if outcome.reused and outcome.completed_at <= regression.detected_at:
            continue  # it was obtained before the regression was: nothing has been mended
        # In a release before the one that broke it, it always passed.
        if _is_older(_version(each.run), regression.to_version):
            continue
        return each.run if outcome.status in PASSING and not outcome.flaky else None
    return None


def _version(run: Run) -> str:
    return run.config.emulator.version if run.config.emulator else run.localstack_version


def _is_older(version: str, than: str | None) -> bool:
    try:
        return than is not None and Version(version) < Version(than)
    except InvalidVersion:
        return False
