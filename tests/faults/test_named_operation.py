"""An emulator that fails in one operation: noticed, named, put in the right class, and no other is blamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators.pool import Lease
from pytest_lsqm.models import GateOutcome
from pytest_lsqm.observing import Proxy
from tests.corpus.records import START
from tests.faults.faults import Fault, broken, delayed, dropped, missing, reordered, wrong
from tests.faults.small import SMALL
from tests.support.architectures import Bench
from tests.support.emulator import Lent, shared_localstack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.models import CauseKind, ValidationResult
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

FAULTS: list[tuple[Fault, CauseKind]] = [
    # While Terraform makes it.
    (missing("sqs.CreateQueue"), "emulator_gap"),
    (broken("sns.CreateTopic"), "emulator_defect"),
    (missing("s3.CreateBucket"), "emulator_gap"),
    (broken("dynamodb.CreateTable"), "emulator_defect"),
    (missing("ssm.PutParameter"), "emulator_gap"),
    (broken("secretsmanager.CreateSecret"), "emulator_defect"),
    (missing("kms.CreateKey"), "emulator_gap"),
    (broken("logs.CreateLogGroup"), "emulator_defect"),
    (missing("events.PutRule"), "emulator_gap"),
    (broken("stepfunctions.CreateStateMachine"), "emulator_defect"),
    (missing("cloudwatch.PutMetricAlarm"), "emulator_gap"),
    (broken("route53.CreateHostedZone"), "emulator_defect"),
    (missing("ec2.CreateVpc"), "emulator_gap"),
    (broken("iam.CreateRole"), "emulator_defect"),
    (delayed("sns.GetTopicAttributes"), "timeout"),
    # While the app uses it.
    (broken("sqs.SendMessage"), "emulator_defect"),
    (wrong("sqs.ReceiveMessage", '"MessageId": ?"[^"]*', '"MessageId":"short'), "emulator_defect"),
    (missing("sns.Publish"), "emulator_gap"),
    (wrong("s3.GetObject", "body", "soul"), "emulator_defect"),
    (dropped("s3.PutObject"), "emulator_defect"),
    (wrong("dynamodb.GetItem", '"kept"', '"lost"'), "emulator_defect"),
    (reordered("dynamodb.Query", "Items"), "emulator_defect"),
    (delayed("dynamodb.PutItem"), "timeout"),
    (wrong("ssm.GetParameters", '"mine"', '"yours"'), "emulator_defect"),
    (broken("secretsmanager.GetSecretValue"), "emulator_defect"),
    (missing("kms.Encrypt"), "emulator_gap"),
    (dropped("logs.PutLogEvents"), "emulator_defect"),
    (broken("events.PutEvents"), "emulator_defect"),
    (missing("stepfunctions.StartExecution"), "emulator_gap"),
    (wrong("route53.ListResourceRecordSets", "<Type>SOA<", "<Type>TXT<"), "emulator_defect"),
    (missing("ec2.CreateSubnet"), "emulator_gap"),
]


class Behind(Lent):
    """Leases on an emulator behind a proxy that meddles."""

    endpoint = ""

    def lease(self, *, fresh: bool = False) -> Lease:
        lease = super().lease(fresh=fresh)
        behind = Lease(self.endpoint, lease.account, lease.facts, lease.log_position, 0, lease.number)
        self.leases[-1] = behind
        return behind


@pytest.fixture
def localstack(pytestconfig: pytest.Config) -> Instance:
    # Before `temporary`: its own folder must outlive the test that happens to start it.
    return shared_localstack(pytestconfig)


@pytest.fixture
def validate(
    localstack: Instance, tmp_path: Path, engine: Engine, mirror: Mirror, temporary: Path
) -> Callable[[str, Fault | None], ValidationResult]:
    def run(service: str, fault: Fault | None) -> ValidationResult:
        leases = Behind(localstack)
        terraform, app = SMALL[service]
        with Proxy(leases.instance.endpoint, meddle=fault) as proxy:
            leases.endpoint = proxy.endpoint
            bench = Bench(tmp_path / service, engine, mirror, leases)
            late = fault is not None and fault.kind == "delayed"
            return bench.validate(
                terraform,
                app,
                timeout=15.0 if late else 90.0,
                test_timeout=4.0 if late else 30.0,
                change_store=gated,
            )

    return run


def gated(store: Store) -> None:
    """Note that the app has passed its gate, which `test_each_is_passed_without_a_fault` bears out."""
    (arch_hash,) = store.refresh_index().architectures
    app = store.app(arch_hash)
    assert app is not None
    gate = GateOutcome(passed=True, checked_at=START, emulator="localstack-host 4.14.0")
    store.add_app(app.model_copy(update={"gate": gate}), replace=True)


@pytest.mark.parametrize("service", SMALL)
def test_each_is_passed_without_a_fault_and_blames_nothing(
    service: str, validate: Callable[[str, Fault | None], ValidationResult]
) -> None:
    # A fault of an operation that it does not call is no concern of its.
    result = validate(service, broken("sqs.PurgeQueue"))
    assert (result.status, result.error_message, result.cause) == ("PASSED", None, None), result.pytest_results


@pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=str)
def test_the_operation_that_fails_is_named_with_the_right_class(
    fault: Fault, kind: CauseKind, validate: Callable[[str, Fault | None], ValidationResult]
) -> None:
    service = fault.operation.split(".")[0]
    result = validate(service, fault)
    assert result.status in {"FAILED", "PARTIAL", "TIMEOUT"}, result.error_message
    assert result.cause is not None
    assert (result.cause.kind, result.cause.service, result.cause.operation) == (kind, service, fault.operation)
    assert result.cause.proof
