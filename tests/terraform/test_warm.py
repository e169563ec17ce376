"""Provider processes that outlive a command: the same results, and none is kept after a failure."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import process
from pytest_lsqm.observing import Proxy
from pytest_lsqm.process.jail import ENDPOINT, Jail
from pytest_lsqm.terraform.warm import Warm
from tests.support import processes
from tests.support.emulator import client
from tests.support.files import short_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.emulators.base import Instance
    from pytest_lsqm.terraform.project import Project
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.slow

QUEUES = {
    "main.tf": """
        terraform {
          required_providers {
            aws = {
              source  = "hashicorp/aws"
              version = "~> 3.39.0"
            }
          }
        }

        module "more" {
          source   = "./more"
          for_each = toset(["a b", "c"])
          name     = replace(each.key, " ", "-")
        }

        resource "aws_sqs_queue" "orders" {
          count         = 2
          name          = "orders-${count.index}"
          delay_seconds = 7
          tags          = { number = count.index }
        }

        resource "aws_ssm_parameter" "secret" {
          name  = "secret"
          type  = "SecureString"
          value = "hidden"
        }

        output "urls" { value = aws_sqs_queue.orders[*].id }

        output "secret" {
          value     = aws_ssm_parameter.secret.value
          sensitive = true
        }

        output "region" { value = data.aws_region.here.name }

        data "aws_region" "here" {}
        """,
    "more/main.tf": """
        variable "name" { type = string }
        resource "aws_sns_topic" "more" { name = var.name }
        """,
}

REFUSED = """
    resource "aws_sqs_queue" "kept" { name = "kept" }

    resource "aws_sns_topic_subscription" "refused" {
      topic_arn  = "arn:aws:sns:us-east-1:000000000000:no-such-topic"
      protocol   = "sqs"
      endpoint   = aws_sqs_queue.kept.arn
    }
    """


@pytest.fixture
def warm() -> Iterator[Warm]:
    keeper = Warm()
    yield keeper
    keeper.close()


def pid_of(project: Project) -> int:
    """Return the process of the provider that was lent to a project."""
    told: dict[str, Any] = json.loads(project.environment()["TF_REATTACH_PROVIDERS"])
    (one,) = told.values()
    return int(one["Pid"])


def shown(project: Project) -> tuple[Any, Any]:
    outputs, resources, outcome = project.show(60)
    assert outcome.ok
    return outputs, resources


def test_one_process_serves_two_architectures_one_after_the_other_each_in_its_account(
    project: Callable[..., Project], localstack: Instance, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids, accounts = [], []
    for _ in range(2):
        deployed = project(QUEUES, endpoint=localstack.endpoint, warm=warm, constraints="~> 3.39.0")
        assert deployed.init(60).ok
        pids.append(pid_of(deployed))
        applied, outcome = deployed.apply(90)
        assert outcome.ok, outcome.logs
        assert applied.resources_created == 5
        assert deployed.provider_version() == "3.39.0"
        outputs, resources = shown(deployed)
        assert (outputs["region"], outputs["secret"]) == ("us-east-1", "hidden")
        accounts.append(
            [entry["attributes"]["arn"].split(":")[4] for entry in resources if "arn" in entry["attributes"]]
        )
        assert set(accounts[-1]) == {deployed.account}

        monkeypatch.setenv("LSQM_WARM", "0")
        deployed.lent, lent = None, deployed.lent
        assert deployed._run("init", "-input=false", timeout=60).ok
        assert shown(deployed) == (outputs, resources), "with a provider of its own Terraform says the same"
        deployed.lent = lent
        monkeypatch.delenv("LSQM_WARM")

        assert deployed.drift(60)[0] == ()
        assert deployed.destroy(90).success
        assert client("sqs", localstack.endpoint, deployed.account).list_queues().get("QueueUrls", []) == []
        deployed.let_go()
    assert pids[0] == pids[1]
    assert accounts[0] != accounts[1]


def test_a_process_serves_one_architecture_at_a_time(project: Callable[..., Project], warm: Warm) -> None:
    first, second, elsewhere = (
        project(QUEUES, warm=warm, constraints="~> 3.39.0", region=region)
        for region in ("us-east-1", "us-east-1", "eu-west-1")
    )
    assert first.init(60).ok
    assert second.init(60).ok
    assert pid_of(first) != pid_of(second)
    first.let_go()
    assert elsewhere.init(60).ok
    assert pid_of(elsewhere) != pid_of(second)
    pids = [pid_of(second), pid_of(elsewhere)]
    second.let_go()
    elsewhere.let_go()
    warm.close()
    assert processes.gone(*pids)


def test_after_a_failed_command_what_comes_next_has_a_process_that_saw_nothing_of_it(
    project: Callable[..., Project], localstack: Instance, warm: Warm
) -> None:
    deployed = project({"main.tf": REFUSED}, endpoint=localstack.endpoint, warm=warm, constraints="any")
    assert deployed.init(60).ok
    before = pid_of(deployed)
    applied, outcome = deployed.apply(90)
    assert not outcome.ok
    assert "aws_sns_topic_subscription.refused" in outcome.logs
    assert applied.resources_created == 1
    assert processes.gone(before)
    assert deployed.lent is not None
    assert not deployed.lent.spoilt
    assert pid_of(deployed) != before
    assert deployed.destroy(90).success
    deployed.let_go()


def test_a_process_that_ended_by_itself_has_spoilt_what_it_was_lent_for(
    project: Callable[..., Project], localstack: Instance, warm: Warm
) -> None:
    deployed = project(QUEUES, endpoint=localstack.endpoint, warm=warm, constraints="~> 3.39.0")
    assert deployed.init(60).ok
    done = process.run(["kill", "-9", str(pid_of(deployed))], env={"PATH": "/usr/bin:/bin"}, timeout=10)
    assert done.ok
    assert processes.gone(pid_of(deployed))
    _, outcome = deployed.apply(90)
    assert not outcome.ok
    assert deployed.lent is not None
    assert deployed.lent.spoilt
    deployed.let_go()


def test_constraints_that_were_seen_before_are_resolved_anew_when_the_mirror_has_changed(
    project: Callable[..., Project], warm: Warm, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for versions in (("2.70.0", "3.39.0"), ("2.70.0", "3.39.0"), ("2.70.0", "3.39.0", "9.9.9")):
        monkeypatch.setattr(type(mirror), "versions", lambda *_, now=versions: now)
        each = project(QUEUES, warm=warm, constraints="~> 3.39.0")
        assert each.init(60).ok
        asked.append((each.root / ".terraform" / "providers").is_dir())
        each.let_go()
    assert asked == [True, False, True]


def test_a_provider_that_cannot_be_attached_to_is_started_by_terraform(warm: Warm, mirror: Mirror) -> None:
    program = mirror.program("registry.terraform.io", "2.70.0")
    assert program is not None
    assert warm.lend(program, "registry.terraform.io/hashicorp/aws", {}, None) is None
    assert warm.lend(Path("/bin/false"), "registry.terraform.io/hashicorp/aws", {}, None) is None


def test_a_confined_process_serves_two_architectures_each_by_its_own_door(
    project: Callable[..., Project], localstack: Instance, warm: Warm
) -> None:
    pids, asked = [], []
    for name in ("a", "b"):
        with short_folder() as place:
            socket = place / "emulator"
            with Proxy(localstack.endpoint, socket=(socket, ENDPOINT)) as proxy:
                jail = Jail(socket=socket)
                deployed = project(QUEUES, endpoint=proxy.endpoint, warm=warm, constraints=name, jail=jail)
                assert deployed.init(60).ok
                assert deployed.lent is not None
                pids.append(deployed.lent.folder)
                applied, outcome = deployed.apply(90)
                assert outcome.ok, outcome.logs
                assert applied.resources_created == 5
                assert deployed.drift(60)[0] == ()
                assert deployed.destroy(90).success
                deployed.let_go()
                asked.append({exchange.operation for exchange in proxy.exchanges})
    assert pids[0] == pids[1], "it is one and the same process"
    assert asked[0] == asked[1]
    assert {"sqs.CreateQueue", "sns.CreateTopic", "sqs.DeleteQueue"} <= asked[0]


FILES = {
    "stack/main.tf": """
        resource "aws_s3_bucket" "site" { bucket_prefix = "among-files-" }

        resource "aws_s3_bucket_object" "page" {
          for_each = { here = "page.html", module = "${path.module}/page.html", whole = abspath("page.html") }
          bucket   = aws_s3_bucket.site.id
          key      = each.key
          source   = each.value
        }

        module "more" {
          source = "../more"
          bucket = aws_s3_bucket.site.id
        }
        """,
    "stack/page.html": "of the root",
    "more/main.tf": """
        variable "bucket" { type = string }
        resource "aws_s3_bucket_object" "page" {
          bucket = var.bucket
          key    = "more"
          source = "${path.module}/page.html"
        }
        """,
    "more/page.html": "of the module",
}


@contextmanager
def door_to(emulator: Instance, *, confined: bool) -> Iterator[tuple[str, Jail | None]]:
    """Offer the endpoint of an emulator, and the jail from which it is reached where there is to be one."""
    if not confined:
        yield emulator.endpoint, None
        return
    with short_folder() as place, Proxy(emulator.endpoint, socket=(place / "emulator", ENDPOINT)) as proxy:
        yield proxy.endpoint, Jail(socket=place / "emulator")


@pytest.mark.parametrize("confined", [False, True], ids=["free", "confined"])
def test_a_provider_among_an_architectures_files_finds_them_as_one_of_terraforms_own_and_serves_it_alone(
    project: Callable[..., Project], localstack: Instance, warm: Warm, *, confined: bool
) -> None:
    ended = []
    for text in ("of the root", "of another root"):
        with door_to(localstack, confined=confined) as (endpoint, jail):
            files = FILES | {"stack/page.html": text}
            asked = {"warm": warm, "constraints": "any", "reads_files": True, "jail": jail, "endpoint": endpoint}
            deployed = project(files, folder="stack", **asked)
            deployed.folder = deployed.root.parent
            assert deployed.init(60).ok
            assert deployed.lent is not None
            running = deployed.lent._running
            applied, outcome = deployed.apply(90)
            assert outcome.ok, outcome.logs
            assert applied.resources_created == 5
            assert deployed.lent._running is running, "one process has served all commands"
            objects = [each["attributes"] for each in shown(deployed)[1] if "key" in each["attributes"]]
            s3 = client("s3", localstack.endpoint, deployed.account)
            found = {
                each["key"]: s3.get_object(Bucket=each["bucket"], Key=each["key"])["Body"].read().decode()
                for each in objects
            }
            assert found == {"here": text, "module": text, "whole": text, "more": "of the module"}
            drift, _ = deployed.drift(60)
            assert [each.address for each in drift or ()] == ["aws_s3_bucket.site"], (
                "not the objects: they are alike"
            )
            assert deployed.destroy(90).success
            deployed.let_go()
            ended.append(running)
    assert ended[0] is not ended[1]
    assert [running.alive for running in ended] == [False, False]


def test_after_a_failed_command_the_next_provider_is_among_the_files_as_well(
    project: Callable[..., Project], localstack: Instance, warm: Warm
) -> None:
    asked = {"endpoint": localstack.endpoint, "warm": warm, "constraints": "any", "reads_files": True}
    deployed = project(FILES, folder="stack", **asked)
    assert deployed.init(60).ok
    assert deployed._run("plan", "-input=false", "-var=nobody=knows", timeout=60).returncode == 1
    _, outcome = deployed.apply(90)
    assert outcome.ok, outcome.logs
    assert deployed.destroy(90).success
    deployed.let_go()


MISSPELT = """
    resource "aws_sqs_queu" "orders" { name = "orders" }

    data "aws_reigon" "here" {}

    resource "aws_region" "other_kind" {}
    """


def test_of_a_type_that_no_provider_has_terraform_says_the_same_as_with_a_provider_of_its_own(
    project: Callable[..., Project], warm: Warm
) -> None:
    said = []
    for keeper in (warm, None):
        wrong = project({"main.tf": MISSPELT}, warm=keeper, constraints="any")
        assert wrong.init(60).ok
        assert (wrong.lent is not None) == (keeper is not None)
        applied, outcome = wrong.apply(60)
        assert not outcome.ok
        said.append(sorted(f"{each['summary']}: {each.get('detail')}" for each in applied.diagnostics))
        wrong.let_go()
    assert said[0] == said[1]
    assert any("aws_sqs_queu" in str(each) for each in said[0])
    assert any('data source "aws_region"' in str(each) for each in said[0]), (
        "it was told of that name's other kind"
    )


@pytest.mark.parametrize(
    ("spelt", "names"),
    [
        ('resource "aws_sqs_queue" "orders" {}', {"aws_sqs_queue"}),
        ('{"data": {"aws_region": {"here": {}}}}', {"aws_region"}),
        ('resource "terraform_data" "other_provider" {}\nresource "aws_sqs_queue" "orders" {}', {"aws_sqs_queue"}),
        ('resource "aws_sqs_queu" "misspelt" {}', None),
    ],
)
def test_terraform_is_told_of_the_types_that_a_configuration_names_and_of_all_where_one_does_not_exist(
    project: Callable[..., Project], warm: Warm, spelt: str, names: set[str] | None
) -> None:
    file = "main.tf.json" if spelt.startswith("{") else "main.tf"
    small = project({file: spelt}, warm=warm, constraints="any")
    assert small.init(60).ok
    done = small._run("providers", "schema", "-json", timeout=60)
    told = json.loads(done.stdout)["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    types = set(told.get("resource_schemas", {})) | set(told.get("data_source_schemas", {}))
    assert types == names if names else len(types) > 500
    assert "region" in told["provider"]["block"]["attributes"]
    small.let_go()
