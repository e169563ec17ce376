"""Small architectures that fail by themselves, by name: Terraform and the tests of their app."""

from __future__ import annotations

QUEUE = 'resource "aws_sqs_queue" "q" { name = "%s" }\noutput "url" { value = aws_sqs_queue.q.id }\n'

OPENS = """
import json, os, time
import boto3
import pytest

with open(os.environ["LSQM_OUTPUTS"]) as stream:
    OUTPUTS = json.load(stream)
sqs = boto3.client("sqs")
"""

GOOD = OPENS + "def test_it():\n    assert sqs.get_queue_attributes(QueueUrl=OUTPUTS['url'])\n"

MADE: dict[str, tuple[str, str]] = {
    "variable-without-value": ('variable "name" { type = string }\n' + QUEUE.replace('"%s"', "var.name"), GOOD),
    "undeclared-reference": (QUEUE.replace('"%s"', "local.nothing"), GOOD),
    "cycle": (
        (
            'resource "aws_sqs_queue" "q" { name = aws_sqs_queue.p.id }\n'
            'resource "aws_sqs_queue" "p" { name = aws_sqs_queue.q.id }\n'
        ),
        GOOD,
    ),
    "file-that-is-not-there": (QUEUE.replace('"%s"', 'file("${path.module}/name.txt")'), GOOD),
    "argument-missing": ('resource "aws_s3_bucket_policy" "p" { bucket = "b" }\n', GOOD),
    "index-out-of-range": ("locals { names = [] }\n" + QUEUE.replace('"%s"', "local.names[0]"), GOOD),
    "for-each-of-unknown-keys": (
        (
            'resource "aws_sqs_queue" "p" { name = "p" }\n'
            'resource "aws_sqs_queue" "q" {\n  for_each = toset([aws_sqs_queue.p.arn])\n  name = "q"\n}\n'
        ),
        GOOD,
    ),
    "argument-of-a-newer-provider": (
        'resource "aws_sqs_queue" "q" {\n  name = "n"\n  sqs_managed_sse_enabled = true\n}\n',
        GOOD,
    ),
    "type-of-a-newer-provider": ('resource "aws_s3_bucket_versioning" "v" { bucket = "b" }\n', GOOD),
    "terraform-of-another-day": ('terraform { required_version = ">= 99.0" }\n' + QUEUE % "n", GOOD),
    "provider-of-nobody": (
        'terraform {\n  required_providers { x = { source = "nobody/nothing" } }\n}\n' + QUEUE % "n",
        GOOD,
    ),
    "app-that-imports-nothing": (QUEUE % "n", "import no_such_module_anywhere\n"),
    "app-without-tests": (QUEUE % "n", "X = 1\n"),
    "app-with-a-misspelt-name": (QUEUE % "n", OPENS + "def test_it():\n    assert sq.list_queues()\n"),
    "app-that-asks-wrongly": (QUEUE % "n", OPENS + "def test_it():\n    sqs.create_queue(Nme='x')\n"),
    "app-whose-fixture-is-missing": (QUEUE % "n", OPENS + "def test_it(nothing_like_it):\n    assert sqs\n"),
    "app-that-skips-itself": (QUEUE % "n", OPENS + "@pytest.mark.skip\ndef test_it():\n    assert sqs\n"),
    "app-that-sleeps": (QUEUE % "n", OPENS + "def test_it():\n    sqs.list_queues()\n    time.sleep(600)\n"),
    "app-that-expects-what-was-not-asked-for": (
        QUEUE % "n",
        OPENS
        + "def test_it():\n"
        + "    found = sqs.get_queue_attributes(QueueUrl=OUTPUTS['url'], AttributeNames=['All'])\n"
        + "    assert found['Attributes']['DelaySeconds'] == '7'\n",
    ),
    "queue-of-two-minds": (
        QUEUE % "n" + 'resource "aws_sqs_queue" "r" {\n  name = aws_sqs_queue.q.name\n  delay_seconds = 5\n}\n',
        GOOD,
    ),
    "object-in-no-bucket": (
        (
            'resource "aws_s3_bucket_object" "o" {\n  bucket = "bucket-that-nobody-made"\n  key = "k"\n'
            '  content = "x"\n}\noutput "url" { value = "" }\n'
        ),
        GOOD,
    ),
}
