"""A plugin for inner runs (`-p tests.plugin.stubs`) in which nothing is deployed and no emulator is started.

For what is about the controller, its workers and its records: the pool, the sockets and the reports are the
real ones, and a stub says in place of a validation what the text of an app promises. What a verdict is found with
is told by the variables `STUB_…`, and recorded by the code that records it in earnest.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pytest_lsqm import emulators, subsession, terraform, validation
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.models import EmulatorFacts, Stage, ValidationResult
from pytest_lsqm.terraform.engine import Engine
from pytest_lsqm.terraform.providers import Mirror
from pytest_lsqm.validation import circumstances, confinement, eligible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.models import Architecture, IndexEntry
    from pytest_lsqm.validation import Tools

SHOUTS = "::error::forged by an app\n##[error]forged again\n"
"""What a failure says in these runs: commands, if a runner took them for such."""


PROVIDERS = {"hashicorp/aws": "3.39.0"}
FACTS = EmulatorFacts(name="stub", version="1.0", digest=os.environ.get("STUB_DIGEST") or None)


class Instance:
    endpoint = "http://127.0.0.1:9"
    facts = FACTS

    def __init__(self) -> None:
        if started := os.environ.get("STUB_STARTED"):
            Path(started).touch()

    def is_healthy(self, timeout: float = 5.0) -> bool:
        return True

    def obituary(self) -> str:
        return "it never lived."

    def log_size(self) -> int:
        return 0

    def logs(self, since: int = 0) -> str:
        return ""

    def memory(self) -> int | None:
        return None

    def reset(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Emulator:
    name = "stub"
    version = "1.0"
    isolation = Isolation.ACCOUNT
    single = False
    chosen_because: str | None = None

    def prepare(self, progress: Callable[[str], None]) -> None:
        pass

    def foreseen(self) -> EmulatorFacts:
        return FACTS

    def start(self, *, ahead: bool = False) -> Instance:
        return Instance()


def validate(architecture: Architecture, run_id: str, tools: Tools, *, fresh: bool = False) -> ValidationResult:
    started = datetime.now(UTC)
    lease = tools.leases.lease(fresh=fresh)
    app = tools.store.app(architecture.hash)
    assert app is not None
    folder = tools.store.app_folder(architecture.hash)
    text = app.files["test_app.py"]
    passed, failed = text.count("assert True"), text.count("assert 1 == 2")
    status = "PASSED" if not failed else "PARTIAL" if passed else "FAILED"
    for name in ("apply", "test"):
        tools.announce(name)
        bad = name == "test" and bool(failed)
        tools.ended(
            Stage(
                name=name,
                seconds=0.1,
                outcome="failed" if bad else "ok",
                started_at=started,
                ended_at=started + timedelta(seconds=0.1),
                error_type=status if bad else None,
                message=SHOUTS if bad else None,
            )
        )
        if "lingers" in text:
            time.sleep(2.0)  # long enough to be seen under way
    tools.leases.release(lease, dirty=False)
    counted = {"total": passed + failed, "passed": passed, "failed": failed, "skipped": 0, "output": ""}
    told: dict[str, Any] = {
        "arch_hash": architecture.hash,
        "run_id": run_id,
        "status": status,
        "started_at": started,
        "completed_at": started + timedelta(seconds=0.2),
        "duration_seconds": 0.2,
        "pytest_results": counted,
        "error_message": f"{failed} of {passed + failed} tests failed\n{SHOUTS}" if failed else None,
        "name": architecture.name,
        "services": architecture.services,
        "emulator": lease.facts,
        "versions": circumstances.versions(tools.ground, folder, PROVIDERS),
        "digests": circumstances.digests(tools.ground, architecture, folder, PROVIDERS),
        "cause": {"kind": "emulator_gap", "operation": "sqs.SendMessage", "proof": ["501"]} if failed else None,
    }
    return ValidationResult.model_validate(told)


def reasons_against(entry: IndexEntry, **_: object) -> Iterator[str]:
    if entry.skipped:
        yield entry.skip_reason or "skipped"


def stand_in(module: Any, **names: object) -> None:
    for name, value in names.items():
        assert hasattr(module, name), f"{module} has no {name} any more"
        setattr(module, name, value)


stand_in(emulators, create=lambda name, version=None: Emulator(), unserved=lambda emulator: {})
found = Engine((), "terraform", os.environ.get("STUB_TERRAFORM", "1.0"), "registry.terraform.io")
stand_in(terraform.engine, find_engine=lambda say: found)
mirror = Mirror(Path(os.environ.get("STUB_MIRROR", "no-mirror")), direct=False)
stand_in(terraform.providers, find_mirror=lambda mode: mirror, open_mirror=lambda mode, found, say: mirror)
stand_in(confinement, wanted=lambda mode, found: (mode != "off", None))
stand_in(validation, validate=validate)
if sdk := os.environ.get("STUB_SDK"):
    installed = {**(subsession.packages("") or {}), "boto3": sdk}
    stand_in(subsession, packages=lambda requirements: installed)
if code := os.environ.get("STUB_PLUGIN"):
    stand_in(circumstances, pytest_lsqm=SimpleNamespace(__file__=f"{code}/__init__.py"))
stand_in(eligible, reasons_against=reasons_against)
