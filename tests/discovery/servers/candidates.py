"""What lies in the packages of the world: configurations that can run, and others that cannot, each for a reason.

Everything follows from a number, so that no two of them are alike and every run meets the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Candidate:
    """One architecture's files by their path below its folder; `reason` why it cannot run, None if it can."""

    kind: str
    files: Mapping[str, str]
    reason: str | None = None


def _terraform(text: str, number: int) -> dict[str, str]:
    return {"main.tf": dedent(text).lstrip("\n").replace("NUMBER", str(number))}


def _queue(number: int) -> dict[str, str]:
    return _terraform('resource "aws_sqs_queue" "it" {\n  name = "queue-NUMBER"\n}\n', number)


def _dead_letters(number: int) -> dict[str, str]:
    return _terraform(
        """
        resource "aws_sqs_queue" "dead" {
          name = "dead-NUMBER"
        }

        resource "aws_sqs_queue" "it" {
          name           = "queue-NUMBER"
          redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 3 })
        }
        """,
        number,
    )


def _topic(number: int) -> dict[str, str]:
    return _terraform(
        """
        terraform {
          required_providers {
            aws = { source = "hashicorp/aws", version = ">= 3.0" }
          }
        }

        provider "aws" {
          region = "eu-west-1"
        }

        resource "aws_sns_topic" "it" {
          name = "topic-NUMBER"
        }

        resource "aws_sqs_queue" "it" {
          name = "subscriber-NUMBER"
        }

        resource "aws_sns_topic_subscription" "it" {
          topic_arn = aws_sns_topic.it.arn
          protocol  = "sqs"
          endpoint  = aws_sqs_queue.it.arn
        }
        """,
        number,
    )


def _bucket(number: int) -> dict[str, str]:
    files = _terraform(
        """
        resource "aws_s3_bucket" "it" {
          bucket        = "bucket-NUMBER"
          force_destroy = true
        }

        resource "aws_s3_bucket_object" "it" {
          bucket = aws_s3_bucket.it.id
          key    = "hello.txt"
          source = "${path.module}/files/hello.txt"
        }
        """,
        number,
    )
    return files | {"files/hello.txt": f"hello {number}\n"}


def _table(number: int) -> dict[str, str]:
    files = _terraform(
        """
        variable "name" {
          type = string
        }

        resource "aws_dynamodb_table" "it" {
          name         = var.name
          billing_mode = "PAY_PER_REQUEST"
          hash_key     = "id"

          attribute {
            name = "id"
            type = "S"
          }
        }
        """,
        number,
    )
    return files | {"terraform.tfvars": f'name = "table-{number}"\n'}


def _role(number: int) -> dict[str, str]:
    files = _terraform(
        """
        resource "aws_iam_role" "it" {
          name               = "role-NUMBER"
          assume_role_policy = file("${path.module}/policies/assume.json")
        }
        """,
        number,
    )
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "lambda.amazonaws.com"}}]}\n'
    )
    return files | {"policies/assume.json": policy}


def _parameter(number: int) -> dict[str, str]:
    files = _terraform(
        """
        module "parameter" {
          source = "./modules/parameter"
          value  = "value-NUMBER"
        }
        """,
        number,
    )
    module = """
        variable "value" {}

        resource "aws_ssm_parameter" "it" {
          name  = "/world/NUMBER"
          type  = "String"
          value = var.value
        }
        """
    return files | {"modules/parameter/main.tf": _terraform(module, number)["main.tf"]}


def _function(number: int) -> dict[str, str]:
    files = _terraform(
        """
        data "archive_file" "it" {
          type        = "zip"
          source_file = "${path.module}/src/handler.py"
          output_path = "${path.module}/handler.zip"
        }

        resource "aws_iam_role" "it" {
          name = "function-NUMBER"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Action    = "sts:AssumeRole"
              Principal = { Service = "lambda.amazonaws.com" }
            }]
          })
        }

        resource "aws_lambda_function" "it" {
          function_name    = "function-NUMBER"
          role             = aws_iam_role.it.arn
          handler          = "handler.handle"
          runtime          = "python3.12"
          filename         = data.archive_file.it.output_path
          source_code_hash = data.archive_file.it.output_base64sha256
        }
        """,
        number,
    )
    return files | {"src/handler.py": f"def handle(event, context):\n    return {number}\n"}


def _backend(number: int) -> dict[str, str]:
    return _terraform(
        """
        terraform {
          backend "s3" {
            bucket = "states"
            key    = "NUMBER"
            region = "eu-west-1"
          }
        }

        resource "aws_cloudwatch_log_group" "it" {
          name = "/world/NUMBER"
        }
        """,
        number,
    )


