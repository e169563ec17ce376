"""What is left in an account of a shared emulator is found and removed, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jmespath
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.session import get_session

from pytest_lsqm.emulators.leftovers import clean, table
from pytest_lsqm.emulators.leftovers.asking import Account, Refused
from pytest_lsqm.emulators.pool import DEFAULT_ACCOUNT
from tests.emulators import aws
from tests.emulators.leaving import MAKERS, Maker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.emulators.leftovers.table import Kind

MATRIX = Path(__file__).parents[2] / "docs" / "compatibility.json"
REGION = "us-east-1"

NOT_OF_MINISTACK = {
    "firehose.delivery stream",
    "mq.broker",
    "organizations.organization",
    "redshift.cluster",
    "route53resolver.firewall rule group",
    "route53resolver.query log config",
    "route53resolver.rule association",
    "ssm.document",
    "ssm.maintenance window",
    "swf.domain",
    "config.aggregator",
    "guardduty.detector",
}
"""What MiniStack 1.5.33 does not make, or not like this."""

KEPT_BY_MINISTACK = {"config.recorder", "config.delivery channel", "organizations.organization"}
"""What it makes, or every account of it begins with, and what it has no operation to delete."""

SERVICES = sorted(name for name, service in table.services().items() if service.kinds)


def everything(*services: str) -> set[tuple[str, str]]:
    """All that may have made something, as if it had been seen."""
    return {
        (f"{name}.{operation}", REGION)
        for name, service in table.services().items()
        if not services or name in services
        for kind in service.kinds
        for operation in kind.made_by
    }


def with_inner(kind: Kind) -> Iterator[Kind]:
    yield kind
    for inner in kind.first:
        yield from with_inner(inner)


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_of_the_table_is_one_of_the_services_own(service: str) -> None:
    loader = get_session().get_component("data_loader")
    model = ServiceModel(loader.load_service_model(service, "service-2"), service)
    known = table.services()[service]
    operations = set(model.operation_names)
    assert {name for kind in known.kinds for name in kind.made_by} <= operations
    for kind in (inner for outer in known.kinds for inner in with_inner(outer)):
        jmespath.compile(kind.ids)
        for name, parameters in (*([kind.look] if kind.look else []), kind.list, *kind.delete):
            shape = model.operation_model(name).input_shape
            members, required = (shape.members, shape.required_members) if shape else ({}, [])
            assert set(required) <= set(parameters) <= set(members), xform_name(name)


def test_of_all_that_the_corpus_makes_it_is_known_how_to_find_it() -> None:
    seen = json.loads(MATRIX.read_text(encoding="utf-8"))["operations"]
    assert [operation for operation in seen if table.kinds_made_by(operation) is None] == []


@pytest.mark.parametrize(
    ("operation", "kinds"),
    [
        ("sqs.CreateQueue", ["queue"]),
        ("events.PutRule", ["rule", "event bus"]),
        ("sqs.ReceiveMessage", []),
        ("s3.PutBucketPolicy", []),
        ("quicksight.DescribeDashboard", []),
        ("quicksight.CreateDashboard", None),
        ("ec2.CreateCarrierGateway", None),
    ],
)
def test_only_what_sounds_like_making_and_is_not_in_the_table_is_unknown(
    operation: str, kinds: list[str] | None
) -> None:
    found = table.kinds_made_by(operation)
    assert (None if found is None else [kind.name for kind in found]) == kinds


def test_names_are_put_where_the_table_has_them_in_braces() -> None:
    names = {"id": "/hostedzone/Z1", "Set": {"Type": "A"}}
    parameters = {"Id": "{id:last}", "Path": "a{id}", "Changes": [{"Set": "{Set}", "Force": True}]}
    expected = {"Id": "Z1", "Path": "a/hostedzone/Z1", "Changes": [{"Set": {"Type": "A"}, "Force": True}]}
    assert table.filled(parameters, names) == expected


def test_what_cannot_be_looked_for_is_said_and_not_taken_for_clean() -> None:
    made = {("quicksight.CreateDashboard", REGION), ("sqs.CreateQueue", REGION), ("sqs.ListQueues", REGION)}
    found = clean("http://127.0.0.1:9", aws.ONE, made)
    assert found.leftovers == ()
    assert found.unchecked.keys() == {"quicksight.CreateDashboard", "sqs.CreateQueue"}
    assert found.unchecked["sqs.CreateQueue"].startswith("ListQueues: no answer")


def test_an_operation_that_the_sdk_does_not_have_is_no_reason_to_fail() -> None:
    with pytest.raises(Refused, match="botocore cannot ask it: OperationNotFoundError"):
        Account("http://127.0.0.1:9", aws.ONE, REGION).ask("sqs", "ListElephants", {})


@pytest.mark.slow
def test_one_of_each_is_found_and_removed_and_the_other_accounts_keep_theirs(ministack: Instance) -> None:
    maker, other = (Maker(ministack.endpoint, account) for account in (aws.ONE, aws.OTHER))
    for kind, make in MAKERS.items():
        if kind in NOT_OF_MINISTACK:
            with pytest.raises(Exception):  # noqa: B017  each in its own way
                make(maker)
        else:
            make(maker)
    for name in ("s3.bucket", "iam.role", "ec2.vpc", "sqs.queue", "dynamodb.table"):
        MAKERS[name](other)
    found = clean(ministack.endpoint, aws.ONE, everything())
    removed = {f"{left.service}.{left.kind}" for left in found.leftovers if left.removed}
    stays = {f"{left.service}.{left.kind}" for left in found.remains}
    assert set(MAKERS) - NOT_OF_MINISTACK - KEPT_BY_MINISTACK - removed == set()
    assert stays == KEPT_BY_MINISTACK
    again = clean(ministack.endpoint, aws.ONE, everything("s3", "iam", "ec2", "kms", "sqs", "dynamodb", "ecs"))
    assert again.leftovers == ()
    others = clean(ministack.endpoint, aws.OTHER, everything("s3", "iam", "ec2", "sqs", "dynamodb"))
    kinds = {f"{left.service}.{left.kind}" for left in others.leftovers}
    assert kinds >= {"s3.bucket", "iam.role", "ec2.vpc", "sqs.queue", "dynamodb.table"}


@pytest.mark.slow
def test_what_other_accounts_see_too_is_not_this_ones_to_remove(moto: Instance) -> None:
    sqs: Any = aws.client("sqs", moto.endpoint, DEFAULT_ACCOUNT)
    url = sqs.create_queue(QueueName="everybodys")["QueueUrl"]
    try:
        assert clean(moto.endpoint, DEFAULT_ACCOUNT, everything("sqs")).leftovers == ()
        assert sqs.list_queues()["QueueUrls"] == [url]
    finally:
        moto.reset()
    with pytest.raises(ClientError):
        sqs.get_queue_attributes(QueueUrl=url)
