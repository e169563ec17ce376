"""The course of a validation: an emulator, the stages in their order, the end of it all, and the result."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_lsqm import masking
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Stage, ValidationResult
from pytest_lsqm.settings import TRIES
from pytest_lsqm.validation import causes, circumstances, cleaning, confinement, drafting, scratch, sharing, stages
from pytest_lsqm.validation.attempt import Attempt
from pytest_lsqm.validation.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_lsqm.emulators.pool import Lease
    from pytest_lsqm.models import Architecture, Operations
    from pytest_lsqm.observing import Exchange
    from pytest_lsqm.validation.attempt import Tools

STAGES: tuple[Callable[[Attempt], None], ...] = (
    stages.prepare,
    stages.init,
    stages.apply,
    stages.inspect,
    stages.drift,
    stages.test,
)
STAGES_WITH_DRAFT: tuple[Callable[[Attempt], None], ...] = (
    stages.prepare,
    stages.init,
    stages.plan,
    stages.apply,
    stages.inspect,
    stages.drift,
    stages.draft,
    stages.test,
)

PROVIDER_ENDED = "the provider that was kept running for it ended"


class _SetAside(Exception):
    """A try says nothing of the architecture or the emulator: it is made again, without what it was made with."""

    def __init__(self, reason: str, *, warm: bool, fresh: bool) -> None:
        """Take the reason, whether the next try may have a `warm` provider, and whether a `fresh` emulator."""
        super().__init__(reason)
        self.reason, self.warm, self.fresh = reason, warm, fresh


@dataclass
class _Course:
    """What came of a validation: its verdict and all that goes into the result beside it."""

    verdict: Verdict
    fields: dict[str, Any] = field(default_factory=dict)
    masker: masking.Masker = field(default_factory=masking.masker)


def validate(architecture: Architecture, run_id: str, tools: Tools, *, fresh: bool = False) -> ValidationResult:
    """Deploy, test and destroy one architecture, on a `fresh` emulator if so wanted, and say how it went.

    Never raises for what goes wrong on the way, the user's interrupt aside: that is what ERROR is for.
    """
    set_aside: list[str] = []
    while True:
        started, clock = datetime.now(UTC), time.monotonic()
        try:
            course = _once(architecture, tools, (started, clock), fresh=fresh, last=len(set_aside) + 1 >= TRIES)
            break
        except _SetAside as aside:
            set_aside.append(aside.reason)
            fresh = fresh or aside.fresh
            tools = tools if aside.warm else replace(tools, warm=None)
    seconds = max(time.monotonic() - clock, 1e-6)
    result = ValidationResult(
        arch_hash=architecture.hash,
        run_id=run_id,
        status=course.verdict.status,
        started_at=started,
        # From the monotonic clock: the wall clock may jump, and an end before its start would be no record.
        completed_at=started + timedelta(seconds=seconds),
        duration_seconds=round(seconds, 3) or 0.001,
        error_message=course.verdict.message,
        name=architecture.name,
        services=architecture.services,
        timed_out_in=course.verdict.timed_out_in,
        set_aside=tuple(set_aside),
        **course.fields,
    )
    return course.masker.record(result)


def _once(
    architecture: Architecture, tools: Tools, began: tuple[datetime, float], *, fresh: bool, last: bool
) -> _Course:
    try:
        tools.announce("emulator")
        lease = tools.leases.lease(fresh=True) if fresh else tools.leases.lease()
        tools.ended(_waited(*began))
    except LsqmError as error:
        tools.ended(_waited(*began, error))
        versions = circumstances.versions(tools.ground, None, {})
        course = _Course(Verdict("ERROR", f"no emulator: {error}"), {"versions": versions})
        course.fields["cause"] = causes.no_emulator(str(error))
        return course
    return _on(lease, architecture, tools, last=last)


def _waited(started: datetime, clock: float, error: LsqmError | None = None) -> Stage:
    """Return the wait for an emulator as a stage, which is no part of the result: it says nothing about it."""
    seconds = time.monotonic() - clock
    return Stage(
        name="emulator",
        seconds=round(seconds, 3),
        outcome="error" if error else "ok",
        started_at=started,
        ended_at=started + timedelta(seconds=seconds),
        error_type=type(error).__name__ if error else None,
        message=str(error) if error else None,
    )


def _on(lease: Lease, architecture: Architecture, tools: Tools, *, last: bool) -> _Course:
    """Run the course on an emulator, and give it back; the `last` try is judged, whatever befell it."""
    dirty = True  # until the end has shown otherwise
    logs = ""
    try:
        with (
            scratch.folder() as place,
            confinement.around(lease, place, confined=tools.confined) as around,
        ):
            deadline = time.monotonic() + tools.timeout
            attempt = Attempt(tools, architecture, lease, place, deadline, around.proxy, around.jail)
            try:
                found = _run_stages(attempt)
                logs = "" if found.status == "PASSED" else tools.leases.logs(lease)
                destroyed = stages.clear(attempt) and stages.terraform_test(attempt)
                if attempt.spoilt:
                    # What was being made when it ended stands in no state. It may have been our keeping it, or
                    # the architecture: without one we see.
                    raise _SetAside(PROVIDER_ENDED, warm=False, fresh=False)
                dirty = not cleaning.clean(attempt) or not destroyed
                accident = sharing.accident(attempt) if found.status != "PASSED" else None
                dirty = dirty or accident == sharing.HALF_LOADED
                if accident is not None and lease.outlives_us:
                    found = Verdict("ERROR", sharing.NAME_TAKEN_THERE)
                elif accident is not None and not last:
                    raise _SetAside(accident, warm=True, fresh=True)
                return _Course(found, _fields(attempt, found, logs), attempt.masker())
            except KeyboardInterrupt:
                if lease.outlives_us:
                    stages.clear(attempt)  # an emulator of ours is about to end anyway
                raise
            finally:
                if attempt.project is not None:
                    attempt.project.let_go()
    except LsqmError as error:
        versions = circumstances.versions(tools.ground, None, {})
        return _Course(Verdict("ERROR", str(error)), {"versions": versions, "emulator": lease.facts})
    finally:
        tools.leases.release(lease, dirty=dirty)


def _fields(attempt: Attempt, found: Verdict, logs: str) -> dict[str, Any]:
    exchanges = tuple(attempt.proxy.exchanges) if attempt.proxy else ()
    ground, app, providers = (
        attempt.tools.ground,
        drafting.app_folder(attempt),
        circumstances.providers_of(attempt.project),
    )
    digests = circumstances.digests(ground, attempt.architecture, app, providers)
    if attempt.lease.facts.digest:
        digests["emulator"] = attempt.lease.facts.digest
    return {
        "versions": circumstances.versions(ground, app, providers),
        "digests": digests,
        "terraform_apply": attempt.applied,
        "pytest_results": attempt.results,
        "terraform_destroy": attempt.destroyed,
        "terraform_tests": attempt.terraform_tests,
        "container_logs": logs or None,
        "stages": tuple(attempt.stages),
        "modifications": attempt.project.modifications if attempt.project else (),
        "emulator": attempt.lease.facts,
        "operations": _counted(exchanges),
        "drift": attempt.drift,
        "cleaning": attempt.cleaning,
        "cause": causes.find(causes.Evidence.of(attempt, found, exchanges, logs)),
    }


def _run_stages(attempt: Attempt) -> Verdict:
    for stage in STAGES_WITH_DRAFT if drafting.is_wanted(attempt) else STAGES:
        if (found := stages.run_stage(attempt, stage)) is not None:
            return found
    return Verdict("PASSED")


def _counted(exchanges: Iterable[Exchange]) -> Operations:
    counted: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for exchange in exchanges:
        if exchange.operation is not None:
            counted[exchange.phase][exchange.operation][exchange.outcome] += 1
    return {
        phase: {name: dict(sorted(counted[phase][name].items())) for name in sorted(counted[phase])}
        for phase in ("deploy", "test", "destroy", "terraform_test")
        if phase in counted
    }
