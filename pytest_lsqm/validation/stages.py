"""The stages of a validation, one small function each, and the loop that runs them."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import analysis, settings, subsession
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.models import Stage
from pytest_lsqm.terraform import modules
from pytest_lsqm.terraform.project import Project, emulator_environment
from pytest_lsqm.validation import drafting, verdict
from pytest_lsqm.validation.attempt import Attempt, Stop
from pytest_lsqm.validation.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.analysis import Analysis

TERRAFORM_TEST_TIMEOUT = 180.0
"""Seconds for the tests that an architecture brings, which come after its own time."""

DESTROY_TIMEOUT = 90.0
"""Seconds for `terraform destroy`, whatever of the architecture's own time is left."""

DRIFT_TIMEOUT = 60.0
"""Seconds for the second plan, which is out of the architecture's own time."""

MESSAGE = 2000
"""Letters of a message that stay with its stage; the result has all of it."""

SHOW_TIMEOUT = 10.0
"""Seconds that reading the state may take at least."""

OF_TERRAFORM = (".tf", ".tf.json", ".tfvars", ".tfvars.json", "modules.json", ".gitignore")
"""How the names of files end that Terraform reads itself, or nobody."""

NAMES_TERRAFORM_FILES = re.compile(r"""\.tf(vars)?(\.json)?["']|\bfileset\(""")
"""What a configuration has in it that reads one of its own files as any other file."""

LEFT_BEHIND = ("metadata.json",)
"""Files of an architecture's folder in the store that are not part of its configuration."""


def prepare(attempt: Attempt) -> None:
    """Copy the architecture into a folder of its own and read what its providers need."""
    tools, architecture = attempt.tools, attempt.architecture
    source, folder = tools.store.terraform_folder(architecture.hash), attempt.scratch / "terraform"
    shutil.copytree(source, folder, ignore=lambda where, _: LEFT_BEHIND if Path(where) == source else ())
    root = folder / architecture.root
    # All that it refers to is in its folder: however deep its root lies, that far it may reach, and no further.
    configuration = analysis.load(root, top=folder)
    modules.install(configuration)
    facts = analysis.analyse(configuration)
    may_be_warm = _one_configuration(facts) and (attempt.jail is None or attempt.jail.lasting)
    attempt.brings_tests = bool(facts.tests)
    attempt.credentials = facts.credentials
    attempt.project = Project(
        root=root,
        home=attempt.scratch / "home",
        engine=tools.engine,
        mirror=tools.mirror,
        endpoint=attempt.endpoint,
        account=attempt.lease.account,
        region=facts.region or settings.REGION,
        blocks=facts.provider_blocks,
        backends=facts.backends,
        jail=attempt.jail,
        folder=folder,
        warm=tools.warm if may_be_warm else None,
        reads_files=_reads_files(folder),
        # A lock file of the architecture's own decides too, and is left to Terraform.
        constraints=None
        if (root / ".terraform.lock.hcl").exists()
        else (facts.required_versions, facts.providers),
        types=frozenset(facts.resource_types),
    )


