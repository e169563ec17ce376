"""What fares worse than the last time is tried again before anybody calls it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.models import AttemptMade

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.models import Status, ValidationResult

_RANK: dict[Status, int] = {"PASSED": 2, "PARTIAL": 1}
"""The other statuses are worse than these, and none of them worse than another."""


def fares_worse(status: Status, than: Status | None) -> bool:
    """Whether a status is worse than one that was had before; None: there was none."""
    return than is not None and _RANK.get(status, 0) < _RANK.get(than, 0)


def confirm(first: ValidationResult, again: Callable[[], ValidationResult], times: int) -> ValidationResult:
    """Return a result that holds: `first`, confirmed as often as asked, or a try that fared better, as `flaky`.

    A try that ends in ERROR has shown nothing of the emulator: another stands in for it, `times` at the most.
    """
    made = [first]
    borne_out, spare = 0, times
    while borne_out < times:
        made.append(again())
        if _better(made[-1], first):
            break
        if made[-1].status == "ERROR" != first.status and spare:
            spare -= 1
        else:
            borne_out += 1
    # What fared no better at any try is shown as it was met first: the later ones are there to bear it out.
    kept = made[-1] if _better(made[-1], first) else first
    attempts = tuple(_attempt(each) for each in made)
    return kept.model_copy(update={"attempts": attempts, "flaky": kept is not first})


def _better(result: ValidationResult, than: ValidationResult) -> bool:
    return _RANK.get(result.status, 0) > _RANK.get(than.status, 0)


def _attempt(result: ValidationResult) -> AttemptMade:
    return AttemptMade(
        status=result.status,
        started_at=result.started_at,
        duration_seconds=result.duration_seconds,
        error_message=result.error_message,
        cause=result.cause,
    )
