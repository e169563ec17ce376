"""The stages of a validation, one small function each, and the loop that runs them."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import analysis, settings, subsession
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Stage, ValidationResult
from pytest_lsqm.terraform.project import Project, emulator_environment
from pytest_lsqm.validation import drafting, scratch, verdict
from pytest_lsqm.validation.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.pool import Lease, Leases
    from pytest_lsqm.generation.base import Generator
    from pytest_lsqm.models import (
        Architecture,
        PytestResults,
        TerraformApply,
        TerraformDestroy,
        TerraformTests,
        TestApp,
    )
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

TERRAFORM_TEST_TIMEOUT = 180.0
"""Seconds for the tests that an architecture brings, which come after its own time."""

DESTROY_TIMEOUT = 90.0
"""Seconds for `terraform destroy`, whatever of the architecture's own time is left."""

LEFT_BEHIND = ("metadata.json",)
"""Files of an architecture's folder in the store that are not part of its configuration."""


@dataclass(frozen=True)
class Tools:
    """What a validation works with; `announce` is told each stage's name as it begins."""

    store: Store
    engine: Engine
    mirror: Mirror
    leases: Leases
    timeout: float
    test_timeout: float
    announce: Callable[[str], None]
    generator: Generator | None = None
    """Writes the app of an architecture that has none, from what was deployed."""
    keep: Callable[[TestApp], None] = lambda app: None
    """Is given each app that was written."""


class _Stop(Exception):
    """The verdict is found; no further stage is run."""

    def __init__(self, found: Verdict) -> None:
        super().__init__(found.status)
        self.verdict = found


@dataclass
class Attempt:
    """What is known of a validation so far; `deadline` is by the monotonic clock."""

    tools: Tools
    architecture: Architecture
    lease: Lease
    scratch: Path
    deadline: float
    project: Project | None = None
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    resources: list[dict[str, Any]] = field(default_factory=list)
    brings_tests: bool = False
    terraform_tests: TerraformTests | None = None
    app: TestApp | None = None
    """The app that was written for this attempt; the stored one is used where there is none."""
    applied: TerraformApply | None = None
    destroyed: TerraformDestroy | None = None
    results: PytestResults | None = None
    stages: list[Stage] = field(default_factory=list)

    def deployed(self) -> Project:
        """Return the project, which `prepare` has made."""
        assert self.project is not None
        return self.project

    def left(self) -> float:
        """Seconds until the architecture's time is over."""
        return self.deadline - time.monotonic()

    def stop(self, found: Verdict) -> _Stop:
        """Make a failure the emulator's end when the emulator is what failed."""
        if found.status in {"PASSED", "ERROR"} or self.tools.leases.healthy(self.lease):
            return _Stop(found)
        story = self.tools.leases.obituary(self.lease)
        return _Stop(Verdict("ERROR", f"the emulator no longer answers: {story}", found.timed_out_in))


def prepare(attempt: Attempt) -> None:
    """Copy the architecture into a folder of its own and read what its providers need."""
    tools, architecture = attempt.tools, attempt.architecture
    source, folder = tools.store.terraform_folder(architecture.hash), attempt.scratch / "terraform"
    shutil.copytree(source, folder, ignore=lambda where, _: LEFT_BEHIND if Path(where) == source else ())
    root = folder / architecture.root
    facts = analysis.analyse(root)
    attempt.brings_tests = bool(facts.tests)
    attempt.project = Project(
        root=root,
        home=attempt.scratch / "home",
        engine=tools.engine,
        mirror=tools.mirror,
        endpoint=attempt.lease.endpoint,
        account=attempt.lease.account,
        region=facts.region or settings.REGION,
        blocks=facts.provider_blocks,
        backends=facts.backends,
    )


def init(attempt: Attempt) -> None:
    """Run `terraform init`: it asks nothing of the emulator, so its failure says nothing of one."""
    outcome = attempt.deployed().init(attempt.left())
    if outcome.timed_out:
        raise attempt.stop(verdict.timed_out("init", attempt.tools.timeout))
    if not outcome.ok:
        raise _Stop(Verdict("ERROR", f"terraform init failed:\n{outcome.logs}"))


