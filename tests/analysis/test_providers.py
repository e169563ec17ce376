"""Providers, their blocks and version constraints are found where Terraform finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.analysis import ProviderBlock, RequiredVersion, analyse

if TYPE_CHECKING:
    from .conftest import Write


def test_declared_configured_and_implied_providers_are_listed_by_address(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    terraform {
                      required_providers {
                        aws    = { source = "registry.terraform.io/hashicorp/aws" }
                        mine   = { source = "example.com/acme/mine" }
                        docker = { source = "kreuzwerker/docker" }
                      }
                    }
                    provider archive {}
                    resource "random_id" "r" {}
                    resource "docker_image" "i" {}
                    resource "terraform_data" "t" {}
                    resource "x_thing" "y" {
                      provider = mine.alias
                    }
                    module "m" {
                      source = "./m"
                    }
                    """,
                "m/main.tf": 'data "tls_certificate" "c" {}\n',
            }
        )
    )
    assert found.providers == (
        "example.com/acme/mine",
        "hashicorp/archive",
        "hashicorp/aws",
        "hashicorp/random",
        "hashicorp/tls",
        "kreuzwerker/docker",
    )


def test_provider_blocks_for_aws_are_described_for_override_files(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    provider "aws" {
                      region = "us-east-1"
                      default_tags {
                        tags = {}
                      }
                      dynamic "assume_role" {
                        for_each = []
                        content {}
                      }
                    }
                    provider "google" {}
                    module "m" {
                      source = "./m"
                    }
                    """,
                "m/p.tf": """
                    terraform {
                      required_providers {
                        amazon = { source = "hashicorp/aws" }
                      }
                    }
                    provider "amazon" {
                      alias      = "west"
                      access_key = "x"
                    }
                    """,
            }
        )
    )
    assert found.provider_blocks == (
        ProviderBlock(
            ".", "aws", None, frozenset({"region"}), frozenset({"default_tags", "assume_role"}), "main.tf"
        ),
        ProviderBlock("m", "amazon", "west", frozenset({"alias", "access_key"}), frozenset(), "m/p.tf"),
    )  # fmt: skip


def test_in_json_the_objects_of_a_provider_count_as_blocks(write: Write) -> None:
    text = '{"provider": {"aws": {"region": "x", "allowed_account_ids": ["1"], "endpoints": [{"s3": "y"}]}}}'
    (block,) = analyse(write({"main.tf.json": text})).provider_blocks
    assert block.arguments == {"region", "allowed_account_ids"}
    assert block.blocks == {"endpoints"}


def test_version_constraints_are_listed_with_what_they_constrain(write: Write) -> None:
    found = analyse(
        write(
            {
                "main.tf": """
                    terraform {
                      required_version = ">= 1.0"
                      required_providers {
                        aws    = { source = "hashicorp/aws", version = "~> 5.0" }
                        random = "~> 3.0"
                      }
                    }
                    module "m" {
                      source = "./m"
                    }
                    resource "aws_rds_cluster" "c" {
                      engine_version = "5.7"
                    }
                    """,
                "m/main.tf": 'provider "aws" {\n  version = "~> 2.0"\n}\n',
            }
        )
    )
    assert found.required_versions == (
        RequiredVersion(".", "terraform", None, ">= 1.0"),
        RequiredVersion(".", "aws", "hashicorp/aws", "~> 5.0"),
        RequiredVersion(".", "random", "hashicorp/random", "~> 3.0"),
        RequiredVersion("m", "aws", "hashicorp/aws", "~> 2.0"),
    )
