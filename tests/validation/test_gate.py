"""The gate on a real LocalStack: apps that cannot fail, or fail at random, and one that is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.models import TerraformDestroy
from pytest_lsqm.terraform.project import Project
from pytest_lsqm.validation import Tools, gate
from tests.support.architectures import put

if TYPE_CHECKING:
    from pytest_lsqm.models import TestApp
    from pytest_lsqm.validation.attempt import Attempt
    from tests.support.architectures import Bench
    from tests.support.emulator import Lent

pytestmark = pytest.mark.slow

TWO = """
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sns_topic" "news" {
  name = "news"
}

output "queue_url" {
  value = aws_sqs_queue.orders.id
}
"""

SOUND = """
import json, os
import boto3

def url():
    with open(os.environ["LSQM_OUTPUTS"]) as file:
        return json.load(file)["queue_url"]

def test_the_queue_takes_a_message():
    assert boto3.client("sqs").send_message(QueueUrl=url(), MessageBody="x")["MessageId"]
"""

ALWAYS_TRUE = SOUND + "\ndef test_arithmetic():\n    assert 1 + 1 == 2\n"

TRUSTS_OUTPUTS = SOUND + "\ndef test_the_output_is_there():\n    assert url().startswith('http')\n"

SWALLOWS = (
    SOUND
    + """
def test_that_forgives():
    try:
        assert boto3.client("sqs").get_queue_attributes(QueueUrl=url())
    except Exception:
        pass
"""
)

SKIPS_WHEN_IT_WOULD_FAIL = SOUND.replace(
    "def test_the_queue",
    """import pytest
def test_if_possible():
    try:
        boto3.client("sqs").get_queue_attributes(QueueUrl=url())
    except Exception:
        pytest.skip("no queue")
    assert url()

def test_the_queue""",
)

PASSES_ONCE = (
    SOUND
    + """
def test_it_is_the_first_time():
    sqs = boto3.client("sqs")
    assert "again" not in sqs.list_queue_tags(QueueUrl=url()).get("Tags", {})
    sqs.tag_queue(QueueUrl=url(), Tags={"again": "yes"})
"""
)


def check(bench: Bench, test: str, sample: int = 0) -> gate.GateResult:
    store, architecture = put(bench.root, TWO, test)
    tools = Tools(store, bench.engine, bench.mirror, bench.leases, 90.0, 30.0, bench.announced.append)
    app = store.app(architecture.hash)
    assert app is not None
    return gate.check(architecture, tools, lambda attempt: app, sample=sample)


def test_an_app_that_uses_what_is_deployed_passes(bench: Bench) -> None:
    found = check(bench, SOUND)
    assert found.passed, found.reasons


@pytest.mark.parametrize(
    ("test", "name"),
    [
        (ALWAYS_TRUE, "test_arithmetic"),
        (TRUSTS_OUTPUTS, "test_the_output_is_there"),
        (SWALLOWS, "test_that_forgives"),
        (SKIPS_WHEN_IT_WOULD_FAIL, "test_if_possible"),
    ],
    ids=["always true", "trusts outputs", "swallows", "skips"],
)
def test_a_test_that_does_not_fail_when_nothing_is_deployed_is_named(bench: Bench, test: str, name: str) -> None:
    found = check(bench, test)
    assert found.reasons == (f"{name} does not fail when nothing is deployed",)


def test_an_app_that_passes_only_once_is_refused(bench: Bench) -> None:
    reason, failure = check(bench, PASSES_ONCE).reasons
    assert "time 2" in reason
    assert "1 of 2 tests failed" in reason
    assert failure.startswith("test_it_is_the_first_time: ")


def test_an_app_that_knows_what_only_one_deployment_can_know_is_refused(bench: Bench) -> None:
    store, architecture = put(bench.root, TWO.replace('name = "orders"', 'name_prefix = "orders-"'), SOUND)
    tools = Tools(store, bench.engine, bench.mirror, bench.leases, 90.0, 30.0, bench.announced.append)

    def write(attempt: Attempt) -> TestApp:
        app = store.app(architecture.hash)
        assert app is not None
        name = str(attempt.outputs["queue_url"]).rpartition("/")[2]
        text = f"{SOUND}\ndef test_its_name():\n    assert boto3.client('sqs').get_queue_url(QueueName={name!r})\n"
        return app.model_copy(update={"files": app.files | {"test_app.py": text}})

    reason, failure = gate.check(architecture, tools, write).reasons
    assert reason == "it did not pass on a second deployment: 1 of 2 tests failed"
    assert failure.startswith("test_its_name: ")


def test_an_app_that_fails_on_its_own_architecture_is_refused(bench: Bench) -> None:
    reason, failure = check(bench, SOUND + "\ndef test_no():\n    assert 0\n").reasons
    assert "assert 0" in failure
    assert "did not pass on the reference deployment (time 1)" in reason


def test_a_resource_that_no_test_misses_lowers_the_score(bench: Bench) -> None:
    found = check(bench, SOUND, sample=2)
    assert found.passed, found.reasons
    assert dict(found.noticed) == {"aws_sqs_queue.orders": True, "aws_sns_topic.news": False}
    assert found.score == 0.5


def test_an_emulator_that_died_is_no_proof_that_tests_can_fail(
    bench: Bench, leases: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It answers until the app has run where nothing is deployed: then every test has failed, whatever it tests.
    alive = leases.healthy
    monkeypatch.setattr(leases, "healthy", lambda lease: len(leases.leases) < 2 and alive(lease))
    (reason,) = check(bench, SOUND).reasons
    assert "the emulator with nothing deployed no longer answers" in reason


def test_a_resource_that_cannot_be_taken_away_alone_says_nothing_of_the_app(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = TerraformDestroy(success=False, resources_destroyed=0)
    destroy = Project.destroy
    monkeypatch.setattr(
        Project,
        "destroy",
        lambda project, timeout, target=None: refused if target else destroy(project, timeout),
    )
    found = check(bench, SOUND, sample=2)
    assert found.passed, found.reasons
    assert (found.noticed, found.score) == ((), None)