def _reads_files(folder: Path) -> bool:
    """Whether a provider may be told to read files, by a path from the folder in which it runs."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if any(not path.name.endswith(OF_TERRAFORM) for path in files):
        return True
    return any(NAMES_TERRAFORM_FILES.search(path.read_text(errors="replace")) for path in files)


def _one_configuration(facts: Analysis) -> bool:
    """Whether one process can serve it: a provider process has one configuration at a time."""
    blocks = [(block.module, block.name, block.alias) for block in facts.provider_blocks]
    return not facts.tests and blocks in ([], [(".", "aws", None)])


def init(attempt: Attempt) -> None:
    """Run `terraform init`: it asks nothing of the emulator, so its failure says nothing of one."""
    outcome = attempt.deployed().init(attempt.left())
    if outcome.timed_out:
        raise attempt.stop(verdict.timed_out("init", attempt.tools.timeout))
    if not outcome.ok:
        raise Stop(Verdict("ERROR", f"terraform init failed:\n{outcome.logs}"))


def plan(attempt: Attempt) -> None:
    """Learn what the configuration asks for; a plan that fails is left to `apply`, which says why."""
    attempt.asked, _ = attempt.deployed().plan(attempt.left())


def apply(attempt: Attempt) -> None:
    """Run `terraform apply`."""
    attempt.applied, outcome = attempt.deployed().apply(attempt.left())
    if not outcome.ok:
        # So that it is known what of what it made is sensitive; the verdict is that of the apply.
        with suppress(LsqmError):
            attempt.deployed().show(SHOW_TIMEOUT)
    if outcome.timed_out:
        raise attempt.stop(verdict.timed_out("apply", attempt.tools.timeout))
    if not outcome.ok:
        if fault := verdict.environment_fault(attempt.applied.diagnostics):
            raise Stop(Verdict("ERROR", f"this machine keeps the emulator or Terraform from working: {fault}"))
        reason = verdict.first_error(attempt.applied.diagnostics) or "see its log"
        attempt.results = verdict.no_tests(f"terraform apply failed: {reason}")
        raise attempt.stop(Verdict("FAILED", f"terraform apply failed: {reason}"))


def inspect(attempt: Attempt) -> None:
    """Read outputs and resources out of the state."""
    attempt.outputs, attempt.resources, outcome = attempt.deployed().show(max(attempt.left(), SHOW_TIMEOUT))
    if not outcome.ok:
        raise attempt.stop(Verdict("ERROR", f"terraform show failed:\n{outcome.logs}"))
    if attempt.applied is not None:
        shown = attempt.deployed().sensitive.hide(attempt.outputs)
        attempt.applied = attempt.applied.model_copy(update={"outputs": shown})


def drift(attempt: Attempt) -> None:
    """Plan once more: what is wanted now was not made as it was asked for. It changes no status."""
    began = time.monotonic()
    attempt.drift, _ = attempt.deployed().drift(DRIFT_TIMEOUT)
    attempt.deadline += time.monotonic() - began


def draft(attempt: Attempt) -> None:
    """Have an app written for what was deployed."""
    assert attempt.tools.generator is not None
    (drafted,) = attempt.tools.generator.generate([drafting.brief(attempt)])
    if drafted.app is None:
        raise Stop(Verdict("ERROR", f"no app could be written: {drafted.reason}"))
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
        # A folder of its own: what still runs with a path in it afterwards is the app's, and is ended.
        attempt.scratch / "test",
        timeout=max(attempt.left(), 1.0),
        test_timeout=attempt.tools.test_timeout,
        jail=attempt.jail,
        forks=attempt.tools.forks,
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
    attempt.enter("terraform_test")
    with _timed(attempt, "terraform_test"):
        found = attempt.terraform_tests = attempt.deployed().test(TERRAFORM_TEST_TIMEOUT)
    return found.problem is None and not found.failed


def run_stage(attempt: Attempt, stage: Callable[[Attempt], None]) -> Verdict | None:
    """Run one stage; None when the next one is to follow, else what its failure comes to."""
    attempt.tools.announce(stage.__name__)
    attempt.enter("test" if stage is test else "deploy")
    try:
        with _timed(attempt, stage.__name__):
            stage(attempt)
    except Stop as stop:
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
        attempt.enter("destroy")
        try:
            with _timed(attempt, "destroy"):
                destroy(attempt)
        except LsqmError:
            return False
        return attempt.destroyed is not None and attempt.destroyed.success
    return True


@contextmanager
def _timed(attempt: Attempt, name: str) -> Iterator[None]:
    told: dict[str, Any] = {"name": name, "outcome": "ok"}
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        yield
    except Stop as stop:
        found = stop.verdict
        told["outcome"] = {"TIMEOUT": "timeout", "ERROR": "error"}.get(found.status, "failed")
        told |= {"error_type": found.status, "message": _short(attempt, found.message)}
        raise
    except BaseException as error:
        told |= {"outcome": "error", "error_type": type(error).__name__, "message": _short(attempt, str(error))}
        raise
    finally:
        seconds = time.monotonic() - clock
        told |= {"seconds": round(seconds, 3), "started_at": started}
        stage = Stage(**told, ended_at=started + timedelta(seconds=seconds))
        attempt.stages.append(stage)
        attempt.tools.ended(stage)


def _short(attempt: Attempt, message: str | None) -> str | None:
    # It is told before the result is made, so it is masked by itself.
    return attempt.masker().text(message)[:MESSAGE] if message else None
