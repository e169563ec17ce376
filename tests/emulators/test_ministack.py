"""MiniStack, really running."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.support.emulator import new_account

from .aws import ONE, OTHER, client, create_table

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Instance

pytestmark = pytest.mark.slow

HANDLER = """
import os, boto3
def handle(event, context):
    account = boto3.client("sts").get_caller_identity()["Account"]
    return {"account": account, "twice": 2 * event["n"], "pid": os.getpid()}
"""


@pytest.mark.parametrize(
    ("service", "make", "look"),
    [
        (
            "iam",
            lambda iam: iam.create_role(RoleName="same", AssumeRolePolicyDocument="{}"),
            lambda iam: [role["Arn"] for role in iam.list_roles()["Roles"]],
        ),
        (
            "sqs",
            lambda sqs: sqs.create_queue(QueueName="same"),
            lambda sqs: sqs.list_queues().get("QueueUrls", []),
        ),
        (
            "sns",
            lambda sns: sns.create_topic(Name="same"),
            lambda sns: [t["TopicArn"] for t in sns.list_topics()["Topics"]],
        ),
        ("dynamodb", lambda ddb: create_table(ddb, "same"), lambda ddb: ddb.list_tables()["TableNames"]),
        (
            "ssm",
            lambda ssm: ssm.put_parameter(Name="/same", Value="x", Type="String"),
            lambda ssm: [p["Name"] for p in ssm.describe_parameters()["Parameters"]],
        ),
        (
            "kms",
            lambda kms: kms.create_key(),
            lambda kms: [key["KeyId"] for key in kms.list_keys()["Keys"]],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_accounts_are_apart(ministack: Instance, service: str, make, look) -> None:  # type: ignore[no-untyped-def]
    one, other = (client(service, ministack.endpoint, new_account()) for _ in range(2))
    make(one)
    assert look(one)
    assert not look(other), "another account sees it"
    make(other)
    assert len(look(one)) == len(look(other)) == 1


def test_a_function_runs_by_itself_and_in_its_own_account(ministack: Instance) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("code.py", HANDLER)
    for account in (ONE, OTHER):
        functions = client("lambda", ministack.endpoint, account)
        functions.create_function(
            FunctionName="same",
            Runtime="python3.11",
            Role=f"arn:aws:iam::{account}:role/x",
            Handler="code.handle",
            Code={"ZipFile": archive.getvalue()},
            Timeout=20,
        )
        answer = json.load(functions.invoke(FunctionName="same", Payload=b'{"n": 21}')["Payload"])
        assert answer["account"] == account, answer
        assert answer["twice"] == 42
    assert any("Python" in text for text in ministack.facts.substitutions)


def test_a_reset_drops_everything(ministack: Instance) -> None:
    topics = client("sns", ministack.endpoint, "300000000033")
    topics.create_topic(Name="gone-soon")
    ministack.reset()
    assert topics.list_topics()["Topics"] == []


def test_bucket_names_are_global_as_on_aws(ministack: Instance) -> None:
    client("s3", ministack.endpoint, ONE).create_bucket(Bucket="taken-already")
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        client("s3", ministack.endpoint, OTHER).create_bucket(Bucket="taken-already")


def test_what_it_did_can_be_read_in_its_log(ministack: Instance) -> None:
    before = ministack.log_size()
    client("sqs", ministack.endpoint).create_queue(QueueName="logged")
    deadline = time.monotonic() + 10
    while "logged" not in ministack.logs(before):
        assert time.monotonic() < deadline, ministack.logs(before)
