"""The gate that every app must pass, whatever made it: proof that its tests can fail, and do not at random.

On a reference deployment the app must pass twice in a row, and once on a second one; with nothing deployed
every one of its tests must fail; and where single resources are taken away, some test should notice.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import masking, subsession
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.generation.checks import objections
from pytest_lsqm.settings import TRIES
from pytest_lsqm.terraform.project import emulator_environment
from pytest_lsqm.validation import confinement, drafting, scratch, sharing, stages, verdict
from pytest_lsqm.validation.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lsqm.emulators.pool import Lease
    from pytest_lsqm.models import Architecture, TestApp
    from pytest_lsqm.subsession.record import Report
    from pytest_lsqm.validation.attempt import Tools

REPEATS = 2
"""How often in a row an app must pass on one deployment."""


@dataclass(frozen=True)
class GateResult:
    """What the gate found; `reasons` is empty when the app passed it.

    `noticed` holds, for each resource that was taken away, whether a test failed then; `score` is the share
    of them that were noticed, None when none was tried.
    """

    reasons: tuple[str, ...]
    noticed: tuple[tuple[str, bool], ...] = ()
    app: TestApp | None = None
    """The app that was judged; None where it did not come to that."""

    @property
    def passed(self) -> bool:
        """Whether the app may be stored."""
        return not self.reasons

    @property
    def score(self) -> float | None:
        """The share of resources whose absence a test noticed."""
        return sum(seen for _, seen in self.noticed) / len(self.noticed) if self.noticed else None


class _SetAside(Exception):
    """Only because others used its emulator did an app not pass, or could not be deployed for."""


def check(
    architecture: Architecture,
    tools: Tools,
    write: Callable[[Attempt], TestApp],
    *,
    sample: int = 0,
    seed: int = 0,
) -> GateResult:
    """Put the app that `write` gives through the gate, taking away `sample` of the resources in turn.

    `write` is called when the architecture is deployed, and raises an LsqmError where it has no app to give.
    What befalls an emulator only because it is shared is held against no app: it is done again on fresh ones.
    """
    befell = ""
    for tried in range(TRIES):
        try:
            return _through(architecture, tools, write, sample=sample, seed=seed, fresh=tried > 0)
        except _SetAside as aside:
            befell = str(aside)
    return GateResult((f"{befell}, each of {TRIES} times",))


def _through(
    architecture: Architecture,
    tools: Tools,
    write: Callable[[Attempt], TestApp],
    *,
    sample: int,
    seed: int,
    fresh: bool,
) -> GateResult:
    try:
        lease = tools.leases.lease(fresh=fresh)
    except LsqmError as error:
        return GateResult((masking.mask(f"no emulator: {error}"),))
    with scratch.folder() as place, confinement.around(lease, place, confined=tools.confined) as around:
        deadline = time.monotonic() + tools.timeout * (REPEATS + 1 + sample)
        attempt = Attempt(tools, architecture, lease, place, deadline, around.proxy, around.jail)
        dirty = True
        try:
            reasons = _deploy(attempt) or _written(attempt, write) or _repeat(attempt)
            accident = sharing.accident(attempt) if reasons else None
            noticed = [] if reasons else _sample(attempt, sample, random.Random(seed))  # noqa: S311  the same every time
            dirty = not stages.clear(attempt) or accident == sharing.HALF_LOADED
        finally:
            tools.leases.release(lease, dirty=dirty)
        reasons = _of_the_app(lease, reasons, accident)
        reasons = reasons or _on_nothing(attempt, fresh=fresh) or _on_another(attempt, fresh=fresh)
    masker = attempt.masker()
    return GateResult(tuple(map(masker.text, reasons)), tuple(noticed), attempt.app)


def _of_the_app(lease: Lease, reasons: list[str], accident: str | None) -> list[str]:
    """Return what is held against an app, where no accident was the reason."""
    if accident is None:
        return reasons
    if lease.outlives_us:
        return [sharing.NAME_TAKEN_THERE]
    raise _SetAside(accident)


def _on_another(first: Attempt, *, fresh: bool) -> list[str]:
    """Run the app on a second deployment: what only the first one knew is no part of an app."""
    tools = first.tools
    try:
        lease = tools.leases.lease(fresh=fresh)
    except LsqmError as error:
        return [f"no emulator for a second deployment: {error}"]
    with scratch.folder() as place, confinement.around(lease, place, confined=tools.confined) as around:
        deadline = time.monotonic() + tools.timeout
        attempt = Attempt(
            tools, first.architecture, lease, place, deadline, around.proxy, around.jail, app=first.app
        )
        dirty = True
        try:
            reasons = _deploy(attempt) or _once(attempt, "another", "a second deployment")
            accident = sharing.accident(attempt) if reasons else None
            dirty = not stages.clear(attempt) or accident == sharing.HALF_LOADED
        finally:
            tools.leases.release(lease, dirty=dirty)
    return _of_the_app(lease, reasons, accident)


def _deploy(attempt: Attempt) -> list[str]:
    for stage in (stages.prepare, stages.init, stages.plan, stages.apply, stages.inspect):
        found = stages.run_stage(attempt, stage)
        if found is not None:
            return [f"the reference deployment failed in {stage.__name__}: {found.message}"]
    return []


def _written(attempt: Attempt, write: Callable[[Attempt], TestApp]) -> list[str]:
    try:
        attempt.app = write(attempt)
    except LsqmError as error:
        return [str(error)]
    return objections(attempt.app.files)


def _repeat(attempt: Attempt) -> list[str]:
    for number in range(1, REPEATS + 1):
        if reasons := _once(attempt, f"repeat-{number}", f"the reference deployment (time {number})"):
            return reasons
    return []


def _once(attempt: Attempt, label: str, where: str) -> list[str]:
    report = _run_app(attempt, label)
    judged = verdict.tested(report, seconds=attempt.tools.timeout)
    if judged.status == "PASSED":
        return []
    failed = (test for test in report.results.tests if test.outcome == "failed")
    return [f"it did not pass on {where}: {judged.message}", *(f"{test.name}: {test.message}" for test in failed)]


def _sample(attempt: Attempt, size: int, chance: random.Random) -> list[tuple[str, bool]]:
    noticed: list[tuple[str, bool]] = []
    for address in _choose(attempt.resources, size, chance):
        try:
            seen = _notices(attempt, address)
        except LsqmError:
            break  # the sample is what was seen so far
        if seen is not None:
            noticed.append((address, seen))
    return noticed


def _on_nothing(attempt: Attempt, *, fresh: bool) -> list[str]:
    """Run the app where nothing is deployed: what it was told of is gone."""
    leases = attempt.tools.leases
    try:
        lease = leases.lease(fresh=fresh)
    except LsqmError as error:
        return [f"no emulator with nothing deployed: {error}"]
    try:
        confined = attempt.tools.confined
        with scratch.folder() as place, confinement.around(lease, place, confined=confined) as around:
            elsewhere = replace(attempt, lease=lease, proxy=around.proxy, jail=around.jail)
            report = _run_app(elsewhere, "nothing")
        if not leases.healthy(lease):
            # Then every test fails, whatever it tests.
            return [f"the emulator with nothing deployed no longer answers: {leases.obituary(lease)}"]
    finally:
        leases.release(lease, dirty=False)
    passing = [test.name for test in report.results.tests if test.outcome in {"passed", "skipped"}]
    if passing:
        return [f"{name} does not fail when nothing is deployed" for name in passing]
    # Hollow in another way: a session that broke has not shown that its tests can fail.
    return [f"with nothing deployed: {report.problem}"] if report.problem else []


def _choose(resources: Sequence[dict[str, Any]], sample: int, chance: random.Random) -> list[str]:
    addresses = sorted(str(resource["address"]) for resource in resources)
    return sorted(chance.sample(addresses, min(sample, len(addresses))))


def _notices(attempt: Attempt, address: str) -> bool | None:
    """Take one resource away, with its dependents, and see whether a test fails; None if that cannot be seen."""
    project, before = attempt.deployed(), (attempt.outputs, attempt.resources)
    report = None
    if project.destroy(stages.DESTROY_TIMEOUT, target=address).success:
        report = _run_app(attempt, f"without-{address}")
    if stages.run_stage(attempt, stages.apply) or stages.run_stage(attempt, stages.inspect):
        # It is not whole again: what follows would fail for that, and say nothing of the resource it is about.
        attempt.outputs, attempt.resources = before
        raise LsqmError(f"the deployment could not be made whole again after {address} was taken away")
    return None if report is None or report.problem else report.results.failed > 0


def _run_app(attempt: Attempt, label: str) -> Report:
    project = attempt.deployed()
    folder = Path(attempt.scratch, "gate", "".join(c if c.isalnum() or c == "-" else "_" for c in label))
    deployment = subsession.Deployment(
        emulator_environment(attempt.endpoint, attempt.lease.account, project.region),
        attempt.outputs,
        attempt.resources,
    )
    return subsession.run_app(
        drafting.app_folder(attempt),
        deployment,
        folder,
        timeout=attempt.tools.timeout,
        test_timeout=attempt.tools.test_timeout,
        jail=attempt.jail,
    )
