"""A project's life: init, apply, show, destroy, on a real LocalStack and on none."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import process
from pytest_lsqm.terraform.project import emulator_environment
from tests.support import processes
from tests.support.architectures import NO_CLOUD
from tests.support.emulator import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.terraform.project import Project

pytestmark = pytest.mark.slow

NESTED = {
    "main.tf": """
        module "team" {
          source   = "./team"
          for_each = toset(["a"])
        }

        data "aws_caller_identity" "me" {}

        resource "terraform_data" "plain" { input = { n = 1 } }

        output "account" { value = data.aws_caller_identity.me.account_id }

        output "url" {
          value     = module.team["a"].url
          sensitive = true
        }

        output "nothing" { value = null }
        """,
    "team/main.tf": """
        resource "aws_sqs_queue" "orders" {
          count         = 1
          name          = "orders"
          delay_seconds = 7
        }

        output "url" { value = aws_sqs_queue.orders[0].id }
        """,
}

REFUSES_TO_GO = """
    resource "terraform_data" "stays" {
      count = 2
      provisioner "local-exec" {
        when    = destroy
        command = "echo will not go >&2; exit 1"
      }
    }
    """


def test_a_project_is_applied_shown_and_destroyed(project: Callable[..., Project], localstack: Instance) -> None:
    deployed = project(NESTED, endpoint=localstack.endpoint)
    assert deployed.init(60).ok
    assert not deployed.started_apply
    applied, outcome = deployed.apply(90)
    assert outcome.ok, outcome.logs
    assert (deployed.started_apply, applied.resources_created) == (True, 2)

    outputs, resources, shown = deployed.show(60)
    assert shown.ok
    assert outputs["account"] == deployed.account
    assert outputs["url"].endswith("/orders"), "a sensitive output is told as it is"
    assert {entry["address"]: entry["type"] for entry in resources} == {
        "terraform_data.plain": "terraform_data",
        'module.team["a"].aws_sqs_queue.orders[0]': "aws_sqs_queue",
    }
    queue = next(entry for entry in resources if entry["type"] == "aws_sqs_queue")
    assert (queue["name"], queue["id"], queue["attributes"]["delay_seconds"]) == ("orders", outputs["url"], 7)

    sqs = client("sqs", localstack.endpoint, deployed.account)
    assert sqs.list_queues()["QueueUrls"] == [outputs["url"]]
    destroyed = deployed.destroy(60)
    assert (destroyed.success, destroyed.resources_destroyed, destroyed.leftovers) == (True, 2, ())
    assert "QueueUrls" not in sqs.list_queues()


def test_a_destroy_that_fails_names_what_stayed(project: Callable[..., Project]) -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m"\n}\n' + NO_CLOUD, "m/main.tf": REFUSES_TO_GO}
    deployed = project(files)
    assert deployed.init(60).ok
    assert deployed.apply(60)[1].ok
    destroyed = deployed.destroy(60)
    assert not destroyed.success
    assert destroyed.leftovers == ("module.m.terraform_data.stays",)
    assert "will not go" in destroyed.logs


def test_what_was_created_before_a_failure_counts_and_is_destroyed(project: Callable[..., Project]) -> None:
    resources = """
        resource "terraform_data" "first" {}

        resource "terraform_data" "second" {
          depends_on = [terraform_data.first]
          provisioner "local-exec" {
            command = "exit 7"
          }
        }
        """
    deployed = project({"main.tf": resources})
    assert deployed.init(60).ok
    applied, outcome = deployed.apply(60)
    assert (outcome.ok, applied.success, applied.resources_created) == (False, False, 1)
    assert "exit status 7" in applied.logs
    destroyed = deployed.destroy(60)
    # The second one was made and is tainted: it is in the state, so it goes too.
    assert (destroyed.success, destroyed.resources_destroyed) == (True, 2)


def test_a_deadline_ends_terraform_and_the_program_that_it_runs(project: Callable[..., Project]) -> None:
    seconds = str(10_000_000 + secrets.randbelow(10_000_000))
    command = f'provisioner "local-exec" {{\n    command = "sleep {seconds}"\n  }}'
    deployed = project({"main.tf": f'resource "terraform_data" "a" {{\n  {command}\n}}\n'})
    assert deployed.init(60).ok
    applied, outcome = deployed.apply(2)
    assert (outcome.timed_out, outcome.ok, applied.success) == (True, False, False)
    assert "Creating..." in applied.logs, "what it had said by then is kept"
    assert processes.with_argument(seconds) == []


def test_an_init_that_lacks_a_provider_says_that_it_is_missing(project: Callable[..., Project]) -> None:
    outcome = project({"main.tf": 'resource "random_id" "a" {\n  byte_length = 4\n}\n'}).init(60)
    assert (outcome.ok, outcome.missing) == (False, True)
    assert "hashicorp/random" in outcome.logs


def test_an_init_that_fails_for_another_reason_lacks_nothing(project: Callable[..., Project]) -> None:
    outcome = project({"main.tf": 'terraform {\n  required_version = "< 0.1"\n}\n'}).init(60)
    assert (outcome.ok, outcome.missing) == (False, False)


def test_a_version_that_the_mirror_does_not_have_is_missing(project: Callable[..., Project]) -> None:
    required = (
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 9.0" }\n  }\n}\n'
    )
    outcome = project({"main.tf": required}).init(60)
    assert (outcome.ok, outcome.missing) == (False, True)


def test_a_state_that_cannot_be_read_is_a_failed_show(project: Callable[..., Project]) -> None:
    deployed = project({"main.tf": NO_CLOUD})
    assert deployed.init(60).ok
    (deployed.root / "terraform.tfstate").write_text('{"torn": ')
    outputs, resources, outcome = deployed.show(60)
    assert (outputs, resources, outcome.ok) == ({}, [], False)
    assert outcome.logs


def test_terraform_sees_nothing_of_the_callers_environment(
    project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "only-the-caller-may-know")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "only-the-caller-may-know")
    monkeypatch.setenv("TF_VAR_word", "only-the-caller-may-know")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    deployed = project({"main.tf": NO_CLOUD})
    env = deployed.environment()
    assert "only-the-caller-may-know" not in env.values()
    assert (env["HOME"], env["HTTPS_PROXY"]) == (str(deployed.home), "http://127.0.0.1:9")
    assert (env["AWS_ACCESS_KEY_ID"], env["AWS_ENDPOINT_URL"]) == (deployed.account, deployed.endpoint)


REAL_AWS = """
import boto3
from botocore.config import Config
once = Config(retries={"total_max_attempts": 1})
try:
    boto3.client("sqs", endpoint_url="https://sqs.us-east-1.amazonaws.com", config=once).list_queues()
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_request_to_the_real_aws_gets_no_further_than_a_port_where_nobody_listens() -> None:
    env = emulator_environment("http://127.0.0.1:4566", "123456789012", "us-east-1")
    done = process.run([sys.executable, "-c", REAL_AWS], env=env, timeout=60)
    assert done.stdout.startswith("ProxyConnectionError"), done.stdout + done.stderr
    assert "127.0.0.1:9" in done.stdout


def test_a_request_to_the_emulator_goes_past_that_port(localstack: Instance) -> None:
    env = emulator_environment(localstack.endpoint, "123456789012", "us-east-1")
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    done = process.run([sys.executable, "-c", script], env=env, timeout=60)
    assert done.stdout.strip() == "123456789012", done.stderr