RUNNABLE: Mapping[str, Callable[[int], dict[str, str]]] = {
    "queue": _queue,
    "dead-letters": _dead_letters,
    "topic": _topic,
    "bucket": _bucket,
    "table": _table,
    "role": _role,
    "parameter": _parameter,
    "function": _function,
    "backend": _backend,
}

QUEUE = 'resource "aws_sqs_queue" "it" {\n  name = "queue-NUMBER"\n  %s\n}\n'

REFUSED: Mapping[str, tuple[str, str]] = {
    "azure": ('resource "azurerm_resource_group" "it" {\n  name = "NUMBER"\n}\n', "no AWS resource"),
    "empty": ('output "it" {\n  value = NUMBER\n}\n', "no AWS resource"),
    "broken": ('resource "aws_sqs_queue" "it" {\n  name = "queue-NUMBER\n', "main.tf"),
    "variable": ('variable "it" {}\n' + QUEUE % "delay_seconds = var.it", "no value for variable it"),
    "state": (
        'data "terraform_remote_state" "net" {\n  backend = "s3"\n  config  = {}\n}\n'
        + QUEUE % "policy = data.terraform_remote_state.net.outputs.policy",
        "reads the state of another configuration",
    ),
    "import": (
        QUEUE % "" + 'import {\n  to = aws_sqs_queue.it\n  id = "NUMBER"\n}\n',
        "imports resources that must exist already",
    ),
    "absolute": (QUEUE % 'policy = file("/srv/policies/NUMBER.json")', "reads files of one machine"),
    "missing": (QUEUE % 'policy = file("${path.module}/NUMBER.json")', "refers to files that do not exist"),
}
"""Text and reason of what cannot run, or is no architecture at all."""

EXECUTING: Mapping[str, str] = {
    "local-exec": QUEUE % 'provisioner "local-exec" {\n    command = "echo NUMBER"\n  }',
    "external": QUEUE % "tags = data.external.it.result"
    + 'data "external" "it" {\n  program = ["echo", "{}", "NUMBER"]\n}\n',
}
"""What runs programs: an architecture, to be run by those who allow that."""

EXECUTES = "it executes programs"


def runnable(number: int) -> Candidate:
    """Make one that can run."""
    kind = list(RUNNABLE)[number % len(RUNNABLE)]
    return Candidate(f"{kind}-{number}", RUNNABLE[kind](number))


def calling(number: int) -> Candidate:
    """Make an example that can run because it gives its module what that one wants."""
    text = 'module "it" {\n  source = "../.."\n  name   = "called-NUMBER"\n}\n'
    return Candidate(f"calling-{number}", _terraform(text, number))


def module(number: int) -> Candidate:
    """Make a module that wants a value."""
    name = 'variable "name" {\n  type = string\n}\n\n'
    queue = 'resource "aws_sqs_queue" "it" {\n  name = "${var.name}-NUMBER"\n}\n'
    return Candidate(f"module-{number}", _terraform(name + queue, number), "no value for variable name")


def refused(number: int) -> Candidate:
    """Make one that cannot run, or not without leave."""
    kinds = [*REFUSED, *EXECUTING]
    kind = kinds[number % len(kinds)]
    text, reason = REFUSED[kind] if kind in REFUSED else (EXECUTING[kind], EXECUTES)
    return Candidate(f"{kind}-{number}", _terraform(text, number), reason)


def template(number: int) -> Candidate:
    """Make a CloudFormation template of which too much is lost on the way to Terraform."""
    text = """
        AWSTemplateFormatVersion: "2010-09-09"
        Description: stack NUMBER
        Resources:
          Queue:
            Type: AWS::SQS::Queue
          Strange:
            Type: Custom::Strange
            Properties:
              ServiceToken: arn:aws:lambda:eu-west-1:123456789012:function:strange-NUMBER
        """
    files = {f"stack-{number}.yaml": _terraform(text, number)["main.tf"]}
    return Candidate(f"stack-{number}", files, "could not be converted to Terraform")


def service(number: int) -> Candidate:
    """Make a Serverless service for another cloud."""
    text = "service: service-NUMBER\nprovider:\n  name: google\n  runtime: nodejs20\nfunctions: {}\n"
    files = {
        "serverless.yml": _terraform(text, number)["main.tf"],
        "handler.py": "def handle(event, context): ...\n",
    }
    return Candidate(f"service-{number}", files, "google")


def app(number: int) -> Candidate:
    """Make a CDK app, which somebody would have to run."""
    files = {"cdk.json": '{"app": "python3 app.py"}\n', "app.py": f"print({number})\n"}
    return Candidate(f"app-{number}", files, "it is a CDK app")
