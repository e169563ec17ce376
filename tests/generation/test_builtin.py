"""The built-in generator's own parts: how tests become files, and what is read back of an unknown type."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_lsqm.generation.base import Brief, Resource
from pytest_lsqm.generation.builtin import BuiltinGenerator, looks, probed_types, writing
from pytest_lsqm.generation.builtin.readback import read_back
from pytest_lsqm.generation.builtin.world import World
from pytest_lsqm.generation.checks import objections
from pytest_lsqm.models import Architecture
from tests.support.architectures import HASH

ARN = "arn:aws:sqs:{region}:123456789012:{name}"


def queue(name: str, address: str = "", region: str = "us-east-1", **asked: Any) -> Resource:
    attributes = {
        "arn": ARN.format(region=region, name=name),
        "id": f"http://localhost/{name}",
        "name": name,
        "fifo_queue": False,
        "redrive_policy": "",
    }
    return Resource(address or f"aws_sqs_queue.{name}", "aws_sqs_queue", name, attributes | asked, asked)


def repository(name: str = "recipes") -> Resource:
    """A resource whose type has no probe."""
    attributes = {"arn": f"arn:aws:codecommit:us-east-1:123456789012:{name}", "id": name, "repository_name": name}
    address = f"aws_codecommit_repository.{name}"
    return Resource(address, "aws_codecommit_repository", name, attributes, {"repository_name": name})


def draft(*resources: Resource, description: str | None = "Queues of a bakery.") -> dict[str, str]:
    architecture = Architecture(
        hash=HASH,
        source_url="file:///x",
        source_type="github",
        discovered_at=datetime.now(UTC),
        services=("sqs",),
        resource_count=1,
        description=description,
        region="us-east-1",
    )
    (found,) = BuiltinGenerator().generate([Brief(architecture, folder=None, resources=resources)])  # type: ignore[arg-type]
    assert found.app is not None, found.reason
    return found.app.files


def functions(text: str) -> list[str]:
    return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


def test_the_same_deployment_gives_the_same_app() -> None:
    resources = [queue("a"), queue("b"), repository()]
    assert draft(*resources) == draft(*reversed(resources))


def test_what_is_written_passes_ruff_and_the_static_checks(tmp_path: Path) -> None:
    files = draft(queue("a", visibility_timeout_seconds=40), queue("b", region="eu-west-1"), repository())
    assert objections(files) == []
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for command in (["check", "--select=E,F,W,I,B,UP,SIM"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_tests_that_differ_in_the_address_alone_are_written_once() -> None:
    names = functions(draft(*(queue(name) for name in "abc"))["test_app.py"])
    assert names == ["test_every_queue_gives_back_what_is_sent"]
    assert functions(draft(queue("a"))["test_app.py"]) == ["test_queue_a_gives_back_what_is_sent"]


def test_names_that_would_be_the_same_are_told_apart() -> None:
    tests = [
        writing.Test("queue_{}_works", f"assert sqs.{call}(deployed['a.b'])", ("a.b",), label="b")
        for call in ("one", "two")
    ]
    assert functions(writing.app_files(tests, "x")["test_app.py"]) == [
        "test_queue_b_works",
        "test_queue_b_works_2",
    ]


def test_an_address_with_quotes_and_keys_is_written_as_it_is() -> None:
    address = 'module.tenants["a\'b"].aws_sqs_queue.q[0]'
    text = draft(queue("q", address))["test_app.py"]
    literals = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    assert address in literals
    assert all(name.isidentifier() for name in functions(text))


def test_a_resource_of_another_region_is_met_with_a_client_of_that_region() -> None:
    files = draft(queue("far", region="eu-west-1"))
    assert 'boto3.client("sqs", region_name="eu-west-1")' in files["test_app.py"]
    assert "def sqs" not in files["conftest.py"]


def test_only_the_helpers_that_a_test_needs_are_there() -> None:
    files = draft(repository())
    assert functions(files["app.py"]) == ["holding"]
    assert "import time" not in files["app.py"]


def test_settings_are_compared_with_what_was_asked_and_not_with_what_came_back() -> None:
    it = queue("a", visibility_timeout_seconds=40)
    wrong = Resource(it.address, it.type, it.name, {**it.attributes, "visibility_timeout_seconds": 30}, it.asked)
    assert '"VisibilityTimeout": "40"' in draft(wrong)["test_app.py"]


def test_a_value_with_an_account_in_it_is_never_a_literal() -> None:
    it = queue("a", tags={"owner": "123456789012", "team": "dough"})
    world = World([it], "us-east-1")
    assert world.asked(it, "tags") is None
    assert world.asked(it, "tags", "owner") is None
    assert world.asked(it, "tags", "team") == "dough"


def test_what_nobody_asked_for_is_read_at_run_time_and_is_no_literal() -> None:
    it = queue("made-up-20261123", fifo_queue=True)
    world = World([it], "us-east-1")
    assert world.source(it, "name") == "deployed['aws_sqs_queue.made-up-20261123']['name']"
    assert world.source(it, "fifo_queue") == "True"


def test_a_type_without_a_probe_is_read_back_by_the_api_that_describes_it() -> None:
    (test,) = read_back(repository(), World([repository()], "us-east-1"))
    assert "codecommit.get_repository(repositoryName=it['repository_name'])" in test.body
    assert "holding(answer, it['arn'])" in test.body
    assert "assert found.get('repositoryName') == it['repository_name']" in test.body


def test_a_resource_is_not_looked_for_by_an_id_that_the_provider_put_together() -> None:
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
    type_ = "aws_dynamodb_kinesis_streaming_destination"
    attributes = {"id": f"carts,{stream}", "stream_arn": stream, "table_name": "carts"}
    link = Resource(f"{type_}.x", type_, "x", attributes, {})
    assert not any("it['id']" in test.body for test in read_back(link, World([link], "us-east-1")))


def test_a_type_that_no_api_describes_is_not_claimed_to_be_tested() -> None:
    odd = Resource("aws_nothing_at_all.x", "aws_nothing_at_all", "x", {"id": "x"}, {})
    assert list(read_back(odd, World([odd], "us-east-1"))) == []


def test_types_that_are_only_read_back_are_named_in_the_metadata() -> None:
    architecture = Architecture(
        hash=HASH,
        source_url="file:///x",
        source_type="github",
        discovered_at=datetime.now(UTC),
        services=("kafka",),
        resource_count=1,
    )
    odd = Resource("aws_msk_cluster.x", "aws_msk_cluster", "x", {"id": "a", "arn": "arn:x", "name": "x"}, {})
    (found,) = BuiltinGenerator().generate([Brief(architecture, folder=None, resources=(queue("a"), odd))])  # type: ignore[arg-type]
    assert found.app is not None
    assert found.app.unprobed == ("aws_msk_cluster",)
    assert found.app.model_used == "builtin"


def test_a_deployment_of_which_nothing_can_be_said_has_no_app_but_a_reason() -> None:
    architecture = Architecture(
        hash=HASH,
        source_url="file:///x",
        source_type="github",
        discovered_at=datetime.now(UTC),
        services=("x",),
        resource_count=1,
    )
    (found,) = BuiltinGenerator().generate([Brief(architecture, folder=None)])  # type: ignore[arg-type]
    assert found.app is None
    assert "--lsqm-generate claude" in (found.reason or "")


@pytest.mark.parametrize("text", ['says "hi"', "ends with a backslash \\", "two\nlines", "x " * 100])
def test_any_description_makes_a_docstring(text: str) -> None:
    files = draft(queue("a"), description=text)
    assert ast.get_docstring(ast.parse(files["test_app.py"]))


def test_at_least_45_types_are_probed() -> None:
    assert len(probed_types()) >= 45


def test_every_helper_is_as_ruff_wants_it(tmp_path: Path) -> None:
    assert probed_types()
    text = "\n\n\n".join(text for _, text in sorted(writing.HELPERS.items())) + "\n"
    (tmp_path / "app.py").write_text(looks.formatted({"app.py": text})["app.py"])
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select=E,W,F", "--ignore=F821", "--isolated", "app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_page_of_probes_is_what_the_tool_writes() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", "import probe_table; print(probe_table.page(), end='')"],
        cwd=root / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (root / "docs" / "probes.md").read_text(), "run tools/probe_table.py"
