"""A pytest plugin for `scale.py`: every architecture has its verdict at once, and no emulator is started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_lsqm.models import EmulatorFacts, PytestResults, TerraformApply, TestOutcome, ValidationResult
from pytest_lsqm.plugin.fleet import Fleet
from pytest_lsqm.plugin.session import LsqmSession

LOG = "aws_sqs_queue.orders: Creation complete after 1s [id=http://127.0.0.1:4566/000000000000/orders]\n" * 60


def _validate(session: LsqmSession, arch_hash: str, name: str) -> ValidationResult:
    architecture = session.store.architecture(arch_hash)
    now = datetime.now(UTC)
    tests = tuple(TestOutcome(name=f"test_app.py::test_{i}", outcome="passed", seconds=0.1) for i in range(5))
    return ValidationResult(
        arch_hash=arch_hash,
        run_id=session.run_id,
        status="PASSED",
        started_at=now - timedelta(seconds=1),
        completed_at=now,
        duration_seconds=1.0,
        name=architecture.name,
        services=architecture.services,
        terraform_apply=TerraformApply(success=True, resources_created=5, outputs={"url": "u"}, logs=LOG),
        pytest_results=PytestResults(total=5, passed=5, failed=0, skipped=0, output="5 passed", tests=tests),
        emulator=EmulatorFacts(name="localstack-host", version="4.14.0"),
        operations={"deploy": {f"sqs.Operation{i}": {"200": 3} for i in range(20)}},
    )


class _NoPool:
    """In place of emulators."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def pytest_configure() -> None:
    """Put the stubs in place."""
    LsqmSession.validate = _validate  # type: ignore[method-assign,assignment]
    for name, answer in (("prepare", None), ("start", _NoPool()), ("address", None)):
        setattr(Fleet, name, lambda *_, answer=answer, **__: answer)