def plan(attempt: Attempt) -> None:
    """Learn what the configuration asks for; a plan that fails is left to `apply`, which says why."""
    attempt.asked, _ = attempt.deployed().plan(attempt.left())


def apply(attempt: Attempt) -> None:
    """Run `terraform apply`."""
    attempt.applied, outcome = attempt.deployed().apply(attempt.left())
    if outcome.timed_out:
        raise attempt.stop(verdict.timed_out("apply", attempt.tools.timeout))
    if not outcome.ok:
        if fault := verdict.environment_fault(attempt.applied.diagnostics):
            raise _Stop(Verdict("ERROR", f"this machine keeps the emulator or Terraform from working: {fault}"))
        reason = verdict.first_error(attempt.applied.diagnostics) or "see its log"
        attempt.results = verdict.no_tests(f"terraform apply failed: {reason}")
        raise attempt.stop(Verdict("FAILED", f"terraform apply failed: {reason}"))


def inspect(attempt: Attempt) -> None:
    """Read outputs and resources out of the state."""
    attempt.outputs, attempt.resources, outcome = attempt.deployed().show(max(attempt.left(), 10.0))
    if not outcome.ok:
        raise attempt.stop(Verdict("ERROR", f"terraform show failed:\n{outcome.logs}"))
    if attempt.applied is not None:
        attempt.applied = attempt.applied.model_copy(update={"outputs": attempt.outputs})


def draft(attempt: Attempt) -> None:
    """Have an app written for what was deployed."""
    assert attempt.tools.generator is not None
    (drafted,) = attempt.tools.generator.generate([drafting.brief(attempt)])
    if drafted.app is None:
        raise _Stop(Verdict("ERROR", f"no app could be written: {drafted.reason}"))
    attempt.app = drafted.app
    attempt.tools.keep(drafted.app)


def test(attempt: Attempt) -> None:
    """Run the app's own pytest session."""
    project = attempt.deployed()
    report = subsession.run_app(
        drafting.app_folder(attempt),
        subsession.Deployment(
            emulator_environment(project.endpoint, project.account, project.region),
            attempt.outputs,
            attempt.resources,
        ),
        attempt.scratch,
        timeout=max(attempt.left(), 1.0),
        test_timeout=attempt.tools.test_timeout,
    )
    attempt.results = report.results
    found = verdict.tested(report, seconds=attempt.tools.timeout)
    if found.status != "PASSED":
        raise attempt.stop(found)


def destroy(attempt: Attempt) -> None:
    """Run `terraform destroy`; its outcome is recorded and changes no status."""
    attempt.destroyed = attempt.deployed().destroy(DESTROY_TIMEOUT)


def terraform_test(attempt: Attempt) -> bool:
    """Run the tests that the architecture brings, where it was destroyed; whether they left all clean."""
    if not attempt.brings_tests:
        return True
    attempt.tools.announce("terraform test")
    with _timed(attempt, "terraform_test"):
        found = attempt.terraform_tests = attempt.deployed().test(TERRAFORM_TEST_TIMEOUT)
    return found.problem is None and not found.failed


STAGES: tuple[Callable[[Attempt], None], ...] = (prepare, init, apply, inspect, test)
STAGES_WITH_DRAFT: tuple[Callable[[Attempt], None], ...] = (prepare, init, plan, apply, inspect, draft, test)


