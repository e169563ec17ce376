"""Conditions: decided by the parameters' defaults where that can be, by Terraform where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discovery.cloudformation.support import convert, lost, main, value, why

PARAMETERS = {
    "Stage": {"Type": "String", "Default": "dev"},
    "Zone": {"Type": "String"},
    "Flag": {"Type": "String", "Default": True},
}
IS_DEV = {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}
LATER = {"Fn::Equals": [{"Ref": "Zone"}, ""]}


def chosen(condition: Any, **others: Any) -> str:
    """Return what becomes of `Fn::If` with a condition: "yes", "no", or an expression."""
    given = {"Fn::If": ["C", "yes", "no"]}
    return value(given, Parameters=PARAMETERS, Conditions={"C": condition, **others})


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (IS_DEV, '"yes"'),
        ({"Fn::Equals": ["prod", {"Ref": "Stage"}]}, '"no"'),
        ({"Fn::Equals": [{"Ref": "Flag"}, "true"]}, '"yes"'),
        ({"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws"]}, '"yes"'),
        ({"Fn::Not": [IS_DEV]}, '"no"'),
        ({"Fn::And": [IS_DEV, {"Fn::Not": [IS_DEV]}]}, '"no"'),
        ({"Fn::Or": [LATER, IS_DEV]}, '"yes"'),
        ({"Fn::And": [LATER, {"Fn::Not": [IS_DEV]}]}, '"no"'),
        ({"Condition": "Other"}, '"yes"'),
        (LATER, '(local.condition_C ? "yes" : "no")'),
    ],
)
def test_a_choice_is_made_where_it_can_be(condition: Any, written: str) -> None:
    assert chosen(condition, Other=IS_DEV) == written


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        (LATER, 'var.zone == ""'),
        ({"Fn::Not": [LATER]}, '!(var.zone == "")'),
        ({"Fn::And": [IS_DEV, LATER]}, 'var.zone == ""'),
        ({"Fn::Or": [LATER, {"Condition": "Other"}]}, '(var.zone == "" || local.condition_Other)'),
        ({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, 'data.aws_region.current.name == "us-east-1"'),
    ],
)
def test_what_is_known_later_is_a_local_value(condition: Any, expression: str) -> None:
    text = main(
        {"It": {"Type": "AWS::SQS::Queue", "Condition": "C"}},
        Parameters=PARAMETERS,
        Conditions={"C": condition, "Other": {"Fn::Equals": [{"Ref": "Zone"}, "x"]}},
    )
    [line] = [line for line in text.splitlines() if line.strip().startswith("condition_C ")]
    assert line.partition("=")[2].strip() == expression
    assert "count = local.condition_C ? 1 : 0" in text


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"Condition": "C"}, "the condition C depends on itself"),
        ({"Fn::Contains": [1]}, "its condition wants Fn::Contains"),
        ("yes", "its condition cannot be read"),
        ({"Fn::Equals": [1]}, "its condition wants Fn::Equals"),
    ],
)
def test_a_condition_that_cannot_be_read_costs_what_hangs_on_it(condition: Any, reason: str) -> None:
    assert why({"Fn::If": ["C", "a", "b"]}, Conditions={"C": condition}) == reason
    conversion = convert(
        {"It": {"Type": "AWS::SQS::Queue", "Condition": "C"}, "B": ("AWS::SQS::Queue", {})},
        Conditions={"C": condition},
    )
    assert lost(conversion) == {"It": reason}


def test_what_a_condition_leaves_out_is_neither_there_nor_lost() -> None:
    resources = {
        "Gone": {"Type": "AWS::SQS::Queue", "Condition": "C"},
        "It": ("AWS::SQS::Queue", {"QueueName": {"Fn::If": ["C", {"Fn::GetAtt": ["Gone", "Arn"]}, "mine"]}}),
    }
    conversion = convert(resources, Parameters=PARAMETERS, Conditions={"C": {"Fn::Not": [IS_DEV]}})
    assert (conversion.conversion.resources, conversion.conversion.lost) == (1, ())
    assert 'name = "mine"' in conversion.files["main.tf"]
    assert "gone" not in conversion.files["main.tf"]


def test_a_counted_resource_is_named_with_its_number() -> None:
    resources = {
        "Some": {"Type": "AWS::SQS::Queue", "Condition": "C"},
        "It": ("AWS::SQS::Queue", {"QueueName": {"Fn::If": ["C", {"Fn::GetAtt": ["Some", "QueueName"]}, "mine"]}}),
    }
    text = main(resources, Parameters=PARAMETERS, Conditions={"C": LATER})
    assert '(local.condition_C ? aws_sqs_queue.some[0].name : "mine")' in text


def test_one_of_two_values_may_be_none() -> None:
    given = {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}
    assert value(given, Parameters=PARAMETERS, Conditions={"C": LATER}) == '(local.condition_C ? "a" : null)'


def test_a_whole_list_of_objects_may_be_chosen_by_now() -> None:
    subscription = [{"Endpoint": "a@example.test", "Protocol": "email"}]
    topic = ("AWS::SNS::Topic", {"Subscription": {"Fn::If": ["C", subscription, {"Ref": "AWS::NoValue"}]}})
    with_it = main({"T": topic}, Parameters=PARAMETERS, Conditions={"C": IS_DEV})
    without = main({"T": topic}, Parameters=PARAMETERS, Conditions={"C": {"Fn::Not": [IS_DEV]}})
    assert ("aws_sns_topic_subscription" in with_it, "aws_sns_topic_subscription" in without) == (True, False)
    later = convert({"T": topic}, Parameters=PARAMETERS, Conditions={"C": LATER})
    assert later.conversion.lost_properties == ("T.Subscription",)
