"""`--lsqm-changed`: the verdict of an earlier run in which nothing differed, in place of a validation."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from pytest_lsqm import history
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Reused
from pytest_lsqm.validation import circumstances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.history import Circumstances, Outcome
    from pytest_lsqm.models import Architecture, EmulatorFacts, Run, ValidationResult
    from pytest_lsqm.plugin.session import LsqmSession
    from pytest_lsqm.validation.circumstances import Ground


def begin(session: LsqmSession, emulator: EmulatorFacts | None) -> Reuse | None:
    """Return where earlier verdicts are looked for; None, and a line, where the emulator is not known exactly."""
    if emulator is None or not emulator.digest:
        what = session.settings.emulator
        session.say(f"--lsqm-changed reuses nothing here: what runs as {what} cannot be known exactly")
        return None
    return Reuse(session.store, session.run_id, emulator, session.settings.confirm)


class Reuse:
    """Looks into the earlier runs of a store for run `run_id`, which would be on `emulator`.

    A failure of what is `expected` to pass is reused if it was borne out `confirm` times.
    """

    def __init__(self, store: Store, run_id: str, emulator: EmulatorFacts, confirm: int) -> None:
        self._store = store
        self._run_id = run_id
        self._emulator = emulator
        self._confirm = confirm

    def for_worker(self, session: LsqmSession, *, apart: bool) -> dict[str, Any] | None:
        """Return plain values; None for a worker with a checkout of its own, which lacks the earlier runs."""
        if not apart:
            return self._emulator.model_dump(mode="json")
        session.say("--lsqm-changed: a worker elsewhere reuses nothing, since it lacks the earlier runs")
        return None

    def find(self, architecture: Architecture, ground: Ground, *, expected: bool) -> ValidationResult | str:
        """Return the result of an architecture, as one of this run, or why it has to be run."""
        if architecture.executes:
            return "executes programs"
        earlier = [
            history.Earlier(run, outcome)
            for run in self._earlier
            for outcome in self._store.statuses(run.run_id, [architecture.hash]).values()
        ]

        @cache
        def foreseen(providers: tuple[tuple[str, str], ...]) -> Circumstances:
            return circumstances.foresee(ground, architecture, self._emulator, dict(providers))

        def now(outcome: Outcome) -> Circumstances:
            return foreseen(tuple(sorted(each for each in outcome.versions.items() if "/" in each[0])))

        found = history.reusable(earlier, now, expected=expected, confirm=self._confirm)
        if isinstance(found, str):
            return found
        try:
            result = self._store.result(found.run.run_id, architecture.hash)
        except LsqmError:
            return "no earlier result"
        return result.model_copy(
            update={
                "run_id": self._run_id,
                "name": architecture.name,
                "services": architecture.services,
                "reused": Reused(run_id=history.origin(found.run.run_id, result), at=datetime.now(UTC)),
            }
        )

    @cached_property
    def _earlier(self) -> Sequence[Run]:
        """The runs of this kind of emulator, newest first."""
        kind = self._emulator.name
        return [
            run for run in reversed(self._store.runs()) if run.run_id != self._run_id and run.emulator_kind == kind
        ]
