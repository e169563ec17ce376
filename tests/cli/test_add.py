"""`lsqm add` of a directory that needs more than its own files, and the run that follows."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from tests.cli.test_commands import lsqm, write
from tests.plugin.conftest import environment
from tests.support.emulator import shared_localstack
from tests.terraform import module_registry
from tests.terraform.module_registry import archive

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ROOT = """
module "queue" {
  source = "../modules/queue"
  name   = "add-orders"
}

module "topic" {
  source = "acme/topic/aws"
}

resource "aws_s3_bucket" "functions" {
  bucket        = "add-orders-functions"
  force_destroy = true
}

resource "aws_s3_bucket_object" "function" {
  for_each = fileset("${path.module}/../functions", "**/*.py")
  bucket   = aws_s3_bucket.functions.id
  key      = each.key
  source   = "${path.module}/../functions/${each.key}"
}

resource "aws_ssm_parameter" "greeting" {
  name  = "/add-orders/greeting"
  type  = "String"
  value = templatefile("${path.module}/templates/greeting.tftpl", { name = "orders" })
}

output "queue" {
  value = module.queue.url
}

output "topic" {
  value = module.topic.arn
}
"""

QUEUE = """
variable "name" {
  type = string
}

resource "aws_sqs_queue" "it" {
  name   = var.name
  policy = file("${path.module}/policy.json")
}

output "url" {
  value = aws_sqs_queue.it.id
}
"""

TOPIC = """
resource "aws_sns_topic" "it" {
  name = "add-orders"
}

output "arn" {
  value = aws_sns_topic.it.arn
}
"""

POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
    '"Action": "sqs:SendMessage", "Resource": "*"}]}\n'
)

TEST = """
import json
import os

import boto3

with open(os.environ["LSQM_OUTPUTS"]) as stream:
    OUTPUTS = json.load(stream)


def test_the_queue_of_the_local_module_has_the_policy_of_its_file_and_takes_messages():
    sqs = boto3.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=OUTPUTS["queue"], AttributeNames=["Policy"])["Attributes"]
    assert json.loads(found["Policy"])["Statement"][0]["Action"] == "sqs:SendMessage"
    sqs.send_message(QueueUrl=OUTPUTS["queue"], MessageBody="hello")
    (message,) = sqs.receive_message(QueueUrl=OUTPUTS["queue"], WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "hello"


def test_the_topic_of_the_remote_module_takes_messages():
    assert boto3.client("sns").publish(TopicArn=OUTPUTS["topic"], Message="hello")["MessageId"]


def test_the_functions_sources_were_uploaded():
    objects = boto3.client("s3").list_objects_v2(Bucket="add-orders-functions")["Contents"]
    assert [each["Key"] for each in objects] == ["orders/handler.py", "orders/lib/prices.py"]


def test_the_template_was_rendered():
    found = boto3.client("ssm").get_parameter(Name="/add-orders/greeting")["Parameter"]["Value"]
    assert found == "Hello, orders!"
"""

FILES = {
    "orders/main.tf": ROOT,
    "orders/templates/greeting.tftpl": "Hello, ${name}!",
    "orders/lsqm/conftest.py": "",
    "orders/lsqm/app.py": "",
    "orders/lsqm/test_app.py": TEST,
    "orders/lsqm/requirements.txt": "boto3\npytest\n",
    "modules/queue/main.tf": QUEUE,
    "modules/queue/policy.json": POLICY,
    "functions/orders/handler.py": "def handle(event, context): ...\n",
    "functions/orders/lib/prices.py": "PRICES = {}\n",
    "unrelated/main.tf": "no Terraform",
}


def test_a_directory_with_modules_templates_and_functions_is_brought_in_whole_and_passes_without_a_registry(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    write(tmp_path / "project", FILES)
    with module_registry.serve() as registry:
        registry.add("acme/topic/aws", archive({"main.tf": TOPIC, "examples/x/main.tf": "x"}))
        config = tmp_path / "cli.tfrc"
        config.write_text(registry.cli_config())
        done = lsqm("add", "project/orders", "--json", cwd=tmp_path, TF_CLI_CONFIG_FILE=str(config))
    assert done.returncode == 0, done.stdout + done.stderr
    (told,) = json.loads(done.stdout)
    assert (told["skip_reason"], told["modules_not_fetched"], told["has_app"]) == (None, None, True)
    assert told["services"] == ["s3", "sns", "sqs", "ssm"]
    folder = Store.open(tmp_path / "corpus").terraform_folder(told["hash"])
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        "functions/orders/handler.py",
        "functions/orders/lib/prices.py",
        "metadata.json",
        "modules/queue/main.tf",
        "modules/queue/policy.json",
        "orders/lsqm-modules/modules.json",
        "orders/lsqm-modules/topic/main.tf",
        "orders/main.tf",
        "orders/templates/greeting.tftpl",
    ]

    # What was added stands for itself: neither the project nor the registry is there any more.
    (tmp_path / "project").rename(tmp_path / "gone")
    emulator = f"--lsqm-emulator={shared_localstack(pytestconfig).endpoint}"
    words = [sys.executable, "-m", "pytest", "--lsqm", "-k", "orders", emulator, "--lsqm-json=run.json"]
    ran = subprocess.run(
        words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (result,) = json.loads((tmp_path / "run.json").read_text())["results"]
    assert (result["status"], result["arch_hash"]) == ("PASSED", told["hash"])
    counted = result["pytest_results"]
    assert (counted["total"], counted["passed"]) == (4, 4)
