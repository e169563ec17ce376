"""From a template to files, with the account of what was lost on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery import cloudformation, directory, formats
from pytest_lsqm.discovery.cloudformation import converting
from pytest_lsqm.errors import DiscoveryError
from tests.discovery.cloudformation import templates
from tests.discovery.cloudformation.support import convert, lost
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

QUEUE: tuple[str, dict[str, Any]] = ("AWS::SQS::Queue", {})
STRANGE: tuple[str, dict[str, Any]] = ("Custom::Strange", {})


def read(folder: Path, resources: dict[str, tuple[str, Any]]) -> directory.Incoming:
    """Read a template as mining does; its resources have no properties but those that are given."""
    lines = [f"  {name}: {{Type: '{kind}'}}" for name, (kind, _) in resources.items()]
    write_tree(folder / "package", {"stack.yaml": "AWSTemplateFormatVersion: x\nResources:\n" + "\n".join(lines)})
    [(shown, make)] = formats.convertible(folder / "package", folder / "scratch")
    assert shown == "stack.yaml"
    return make()


@pytest.mark.parametrize("name", templates.NAMES)
def test_nothing_is_lost_of_templates_as_people_write_them(name: str) -> None:
    conversion = templates.converted(name).conversion
    assert (conversion.lost, conversion.lost_properties) == ((), ())
    assert conversion.resources >= 11


def test_the_account_says_what_each_lost_one_was_and_why() -> None:
    conversion = convert({"Q": QUEUE, "S": STRANGE}).conversion
    assert (conversion.source_format, conversion.resources) == ("cloudformation", 2)
    [gone] = conversion.lost
    assert (gone.name, gone.type, gone.reason) == ("S", "Custom::Strange", "its type has no counterpart")


@pytest.mark.parametrize(("queues", "skipped"), [(9, False), (8, True)])
def test_more_than_a_tenth_of_the_resources_lost_is_too_much(tmp_path: Path, queues: int, skipped: bool) -> None:
    incoming = read(tmp_path, {"S": STRANGE, **{f"Q{n}": QUEUE for n in range(queues)}})
    architecture = incoming.architecture
    assert architecture.skipped is skipped
    assert architecture.conversion is not None
    assert [each.name for each in architecture.conversion.lost] == ["S"]
    assert ("could not be converted to Terraform" in (architecture.skip_reason or "")) is skipped


def test_a_template_of_which_nothing_is_left_is_no_architecture(tmp_path: Path) -> None:
    with pytest.raises(DiscoveryError, match="could not be converted to Terraform"):
        read(tmp_path, {"S": STRANGE})


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ({}, "the template has no resources"),
        ({"Resources": {}}, "the template has no resources"),
        ({"Resources": ["a"]}, "the template has no resources"),
    ],
)
def test_what_has_no_resources_is_refused(template: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DiscoveryError, match=sentence):
        cloudformation.convert(template, name="it")


def test_too_many_resources_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "MAX_RESOURCES", 2)
    with pytest.raises(DiscoveryError, match="more than 2 resources"):
        convert({"A": QUEUE, "B": QUEUE, "C": QUEUE})


def test_a_value_that_is_nested_without_end_costs_its_resource() -> None:
    deep: Any = "x"
    for _ in range(3000):
        deep = [deep]
    conversion = convert({"A": ("AWS::SQS::Queue", {"RedrivePolicy": deep}), "B": QUEUE})
    assert lost(conversion) == {"A": "it is nested too deep"}


def test_outputs_are_kept_but_for_those_that_cannot_be_had() -> None:
    outputs = {
        "Url": {"Value": {"Ref": "Q"}, "Description": "where"},
        "Far": {"Value": {"Fn::ImportValue": "x"}},
        "None": {},
        "Off": {"Value": "x", "Condition": "C"},
        "Later": {"Value": {"Ref": "Q"}, "Condition": "L"},
    }
    conversion = convert(
        {"Q": QUEUE},
        Outputs=outputs,
        Parameters={"P": {"Type": "String"}},
        Conditions={"C": {"Fn::Equals": [1, 2]}, "L": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
    )
    assert conversion.files["outputs.tf"] == (
        'output "Url" {\n  description = "where"\n  value       = aws_sqs_queue.q.id\n}\n\n'
        'output "Later" {\n  value = local.condition_L ? aws_sqs_queue.q.id : null\n}\n'
    )
    assert conversion.conversion.lost_properties == ("Outputs.Far", "Outputs.None")


def test_only_the_local_values_that_are_asked_for_are_there_with_those_that_these_ask_for() -> None:
    conditions = {
        "A": {"Fn::Equals": [{"Ref": "P"}, "x"]},
        "B": {"Fn::Not": [{"Condition": "A"}]},
        "Unused": {"Fn::Equals": [{"Ref": "P"}, "y"]},
    }
    resource = {"Type": "AWS::SQS::Queue", "Condition": "B"}
    files = convert({"Q": resource}, Conditions=conditions, Parameters={"P": {"Type": "String"}}).files
    found = re.findall(
        r"^  (\w+) += ", files["main.tf"].partition("locals {")[2].partition("\n}")[0], re.MULTILINE
    )
    assert found == ["condition_A", "condition_B"]
    assert 'variable "p"' in files["variables.tf"]


@pytest.mark.parametrize(("name", "written"), [("my stack!", "my-stack"), ("x" * 60, "x" * 40), ("--", "stack")])
def test_the_stacks_name_is_one_that_names_may_begin_with(name: str, written: str) -> None:
    template = {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "AWS::StackName"}}}}
    }
    text = cloudformation.convert(template, name=name).files["main.tf"]
    assert f'stack_name = "{written}"' in text


def test_data_is_asked_for_only_where_it_is_used() -> None:
    assert "data " not in convert({"Q": QUEUE}).files["main.tf"]
    text = convert({"Q": ("AWS::SQS::Queue", {"QueueName": {"Ref": "AWS::AccountId"}})}).files["main.tf"]
    assert text.count("data ") == 1
    assert 'data "aws_caller_identity" "current" {\n}' in text
