"""Real Terraform takes what templates become, with the provider that needs no registry, and deploys it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import process
from pytest_lsqm.discovery.cloudformation import tables
from tests.discovery.cloudformation import templates
from tests.discovery.cloudformation.checking import Checker
from tests.support.emulator import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.terraform.project import Project

    Make = Callable[..., Project]

pytestmark = pytest.mark.slow


def run(project: Project, *arguments: str) -> process.Completed:
    return process.run(
        [*project.engine.argv, *arguments], env=project.environment(), cwd=project.root, timeout=180
    )


def test_the_tables_are_right_for_the_provider_that_is_there_without_a_registry(project: Make) -> None:
    made = project({"main.tf": 'provider "aws" {\n  region = "us-east-1"\n}\n'})
    assert made.init(60).ok
    told = json.loads(run(made, "providers", "schema", "-json").stdout)["provider_schemas"]
    schemas = told[f"{made.engine.registry}/hashicorp/aws"]["resource_schemas"]
    checker = Checker(schemas)
    found = {name: list(checker.problems(table)) for name, table in tables.load().items()}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize("name", templates.NAMES)
def test_terraform_finds_nothing_wrong_in_what_a_template_became(project: Make, name: str) -> None:
    converted = templates.converted(name)
    assert converted.conversion.lost == ()
    made = project(converted.files)
    templates.write_assets(converted, made.root)
    assert made.init(60).ok
    assert made.provider_version() == "3.39.0"
    done = run(made, "validate", "-json")
    assert json.loads(done.stdout)["diagnostics"] == []
    formatted = run(made, "fmt", "-check", "-diff", *sorted(converted.files))
    assert (formatted.stdout, formatted.returncode) == ("", 0)


def test_a_template_is_deployed_as_it_says(project: Make, localstack: Instance) -> None:
    made = project(templates.converted("orders.yaml").files, endpoint=localstack.endpoint)
    assert made.init(60).ok
    applied, outcome = made.apply(300)
    assert applied.success, outcome.logs

    def ask(service: str) -> Any:
        return client(service, localstack.endpoint, made.account)

    queue = ask("sqs").get_queue_url(QueueName="orders-dev")["QueueUrl"]
    attributes = ask("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert (attributes["VisibilityTimeout"], attributes["MessageRetentionPeriod"]) == ("60", "345600")
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 3
    assert len(ask("sqs").list_queues()["QueueUrls"]) == 2, "the one for production is not there"
    [topic] = ask("sns").list_topics()["Topics"]
    ask("sns").publish(TopicArn=topic["TopicArn"], Message="an order")
    [message] = ask("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["Message"] == "an order"
    bucket = f"orders-archive-{made.account}-dev"
    assert ask("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert json.loads(ask("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Effect"] == "Deny"
    [table] = ask("dynamodb").list_tables()["TableNames"]
    described = ask("dynamodb").describe_table(TableName=table)["Table"]
    assert [each["AttributeName"] for each in described["KeySchema"]] == ["id", "at"]
    assert [each["IndexName"] for each in described["GlobalSecondaryIndexes"]] == ["by-customer"]
    assert described["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    [secret] = ask("secretsmanager").list_secrets()["SecretList"]
    value = json.loads(ask("secretsmanager").get_secret_value(SecretId=secret["ARN"])["SecretString"])
    assert (value["user"], len(value["password"])) == ("admin", 20)
    assert ask("ssm").get_parameter(Name="/orders/dev/queue")["Parameter"]["Value"].endswith("/orders-dev")
    assert run(made, "plan", "-detailed-exitcode", "-input=false", "-no-color").returncode == 0, "it drifts"
    assert made.destroy(180).success
