"""Two runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.errors import UsageError
from pytest_lsqm.history.comparing import Earlier, Fix, fixes, regressions
from pytest_lsqm.models import PASSING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pytest_lsqm.history.outcomes import RunOutcomes
    from pytest_lsqm.models import Regression, Run, Status


@dataclass(frozen=True)
class StatusChange:
    """An architecture whose status differs and which neither regressed nor was fixed."""

    arch_hash: str
    architecture_name: str | None
    from_status: Status
    to_status: Status


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs, each list in the order of hashes.

    `failing` are the hashes of what passes in neither; `removed` and `added` of what is in one run only;
    `equal` counts what has the same status in both.
    """

    before: Run
    after: Run
    regressions: Sequence[Regression]
    fixes: Sequence[Fix]
    changes: Sequence[StatusChange]
    failing: Sequence[str]
    removed: Sequence[str]
    added: Sequence[str]
    equal: int
    names: dict[str, str]


def compare(before: RunOutcomes, after: RunOutcomes, now: datetime) -> Comparison:
    """Compare a run with an earlier one, of whatever kind of emulator: whoever names them has chosen."""
    if before.run.run_id == after.run.run_id:
        raise UsageError(f"both are the run {after.run.run_id}: name two runs")
    earlier = {key: Earlier(before.run, outcome) for key, outcome in before.outcomes.items()}
    regressed, fixed = regressions(after, earlier, now), fixes(after, earlier)
    told = {each.arch_hash for each in regressed} | {each.arch_hash for each in fixed}
    both = sorted(before.outcomes.keys() & after.outcomes.keys())
    pairs = {key: (before.outcomes[key].status, after.outcomes[key].status) for key in both}
    outcomes = {**before.outcomes, **after.outcomes}
    return Comparison(
        before=before.run,
        after=after.run,
        regressions=regressed,
        fixes=fixed,
        changes=[
            StatusChange(key, outcomes[key].name, was, now_is)
            for key, (was, now_is) in pairs.items()
            if was != now_is and key not in told
        ],
        failing=[key for key, (was, now_is) in pairs.items() if was not in PASSING and now_is not in PASSING],
        removed=sorted(before.outcomes.keys() - after.outcomes.keys()),
        added=sorted(after.outcomes.keys() - before.outcomes.keys()),
        equal=sum(was == now_is for was, now_is in pairs.values()),
        names={key: outcome.name or key for key, outcome in outcomes.items()},
    )
