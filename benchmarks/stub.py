"""A pytest plugin for `scale.py`: every architecture has its verdict at once, and no emulator is started.

All around it is what a run has: the pool and its socket, a lease, each stage told as it begins and ends, a record
of the usual size that is masked, and its way over the report to the controller and into the store.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pytest_lsqm import emulators, masking, terraform, validation
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.models import EmulatorFacts, PytestResults, Stage, TerraformApply, TestOutcome, ValidationResult
from pytest_lsqm.terraform import engine, providers  # noqa: F401
from pytest_lsqm.validation import confinement

if TYPE_CHECKING:
    from pytest_lsqm.models import Architecture
    from pytest_lsqm.validation import Tools

LOG = "aws_sqs_queue.orders: Creation complete after 1s [id=http://127.0.0.1:4566/000000000000/orders]\n" * 60
STAGES = ("prepare", "init", "apply", "inspect", "drift", "test", "destroy")
TESTS = tuple(TestOutcome(name=f"test_app.py::test_{i}", outcome="passed", seconds=0.1) for i in range(5))
OPERATIONS = {"deploy": {f"sqs.Operation{i}": {"200": 3} for i in range(20)}}


class _Instance:
    endpoint = "http://127.0.0.1:9"
    facts = EmulatorFacts(name="localstack-host", version="4.14.0")

    def is_healthy(self, timeout: float = 5.0) -> bool:
        return True

    def obituary(self) -> str:
        return "it never lived."

    def memory(self) -> int | None:
        return None

    def log_size(self) -> int:
        return 0

    def logs(self, since: int = 0) -> str:
        return ""

    def reset(self) -> None:
        pass

    def stop(self) -> None:
        pass


class _Emulator:
    name, version = "localstack-host", "4.14.0"
    isolation = Isolation.ACCOUNT
    single = False
    chosen_because: str | None = None

    def prepare(self, progress: object) -> None:
        pass

    def start(self, *, ahead: bool = False) -> _Instance:
        return _Instance()


def _validate(architecture: Architecture, run_id: str, tools: Tools, *, fresh: bool = False) -> ValidationResult:
    now = datetime.now(UTC)
    tools.announce("emulator")
    lease = tools.leases.lease(fresh=fresh)
    tools.ended(_stage("emulator", now))
    stages = []
    for name in STAGES:
        tools.announce(name)
        stages.append(_stage(name, now))
        tools.ended(stages[-1])
    tools.leases.release(lease, dirty=False)
    result = ValidationResult(
        arch_hash=architecture.hash,
        run_id=run_id,
        status="PASSED",
        started_at=now - timedelta(seconds=1),
        completed_at=now,
        duration_seconds=1.0,
        name=architecture.name,
        services=architecture.services,
        stages=tuple(stages),
        terraform_apply=TerraformApply(success=True, resources_created=5, outputs={"url": "u"}, logs=LOG),
        pytest_results=PytestResults(total=5, passed=5, failed=0, skipped=0, output="5 passed", tests=TESTS),
        emulator=lease.facts,
        versions={"terraform": "1.11.4", "pytest-lsqm": "0.1.0", "boto3": "1.44.8", "hashicorp/aws": "3.39.0"},
        digests={"app": "0123456789abcdef"},
        operations=OPERATIONS,
    )
    return masking.masker().record(result)


def _stage(name: str, now: datetime) -> Stage:
    return Stage(name=name, seconds=0.1, outcome="ok", started_at=now, ended_at=now)


def _stand_in(module: Any, **names: object) -> None:
    for name, value in names.items():
        assert hasattr(module, name), f"{module} has no {name} any more"
        setattr(module, name, value)


_MIRROR = SimpleNamespace(direct=False, providers=lambda: frozenset({"hashicorp/aws"}))

_stand_in(emulators, create=lambda name, version=None: _Emulator(), unserved=lambda emulator: {})
_stand_in(terraform.engine, find_engine=lambda say: None)
_stand_in(terraform.providers, find_mirror=lambda mode: _MIRROR, open_mirror=lambda mode, found, say: _MIRROR)
_stand_in(confinement, wanted=lambda mode, found: (True, None))
_stand_in(validation, validate=_validate)