def validate(architecture: Architecture, run_id: str, tools: Tools) -> ValidationResult:
    """Deploy, test and destroy one architecture, and say how it went.

    Never raises for what goes wrong on the way, the user's interrupt aside: that is what ERROR is for.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    attempt: Attempt | None = None
    logs: str | None = None
    versions: dict[str, str] = {}
    try:
        tools.announce("emulator")
        lease = tools.leases.lease()
    except LsqmError as error:
        found = Verdict("ERROR", f"no emulator: {error}")
    else:
        with scratch.folder() as place:
            attempt = Attempt(tools, architecture, lease, place, time.monotonic() + tools.timeout)
            dirty = True  # until the end has shown otherwise
            try:
                found = _run_stages(attempt)
                dirty = not clear(attempt) or not terraform_test(attempt)
                versions = _versions(tools, attempt)
                logs = None if found.status == "PASSED" else tools.leases.logs(lease)
            except KeyboardInterrupt:
                if lease.outlives_us:
                    clear(attempt)  # an emulator of ours is about to end anyway
                raise
            finally:
                tools.leases.release(lease, dirty=dirty)
    seconds = max(time.monotonic() - clock, 1e-6)
    extra: dict[str, Any] = {"versions": versions or _versions(tools, None)}
    if attempt is not None:
        extra |= {
            "terraform_apply": attempt.applied,
            "pytest_results": attempt.results,
            "terraform_destroy": attempt.destroyed,
            "terraform_tests": attempt.terraform_tests,
            "container_logs": logs,
            "stages": tuple(attempt.stages),
            "modifications": attempt.project.modifications if attempt.project else (),
            "emulator": attempt.lease.facts,
        }
    return ValidationResult(
        arch_hash=architecture.hash,
        run_id=run_id,
        status=found.status,
        started_at=started,
        # From the monotonic clock: the wall clock may jump, and an end before its start would be no record.
        completed_at=started + timedelta(seconds=seconds),
        duration_seconds=round(seconds, 3) or 0.001,
        error_message=found.message,
        name=architecture.name,
        services=architecture.services,
        timed_out_in=found.timed_out_in,
        **extra,
    )


def _run_stages(attempt: Attempt) -> Verdict:
    for stage in STAGES_WITH_DRAFT if drafting.is_wanted(attempt) else STAGES:
        if (found := run_stage(attempt, stage)) is not None:
            return found
    return Verdict("PASSED")


def run_stage(attempt: Attempt, stage: Callable[[Attempt], None]) -> Verdict | None:
    """Run one stage; None when the next one is to follow, else what its failure comes to."""
    attempt.tools.announce(stage.__name__)
    try:
        with _timed(attempt, stage.__name__):
            stage(attempt)
    except _Stop as stop:
        return stop.verdict
    except LsqmError as error:
        return Verdict("ERROR", f"{stage.__name__}: {error}")
    except Exception as error:
        return Verdict("ERROR", f"{stage.__name__}: {type(error).__name__}: {error}")
    return None


def clear(attempt: Attempt) -> bool:
    """Destroy what was made; False when the emulator may hold remains, or is not fit for another architecture."""
    if not attempt.tools.leases.healthy(attempt.lease):
        return False
    if attempt.project is not None and attempt.project.started_apply:
        attempt.tools.announce("destroy")
        try:
            with _timed(attempt, "destroy"):
                destroy(attempt)
        except LsqmError:
            return False
        return attempt.destroyed is not None and attempt.destroyed.success
    return True


@contextmanager
def _timed(attempt: Attempt, name: str) -> Iterator[None]:
    started = time.monotonic()
    outcome = "ok"
    try:
        yield
    except _Stop as stop:
        outcome = {"TIMEOUT": "timeout", "ERROR": "error"}.get(stop.verdict.status, "failed")
        raise
    except BaseException:
        outcome = "error"
        raise
    finally:
        seconds = round(time.monotonic() - started, 3)
        attempt.stages.append(Stage.model_validate({"name": name, "seconds": seconds, "outcome": outcome}))


def _versions(tools: Tools, attempt: Attempt | None) -> dict[str, str]:
    found = {tools.engine.name: tools.engine.version, "python": platform.python_version()}
    for name in ("pytest-lsqm", "pytest", "boto3", "botocore"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if attempt is not None and attempt.project is not None and (aws := attempt.project.provider_version()):
        found["hashicorp/aws"] = aws
    return found
