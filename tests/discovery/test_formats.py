"""What is no Terraform yet becomes some: which files are taken for what, what comes along, what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import formats
from pytest_lsqm.errors import DiscoveryError, LsqmError
from tests.support.files import write_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.discovery.directory import Incoming

QUEUE = "  Q%d:\n    Type: AWS::SQS::Queue\n"
STRANGE = "  Strange:\n    Type: Custom::Strange\n    Properties:\n      ServiceToken: x\n"

SERVICE = """
service: orders
provider:
  name: aws
  runtime: python3.12
functions:
  take:
    handler: src/handler.take
resources:
  Resources:
    Queue:
      Type: AWS::SQS::Queue
"""


def template(queues: int, more: str = "") -> str:
    inner = "".join(QUEUE % number for number in range(queues))
    return f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{inner}{more}"


def found(tmp_path: Path, files: Mapping[str, str]) -> dict[str, Incoming | str]:
    """Return what there is in a package by its path; a reason where it is refused."""
    package = write_tree(tmp_path / "package", files)
    taken: dict[str, Incoming | str] = {}
    for path, read in formats.convertible(package, tmp_path / "scratch"):
        try:
            taken[path] = read()
        except LsqmError as error:
            taken[path] = str(error)
    return taken


def one(tmp_path: Path, files: Mapping[str, str]) -> Incoming:
    ((_, incoming),) = found(tmp_path, files).items()
    assert not isinstance(incoming, str), incoming
    return incoming


def test_a_template_becomes_terraform_and_says_what_it_was(tmp_path: Path) -> None:
    incoming = one(tmp_path, {"infra/stack.yaml": template(2)})
    architecture = incoming.architecture
    assert (architecture.resource_count, architecture.services, architecture.skipped) == (2, ("sqs",), False)
    assert architecture.conversion
    assert (architecture.conversion.source_format, architecture.conversion.resources) == ("cloudformation", 2)
    assert architecture.conversion.lost == ()
    assert any("aws_sqs_queue" in path.read_text() for path in incoming.files.values())


def test_a_tenth_may_be_lost_and_is_listed(tmp_path: Path) -> None:
    architecture = one(tmp_path, {"stack.yaml": template(9, STRANGE)}).architecture
    assert not architecture.skipped
    assert architecture.conversion
    assert [(lost.name, lost.type) for lost in architecture.conversion.lost] == [("Strange", "Custom::Strange")]


def test_what_lost_more_than_a_tenth_is_skipped_with_the_types_that_were_lost(tmp_path: Path) -> None:
    architecture = one(tmp_path, {"stack.yaml": template(8, STRANGE)}).architecture
    assert architecture.skipped
    assert architecture.skip_reason == "1 of 9 resources could not be converted to Terraform: Custom::Strange"


def test_a_template_of_which_all_is_lost_is_refused(tmp_path: Path) -> None:
    (reason,) = found(tmp_path, {"stack.yaml": template(0, STRANGE)}).values()
    assert reason == "1 of 1 resources could not be converted to Terraform: Custom::Strange"


def test_a_service_becomes_terraform_with_the_source_of_its_functions(tmp_path: Path) -> None:
    files = {
        "serverless.yml": SERVICE,
        "src/handler.py": "def take(event, context): ...\n",
        "node_modules/x/i.js": "",
    }
    incoming = one(tmp_path, files)
    assert incoming.architecture.source_type == "serverless"
    assert incoming.architecture.name == "orders"
    assert {"lambda", "sqs"} <= set(incoming.architecture.services)
    assert "src/handler.py" in incoming.files
    assert not [name for name in incoming.files if "node_modules" in name]


def test_only_templates_are_taken_for_templates(tmp_path: Path) -> None:
    others = {
        "package.json": '{"name": "x"}',
        "action.yml": "on: push\nResources: none\n",
        "cdk.out/Stack.template.json": '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}',
        "node_modules/x/stack.yaml": template(1),
        ".hidden/stack.yaml": template(1),
        "large.yaml": template(1) + "#" * formats.MAX_TEMPLATE,
        "stack.txt": template(1),
    }
    assert found(tmp_path, others) == {}


def test_a_link_is_not_read(tmp_path: Path) -> None:
    secret = write_tree(tmp_path / "secret", {"stack.yaml": template(1)})
    package = write_tree(tmp_path / "package", {"a.txt": ""})
    (package / "stack.yaml").symlink_to(secret / "stack.yaml")
    assert list(formats.convertible(package, tmp_path / "scratch")) == []


@pytest.mark.parametrize("path", ["../../secret", "../../secret/handler.py", "/etc/passwd"])
def test_a_functions_source_outside_of_the_package_is_not_taken(tmp_path: Path, path: str) -> None:
    write_tree(tmp_path / "secret", {"handler.py": "SECRET = 1\n"})
    text = template(20) + "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    text = text.replace("\nResources", "\nTransform: AWS::Serverless-2016-10-31\nResources")
    text += f"      CodeUri: {path}\n      Handler: handler.x\n      Runtime: python3.12\n"
    incoming = one(tmp_path, {"a/stack.yaml": text})
    assert incoming.architecture.conversion
    lost = {each.name: each.reason for each in incoming.architecture.conversion.lost}
    assert lost == {"F": "its code lies outside of the template's folder"}
    assert set(incoming.files) == {"main.tf"}


def test_a_source_that_a_link_leads_out_of_the_package_is_refused(tmp_path: Path) -> None:
    secret = write_tree(tmp_path / "secret", {"handler.py": "SECRET = 1\n"})
    package = write_tree(tmp_path / "package", {"serverless.yml": SERVICE})
    (package / "src").symlink_to(secret)
    ((_, read),) = formats.convertible(package, tmp_path / "scratch")
    try:
        incoming = read()
    except DiscoveryError:
        return
    assert not [each for each in incoming.files.values() if b"SECRET" in each.read_bytes()]


def test_a_cdk_app_is_told_unless_it_was_synthesised(tmp_path: Path) -> None:
    files = {"app/cdk.json": '{"app": "python3 app.py"}'}
    (reason,) = found(tmp_path, files).values()
    assert reason == "it is a CDK app: `cdk synth` would have to run it; see --allow-exec"
    (tmp_path / "scratch").mkdir()
    formats.note(tmp_path / "scratch", {"app/cdk.json": "needs go, which is not here"})
    assert found(tmp_path, files) == {"app/cdk.json": "needs go, which is not here"}


def test_each_stack_of_a_synthesised_app_is_an_architecture(tmp_path: Path) -> None:
    stack = '{"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}}'
    out = write_tree(
        tmp_path / "out",
        {
            "manifest.json": f'{{"artifacts": {{"Orders": {stack}}}}}',
            "S.template.json": '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}',
        },
    )
    (tmp_path / "scratch").mkdir()
    formats.note(tmp_path / "scratch", {"cdk.json": str(out)})
    taken = found(tmp_path, {"cdk.json": "{}"})
    assert list(taken) == ["cdk.json#Orders"]
    incoming = taken["cdk.json#Orders"]
    assert not isinstance(incoming, str), incoming
    assert (incoming.architecture.source_type, incoming.architecture.services) == ("cdk", ("sqs",))
