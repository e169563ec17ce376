"""CloudFormation's functions as Terraform's expressions, or the reason why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discovery.cloudformation.support import convert, lost, main, value, why

TOPIC = {"Topic": ("AWS::SNS::Topic", {"TopicName": "t"})}
PARAMETERS = {
    "Name": {"Type": "String", "Default": "n"},
    "Wanted": {"Type": "String"},
    "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "Count": {"Type": "Number", "Default": 3},
    "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/an/image"},
}
CIDR = (
    'element([for number in range(2) : cidrsubnet("10.0.0.0/16", '
    '32 - 8 - tonumber(split("/", "10.0.0.0/16")[1]), number)], 0)'
)
MAPPINGS = {"Map": {"a": {"x": "ax", "list": ["l"]}, "1": {"2": "three"}}}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"Ref": "Name"}, "var.name"),
        ({"Ref": "Topic"}, "aws_sns_topic.topic.id"),
        ({"Ref": "AWS::Region"}, "data.aws_region.current.name"),
        ({"Ref": "AWS::StackName"}, "local.stack_name"),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, "aws_sns_topic.topic.name"),
        ({"Fn::GetAtt": "Topic.TopicName"}, "aws_sns_topic.topic.name"),
        ({"Fn::Sub": "a-${Name}-${Topic.TopicName}"}, '"a-${var.name}-${aws_sns_topic.topic.name}"'),
        ({"Fn::Sub": "${Name}"}, "var.name"),
        ({"Fn::Sub": "${!Name}-${ Name }"}, '"$${Name}-${var.name}"'),
        ({"Fn::Sub": ["${A}-${Name}", {"A": {"Ref": "Wanted"}}]}, '"${var.wanted}-${var.name}"'),
        ({"Fn::Sub": "plain"}, '"plain"'),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, "b"]]}, '"a-${var.name}-b"'),
        ({"Fn::Join": ["-", ["a", 1]]}, '"a-1"'),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, 'join(",", var.names)'),
        ({"Fn::Select": [1, ["a", "b"]]}, '"b"'),
        ({"Fn::Select": ["0", {"Ref": "Names"}]}, "element(var.names, 0)"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", "a-b"]}]}, '"a"'),
        ({"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Name"}]}]}, 'element(split("-", var.name), 0)'),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "element(data.aws_availability_zones.current.names, 0)"),
        ({"Fn::FindInMap": ["Map", "a", "x"]}, '"ax"'),
        ({"Fn::FindInMap": ["Map", 1, 2]}, '"three"'),
        ({"Fn::FindInMap": ["Map", {"Ref": "Name"}, "x"]}, 'local.mapping_Map[var.name]["x"]'),
        ({"Fn::Base64": "x"}, 'base64encode("x")'),
        ({"Fn::Length": {"Ref": "Names"}}, "length(var.names)"),
        ({"Fn::ToJsonString": {"a": {"Ref": "Name"}}}, "jsonencode({"),
        (
            {"Fn::Select": [0, {"Fn::Cidr": ["10.0.0.0/16", 2, "8"]}]},
            CIDR,
        ),
    ],
)
def test_functions_become_expressions(given: Any, written: str) -> None:
    assert value(given, TOPIC, Parameters=PARAMETERS, Mappings=MAPPINGS).partition("\n")[0] == written


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Fn::ImportValue": "other-queue"}, "it wants a value that another stack exports"),
        ({"Fn::Transform": {"Name": "x"}}, "it wants Fn::Transform"),
        ({"Ref": "Nobody"}, "it refers to Nobody, which is not there"),
        ({"Ref": 1}, "it refers to what is no name"),
        ({"Ref": "AWS::NotificationARNs"}, "it wants AWS::NotificationARNs"),
        ({"Fn::GetAtt": ["Topic", "Colour"]}, "it wants Topic's Colour, which Terraform does not tell"),
        ({"Fn::GetAtt": "Topic"}, "it wants an attribute that cannot be read"),
        ({"Fn::Sub": "{{resolve:ssm:/a/b}}"}, "it wants a secret or a parameter of somebody's account"),
        ("{{resolve:secretsmanager:x}}", "it wants a secret or a parameter of somebody's account"),
        ({"Fn::Sub": [1, 2]}, "its Fn::Sub cannot be read"),
        ({"Fn::Sub": "${Names}"}, None),
        ({"Fn::Join": ["-"]}, "a function in it wants two arguments"),
        ({"Fn::Join": [{"Ref": "Name"}, ["a"]]}, "its Fn::Join cannot be read"),
        ({"Fn::Select": [5, ["a"]]}, "its Fn::Select picks what is not there"),
        ({"Fn::FindInMap": ["None", "a", "b"]}, 'it looks into the mapping "None", which is not there'),
        ({"Fn::FindInMap": ["Map", "a", "none"]}, "it looks into the mapping Map for what is not there"),
        ({"Fn::If": ["None", "a", "b"]}, "it wants the condition None, which is not there"),
        ({"Fn::If": ["None"]}, "its Fn::If cannot be read"),
        ({"Fn::Cidr": []}, "its Fn::Cidr cannot be read"),
    ],
)
def test_what_cannot_be_had_has_a_reason(given: Any, reason: str | None) -> None:
    conversion = convert(
        {"It": ("AWS::SQS::QueueInlinePolicy", {"Queue": given, "PolicyDocument": {}}), **TOPIC},
        Parameters=PARAMETERS,
        Mappings=MAPPINGS,
    )
    assert lost(conversion).get("It") == reason


def test_a_parameter_that_is_another_parameters_name_has_no_default() -> None:
    files = convert({"It": ("AWS::SQS::Queue", {"QueueName": {"Ref": "Image"}})}, Parameters=PARAMETERS).files
    assert files["variables.tf"] == 'variable "image" {\n  type = string\n}\n'


def test_variables_are_those_that_are_asked_for_with_their_types() -> None:
    given = {"Fn::Join": ["-", [{"Ref": "Count"}, {"Fn::Select": [0, {"Ref": "Names"}]}]]}
    files = convert({"It": ("AWS::SQS::Queue", {"QueueName": given})}, Parameters=PARAMETERS).files
    assert files["variables.tf"] == (
        'variable "names" {\n  type    = list(string)\n  default = ["a", "b"]\n}\n\n'
        'variable "count_" {\n  type    = number\n  default = 3\n}\n'
    )


@pytest.mark.parametrize("name", ["source", "count", "version", "locals", "lifecycle"])
def test_a_name_that_terraform_keeps_for_itself_is_not_a_variables(name: str) -> None:
    given = {name: {"Type": "String", "Default": "x"}}
    assert value({"Ref": name}, Parameters=given) == f"var.{name}_"


def test_no_value_is_as_if_it_were_not_there() -> None:
    text = main({"It": ("AWS::SQS::Queue", {"QueueName": {"Ref": "AWS::NoValue"}, "DelaySeconds": 1})})
    assert 'resource "aws_sqs_queue" "it" {\n  delay_seconds = 1\n}' in text


def test_a_text_of_a_list_is_refused() -> None:
    given = {"Fn::Sub": ["${A}", {"A": ["x"]}]}
    assert why(given) == "a part of its text is no text"


def test_functions_within_a_policy_are_resolved_where_they_stand() -> None:
    policy = {"Statement": [{"Resource": {"Fn::Sub": "arn:aws:s3:::${Name}/${!aws:username}"}}]}
    text = main(
        {"It": ("AWS::SQS::QueueInlinePolicy", {"Queue": "u", "PolicyDocument": policy})}, Parameters=PARAMETERS
    )
    assert 'Resource = "arn:aws:s3:::${var.name}/$${aws:username}"' in text
