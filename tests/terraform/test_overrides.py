"""What the override files say, and that Terraform and the provider take them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import analysis, process
from pytest_lsqm.analysis import ProviderBlock
from pytest_lsqm.terraform import overrides
from pytest_lsqm.terraform.schema import ProviderSchema
from tests.support.emulator import client
from tests.support.files import snapshot, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.terraform.project import Project

OLD = ProviderSchema(
    "3.39.0",
    frozenset({"access_key", "secret_key", "token", "profile", "max_retries", "s3_force_path_style", "region"}),
    ("s3", "sqs"),
)
NEW = ProviderSchema(
    "6.69.1",
    OLD.arguments | {"s3_use_path_style", "s3_force_path_style"},
    ("logs", "cloudwatchlog", "cloudwatchlogs", "s3", "s3api", "sqs"),
)
PLACE = {"endpoint": "http://127.0.0.1:4566", "account": "123456789012"}

REALISTIC = {
    "main.tf": """
        terraform {
          backend "s3" {
            bucket  = "the-real-state"
            key     = "state"
            region  = "eu-central-1"
            profile = "production"
          }
          required_providers {
            aws = { source = "hashicorp/aws", version = ">= 3.0" }
          }
        }

        provider "aws" {
          region              = "eu-central-1"
          profile             = "production"
          allowed_account_ids = ["999999999999"]
          default_tags { tags = { team = "orders" } }
        }

        provider "aws" {
          alias                   = "virginia"
          region                  = "us-east-1"
          shared_credentials_file = "/nowhere/credentials"
          endpoints {
            sqs = "https://sqs.us-east-1.amazonaws.com"
          }
        }

        resource "aws_sqs_queue" "near" { name = "near" }

        resource "aws_sqs_queue" "far" {
          provider = aws.virginia
          name     = "far"
        }

        module "inner" { source = "./modules/inner" }
        """,
    "modules/inner/main.tf": """
        provider "aws" {
          region  = "eu-west-1"
          profile = "production"
        }

        resource "aws_sqs_queue" "inner" { name = "inner" }

        module "deeper" { source = "../deeper" }
        """,
    "modules/deeper/main.tf": """
        resource "aws_sqs_queue" "deeper" { name = "deeper" }
        """,
}


def written(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / overrides.FILE_NAME).read_text(encoding="utf-8"))
    return content


def block(module: str = ".", alias: str | None = None, *arguments: str) -> ProviderBlock:
    return ProviderBlock(module, "aws", alias, frozenset(arguments), frozenset(), "main.tf")


def test_a_configuration_without_a_provider_block_gets_one_for_the_root(tmp_path: Path) -> None:
    [modification] = overrides.write_overrides(tmp_path, (), (), OLD, **PLACE)
    [provider] = written(tmp_path)["provider"]["aws"]
    assert provider["access_key"] == "123456789012"
    assert provider["endpoints"] == [{"s3": PLACE["endpoint"], "sqs": PLACE["endpoint"]}]
    assert (modification.file, modification.subject) == (overrides.FILE_NAME, "provider aws")


def test_every_alias_and_every_module_that_configures_the_provider_gets_an_override(tmp_path: Path) -> None:
    (tmp_path / "modules/a").mkdir(parents=True)
    blocks = [block(), block(".", "west"), block("modules/a")]
    modifications = overrides.write_overrides(tmp_path, blocks, (), OLD, **PLACE)
    assert {entry.get("alias") for entry in written(tmp_path)["provider"]["aws"]} == {None, "west"}
    assert [entry.get("alias") for entry in written(tmp_path / "modules/a")["provider"]["aws"]] == [None]
    assert sorted((entry.file, entry.subject) for entry in modifications) == [
        (f"modules/a/{overrides.FILE_NAME}", "provider aws"),
        (overrides.FILE_NAME, "provider aws"),
        (overrides.FILE_NAME, "provider aws.west"),
    ]


def test_an_argument_is_unset_only_where_it_was_written_down(tmp_path: Path) -> None:
    [modification] = overrides.write_overrides(tmp_path, [block(".", None, "profile", "region")], (), OLD, **PLACE)
    [provider] = written(tmp_path)["provider"]["aws"]
    assert provider["profile"] is None
    assert "token" not in provider
    assert "region" not in provider
    assert "profile" in modification.arguments


@pytest.mark.parametrize(("schema", "name"), [(OLD, "s3_force_path_style"), (NEW, "s3_use_path_style")])
def test_only_arguments_that_the_version_knows_are_written(schema: ProviderSchema, name: str) -> None:
    arguments = overrides.provider_arguments(schema, **PLACE)
    assert {key for key in arguments if "path_style" in key} == {name}
    assert set(arguments) - {"endpoints"} <= schema.arguments
    assert "skip_requesting_account_id" not in arguments


def test_a_backend_is_replaced_and_said_so_and_a_local_one_is_no_news() -> None:
    content, modifications = overrides.backend_override(["s3", "local"])
    assert content == {"terraform": {"backend": {"local": {}}}}
    assert [entry.subject for entry in modifications] == ["backend s3"]


@pytest.mark.parametrize(
    "names",
    [
        ("logs", "cloudwatchlog", "cloudwatchlogs"),
        ("events", "eventbridge", "cloudwatchevents"),
        ("sfn", "stepfunctions"),
        ("cognitoidp", "cognitoidentityprovider"),
        ("elbv2", "elasticloadbalancingv2"),
        ("opensearch", "opensearchservice"),
        ("elasticsearch", "es", "elasticsearchservice"),
        ("rdsdata", "rdsdataservice"),
        ("s3", "s3api"),
        ("amp", "prometheus", "prometheusservice"),
    ],
)
def test_two_names_of_one_service_are_never_both_set(names: tuple[str, ...]) -> None:
    """From 5.0 on the provider refuses them; the names are those of the 6.69.1 schema."""
    schema = ProviderSchema("6.69.1", frozenset(), (*names, "sqs", "sts"))
    assert overrides.endpoint_names(schema) == sorted([names[0], "sqs", "sts"])


def test_names_that_are_services_of_their_own_all_stay() -> None:
    names = (
        "apigateway",
        "apigatewayv2",
        "dynamodb",
        "kinesis",
        "kinesisanalytics",
        "ses",
        "sesv2",
        "waf",
        "wafv2",
    )
    assert overrides.endpoint_names(ProviderSchema("6.69.1", frozenset(), names)) == list(names)


def test_an_alias_stays_where_the_version_knows_no_other_name() -> None:
    assert overrides.endpoint_names(ProviderSchema("3.0.0", frozenset(), ("cloudwatchlogs", "es"))) == [
        "cloudwatchlogs",
        "es",
    ]


@pytest.mark.slow
def test_a_realistic_configuration_runs_on_the_emulator_alone_and_keeps_its_regions(
    project: Callable[..., Project], localstack: Instance
) -> None:
    deployed = project(REALISTIC, endpoint=localstack.endpoint)
    before = snapshot(deployed.root)
    assert deployed.init(60).ok
    assert {entry.subject for entry in deployed.modifications} == {
        "backend s3",
        "provider aws",
        "provider aws.virginia",
    }
    applied, outcome = deployed.apply(90)
    assert outcome.ok, outcome.logs
    assert applied.resources_created == 4
    queues = {}
    for region in ("eu-central-1", "us-east-1", "eu-west-1"):
        sqs = client("sqs", localstack.endpoint, deployed.account, region)
        queues[region] = sorted(url.rpartition("/")[2] for url in sqs.list_queues().get("QueueUrls", []))
    assert queues == {"eu-central-1": ["near"], "us-east-1": ["far"], "eu-west-1": ["deeper", "inner"]}
    after = snapshot(deployed.root)
    assert {name: after[name] for name in before} == before
    added = {name for name in after.keys() - before.keys() if not name.startswith(".terraform")}
    assert added == {overrides.FILE_NAME, f"modules/inner/{overrides.FILE_NAME}", "terraform.tfstate"}
    assert deployed.destroy(60).success


@pytest.mark.slow
def test_terraform_itself_lists_the_providers_of_an_overridden_configuration(
    project: Callable[..., Project],
) -> None:
    deployed = project(REALISTIC)
    assert deployed.init(60).ok
    words = [*deployed.engine.argv, "providers"]
    done = process.run(words, env=deployed.environment(), cwd=deployed.root, timeout=60)
    assert done.ok, done.describe()
    assert f"provider[{deployed.engine.registry}/hashicorp/aws]" in done.stdout


@pytest.mark.slow
def test_a_configuration_that_keeps_its_state_in_terraforms_cloud_is_kept_local(
    project: Callable[..., Project],
) -> None:
    cloud = (
        'terraform {\n  cloud {\n    organization = "acme"\n    workspaces {\n      name = "prod"\n    }\n  }\n}\n'
    )
    deployed = project({"main.tf": cloud + 'output "a" {\n  value = 1\n}\n'})
    outcome = deployed.init(60)
    assert outcome.ok, outcome.logs
    assert [entry.subject for entry in deployed.modifications] == ["backend cloud"]


def test_an_override_matches_what_the_analysis_found(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "terraform", REALISTIC)
    facts = analysis.analyse(root)
    overrides.write_overrides(root, facts.provider_blocks, facts.backends, OLD, **PLACE)
    again = analysis.analyse(root)
    assert again.backends == ("local",)
    assert {(entry.module, entry.alias) for entry in again.provider_blocks} == {
        (entry.module, entry.alias) for entry in facts.provider_blocks
    }
    assert all("access_key" in entry.arguments for entry in again.provider_blocks)
