"""The analysis of a folder says what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.analysis import analyse, load

if TYPE_CHECKING:
    from .conftest import Write

QUEUE = 'resource "aws_sqs_queue" "q" {\n}\n'


def test_types_and_services_of_all_local_modules_are_found(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    module "m" {
                      source = "./m"
                    }
                    resource "aws_sqs_queue" "q" {}
                    resource "random_id" "r" {}
                    ephemeral "aws_secretsmanager_secret_version" "s" {}
                    """,
                "m/main.tf": """
                    data "aws_caller_identity" "me" {}
                    data "aws_region" "here" {}
                    resource "aws_new_thing" "n" {}
                    check "alive" {
                      data "aws_lambda_function" "f" {}
                    }
                    """,
            }
        )
    )
    assert found.resource_types == (
        "aws_caller_identity",
        "aws_lambda_function",
        "aws_new_thing",
        "aws_region",
        "aws_secretsmanager_secret_version",
        "aws_sqs_queue",
        "random_id",
    )
    assert found.services == ("lambda", "secretsmanager", "sqs", "sts")
    assert found.unknown_types == ("aws_new_thing",)
    assert found.resource_count == 2
    assert found.terraform_files == ("m/main.tf", "main.tf")


@pytest.mark.parametrize(
    ("argument", "count"),
    [
        ("", 1),
        ("count = 3", 3),
        ("count = 0", 0),
        ("count = var.create ? 1 : 0", 1),
        ('for_each = toset(["a", "b", "a"])', 2),
        ("for_each = { a = 1, b = 2 }", 2),
        ("for_each = var.names", 1),
    ],
)
def test_resources_are_counted_as_often_as_literals_say(write: Write, argument: str, count: int) -> None:
    arch = write(
        {"main.tf": f'resource "aws_sqs_queue" "q" {{\n  {argument}\n}}\nresource "random_id" "r" {{}}\n'}
    )
    assert analyse(arch).resource_count == count


def test_a_module_that_is_called_twice_counts_twice(write: Write) -> None:
    call = 'module "{}" {{\n  source = "./m"\n  {}\n}}\n'
    arch = write({"main.tf": call.format("a", "") + call.format("b", "count = 2") + QUEUE, "m/main.tf": QUEUE * 2})
    assert analyse(arch).resource_count == 7


def test_modules_that_call_each_other_twice_at_every_level_are_counted_quickly(write: Write) -> None:
    files = {
        f"m{n}/main.tf": "".join(f'module "{x}" {{\n  source = "../m{n + 1}"\n}}\n' for x in "ab")
        for n in range(40)
    }
    arch = write({**files, "m40/main.tf": QUEUE, "main.tf": 'module "a" {\n  source = "./m0"\n}\n'})
    assert analyse(arch).resource_count == 2**40


def test_variables_outputs_and_their_values_are_those_of_the_root(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    variable name {
                      type = string
                    }
                    variable "given" {}
                    variable "json" {}
                    variable "automatic" {}
                    variable "free" {
                      default = null
                    }
                    output "o" {
                      value = 1
                    }
                    module "m" {
                      source = "./m"
                    }
                    """,
                "m/main.tf": 'variable "inner" {}\n',
                "terraform.tfvars": 'given = "a" # b\n',
                "terraform.tfvars.json": '{"json": 1}',
                "x.auto.tfvars": "automatic = [1]\n",
                "other.tfvars": "name = 1\n",
            }
        )
    )
    assert found.variables == ("automatic", "free", "given", "json", "name")
    assert found.required_variables == ("automatic", "given", "json", "name")
    assert found.supplied_variables == ("automatic", "given", "json")
    assert found.missing_variables == ("name",)
    assert found.outputs == ("o",)


def test_remote_modules_are_listed_as_written(write: Write) -> None:
    sources = ["terraform-aws-modules/vpc/aws", "git::ssh://git@example.com/a//b?ref=v1", "./local"]
    calls = "".join(f'module "m{n}" {{\n  source = "{source}"\n}}\n' for n, source in enumerate(sources))
    assert analyse(write({"main.tf": calls, "local/x.tf": ""})).modules == tuple(sorted(sources[:2]))


@pytest.mark.parametrize(
    ("block", "backends"),
    [
        ('backend "s3" {\n    bucket = "b"\n  }', ("s3",)),
        ('cloud {\n    organization = "o"\n  }', ("cloud",)),
        ("", ()),
    ],
)
def test_the_backend_is_the_roots(write: Write, block: str, backends: tuple[str, ...]) -> None:
    inner = 'terraform {\n  backend "local" {}\n}\n'
    files = {"main.tf": f'terraform {{\n  {block}\n}}\nmodule "m" {{\n  source = "./m"\n}}\n', "m/main.tf": inner}
    assert analyse(write(files)).backends == backends


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ('"eu-west-1"', "eu-west-1"),
        ("var.region", "us-west-2"),
        ('"${var.region}"', "us-west-2"),
        ("var.given", "ap-south-1"),
        ("local.here", "us-west-2"),
        ("local.circle", None),
        ("var.unknown", None),
        ("var.regions[0]", None),
    ],
)
def test_the_region_is_the_default_providers_where_it_can_be_known(
    write: Write, region: str, expected: str | None
) -> None:
    arch = write(
        {
            "main.tf": f"""
                provider "aws" {{
                  alias  = "other"
                  region = "sa-east-1"
                }}
                provider "aws" {{
                  region = {region}
                }}
                variable "region" {{
                  default = "us-west-2"
                }}
                variable "given" {{
                  default = "x"
                }}
                variable "unknown" {{}}
                locals {{
                  here   = var.region
                  circle = local.circle
                }}
                """,
            "terraform.tfvars": 'given = "ap-south-1"\n',
        }
    )
    assert analyse(arch).region == expected


def test_without_a_provider_block_there_is_no_region(write: Write) -> None:
    assert analyse(write({"main.tf": QUEUE})).region is None


def test_remote_states_imports_and_tests_are_named(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    data "terraform_remote_state" "net" {
                      backend = "s3"
                    }
                    import {
                      to = aws_sqs_queue.q
                      id = "q"
                    }
                    """,
                "a.tftest.hcl": "",
                "tests/b.tftest.json": "",
                "tests/helper.tf": "",
            }
        )
    )
    assert found.remote_states == ("data.terraform_remote_state.net",)
    assert found.imports == ("main.tf:5",)
    assert found.tests == ("a.tftest.hcl", "tests/b.tftest.json")


def test_a_configuration_that_was_loaded_is_not_read_again(write: Write) -> None:
    arch = write({"main.tf": QUEUE})
    configuration = load(arch)
    (arch / "main.tf").unlink()
    assert analyse(configuration).resource_count == 1
