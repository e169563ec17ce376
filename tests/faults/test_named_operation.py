"""An emulator that fails in one operation: noticed, named, put in the right class, and no other is blamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.observing import Proxy
from tests.faults.deployed import Behind, deployed, gated, named
from tests.faults.faults import Fault, Several, broken, delayed, dropped, missing, reordered, wrong
from tests.faults.small import SMALL
from tests.support.architectures import Bench
from tests.support.emulator import shared_localstack

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.models import CauseKind
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

WHILE_IT_IS_MADE: list[tuple[Fault, CauseKind]] = [
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
]
WHILE_IT_IS_USED: list[tuple[Fault, CauseKind]] = [
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


@pytest.fixture
def localstack(pytestconfig: pytest.Config) -> Instance:
    # Before `temporary`: its own folder must outlive the test that happens to start it.
    return shared_localstack(pytestconfig)


@pytest.mark.parametrize(("fault", "kind"), WHILE_IT_IS_MADE, ids=str)
def test_what_fails_while_it_is_made_is_named_with_the_right_class(
    fault: Fault,
    kind: CauseKind,
    localstack: Instance,
    tmp_path: Path,
    engine: Engine,
    mirror: Mirror,
    temporary: Path,
) -> None:
    leases = Behind(localstack)
    with Proxy(localstack.endpoint, meddle=fault) as proxy:
        leases.endpoint = proxy.endpoint
        bench = Bench(tmp_path, engine, mirror, leases)
        terraform, app = SMALL[fault.service]
        result = bench.validate(terraform, app, timeout=30.0 if fault.late else 90.0, change_store=gated)
    assert result.status == ("TIMEOUT" if fault.late else "FAILED"), result.error_message
    assert named(result.cause) == (kind, fault.service, fault.operation, True)


@pytest.mark.parametrize("service", SMALL)
def test_what_fails_under_an_app_is_named_and_nothing_is_where_only_others_fail(
    service: str, localstack: Instance, tmp_path: Path, engine: Engine, mirror: Mirror, temporary: Path
) -> None:
    every = [*WHILE_IT_IS_MADE, *WHILE_IT_IS_USED]
    others = Several(tuple(fault for fault, _ in every if fault.service != service))
    mine = {fault: kind for fault, kind in WHILE_IT_IS_USED if fault.service == service}
    with deployed(service, tmp_path, localstack, engine, mirror, others) as it:
        status, cause = it.test(others)
        assert (status, cause and cause.error) == ("PASSED", None)
        found = {str(fault): (status, *named(cause)) for fault in mine for status, cause in [it.test(fault)]}
    assert found == {str(fault): ("FAILED", kind, service, fault.operation, True) for fault, kind in mine.items()}


def test_there_are_at_least_twenty_five_faults_over_twelve_services() -> None:
    every = [fault for fault, _ in (*WHILE_IT_IS_MADE, *WHILE_IT_IS_USED)]
    assert len({str(fault) for fault in every}) >= 25
    assert len({fault.service for fault in every} & set(SMALL)) >= 12
