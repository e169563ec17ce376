"""Resources that hang together: what is folded, what is lost with another, in which order they come."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_lsqm.discovery import cloudformation
from tests.discovery.cloudformation.support import convert, lost, main

STRANGE: tuple[str, dict[str, Any]] = ("Custom::Strange", {})


def function(role: Any = "r") -> dict[str, Any]:
    code = {"ZipFile": "def h(): ..."}
    properties = {"Role": role, "Runtime": "python3.8", "Handler": "index.h", "Code": code}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def test_a_functions_version_is_an_argument_of_the_function() -> None:
    version = ("AWS::Lambda::Version", {"FunctionName": ref("F"), "Description": "first"})
    alias = {"FunctionName": ref("F"), "FunctionVersion": att("V", "Version"), "Name": "live"}
    conversion = convert({"F": function(), "V": version, "A": ("AWS::Lambda::Alias", alias)})
    text = conversion.files["main.tf"]
    assert "publish = true" in " ".join(text.split())
    assert "function_version = aws_lambda_function.f.version" in text
    assert conversion.conversion.resources == 3
    assert conversion.conversion.lost_properties == ("V.Description",)


def test_a_gateway_is_attached_where_it_is_made() -> None:
    resources = {
        "Vpc": ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        "Gate": ("AWS::EC2::InternetGateway", {}),
        "Attached": ("AWS::EC2::VPCGatewayAttachment", {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gate")}),
        "Address": {"Type": "AWS::EC2::EIP", "DependsOn": "Attached"},
    }
    text = main(resources)
    assert 'resource "aws_internet_gateway" "gate" {\n  vpc_id = aws_vpc.vpc.id\n}' in text
    assert "depends_on = [aws_internet_gateway.gate]" in text


def test_folding_leaves_the_callers_template_alone() -> None:
    template = {
        "Resources": {
            "F": function(),
            "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": ref("F")}},
        }
    }
    before = copy.deepcopy(template)
    cloudformation.convert(template, name="it")
    assert template == before


def test_what_belongs_to_a_lost_one_is_lost_with_it() -> None:
    version = ("AWS::Lambda::Version", {"FunctionName": ref("F")})
    conversion = convert(
        {"S": STRANGE, "F": function(att("S", "Arn")), "V": version, "Q": ("AWS::SQS::Queue", {})}
    )
    assert lost(conversion) == {
        "S": "its type has no counterpart",
        "F": "it refers to S, which was lost",
        "V": "it belongs to F, which was lost",
    }


def test_a_version_without_its_function_has_no_counterpart() -> None:
    conversion = convert({"V": ("AWS::Lambda::Version", {"FunctionName": "else"}), "Q": ("AWS::SQS::Queue", {})})
    assert lost(conversion) == {"V": "its type has no counterpart"}


def test_a_loss_goes_on_along_what_is_required_and_stops_at_what_is_not() -> None:
    resources = {
        "Strange": STRANGE,
        "Policy": ("AWS::SQS::QueueInlinePolicy", {"Queue": att("Strange", "Url"), "PolicyDocument": {}}),
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"KmsMasterKeyId": ref("Strange")},
            "DependsOn": ["Policy"],
        },
    }
    conversion = convert(resources)
    assert lost(conversion) == {
        "Strange": "its type has no counterpart",
        "Policy": "it refers to Strange, which was lost",
    }
    assert conversion.conversion.lost_properties == ("Queue.DependsOn", "Queue.KmsMasterKeyId")
    assert 'resource "aws_sqs_queue" "queue" {\n}' in conversion.files["main.tf"]


def test_a_resource_that_was_built_before_the_other_was_lost_is_built_again() -> None:
    # The subscription comes first in the template, and the topic is lost only when it is built.
    resources: dict[str, Any] = {
        "Topics": ("AWS::SNS::TopicInlinePolicy", {"TopicArn": ref("Alarm"), "PolicyDocument": {}}),
        "Alarm": ("AWS::CloudWatch::Alarm", {"Namespace": "n"}),
        "Queue": ("AWS::SQS::Queue", {}),
    }
    conversion = convert(resources)
    assert lost(conversion) == {
        "Alarm": "it lacks what Terraform requires as comparison_operator",
        "Topics": "it refers to Alarm, which was lost",
    }


def test_names_become_terraforms_and_stay_apart() -> None:
    names = ["MyHTTPQueue", "myHttpQueue", "9Lives", "VPCEndpoint"]
    text = main({name: ("AWS::SQS::Queue", {}) for name in names})
    found = [line.split('"')[3] for line in text.splitlines() if line.startswith("resource")]
    assert found == ["my_http_queue", "my_http_queue_2", "r_9_lives", "vpc_endpoint"]


def test_the_order_that_is_asked_for_is_kept_once() -> None:
    resources: dict[str, Any] = {
        "A": ("AWS::SQS::Queue", {}),
        "B": {"Type": "AWS::SQS::Queue", "DependsOn": ["A", "A", "B"]},
    }
    assert "depends_on = [aws_sqs_queue.a]" in main(resources)


def test_what_uses_a_role_comes_after_its_policies() -> None:
    policies = [{"PolicyName": "p", "PolicyDocument": {}}]
    resources = {
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}, "Policies": policies}),
        "F": function(att("Role", "Arn")),
    }
    assert "depends_on = [aws_iam_role_policy.role]" in " ".join(main(resources).split())


@pytest.mark.parametrize("said", [True, False])
def test_a_deployment_comes_after_the_methods_whether_it_says_so_or_not(said: bool) -> None:
    method = {
        "RestApiId": ref("Api"),
        "ResourceId": att("Api", "RootResourceId"),
        "HttpMethod": "GET",
        "Integration": {"Type": "MOCK", "IntegrationResponses": [{"StatusCode": 200}]},
        "MethodResponses": [{"StatusCode": 200}],
    }
    deployment: dict[str, Any] = {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": ref("Api")}}
    if said:
        deployment["DependsOn"] = "Get"
    resources: dict[str, Any] = {
        "D": deployment,
        "Get": ("AWS::ApiGateway::Method", method),
        "Api": ("AWS::ApiGateway::RestApi", {"Name": "a"}),
        "Other": ("AWS::ApiGateway::RestApi", {"Name": "b"}),
        "OtherGet": (
            "AWS::ApiGateway::Method",
            {**method, "RestApiId": ref("Other"), "ResourceId": att("Other", "RootResourceId")},
        ),
    }
    text = main(resources)
    body = text.partition('"aws_api_gateway_deployment" "d" {')[2].partition("\n}\n")[0]
    assert "aws_api_gateway_integration.get," in body
    assert "other" not in body
    answer = text.partition('"aws_api_gateway_integration_response" "get" {')[2].partition("\n}\n")[0]
    assert "depends_on  = [aws_api_gateway_integration.get, aws_api_gateway_method_response.get]" in answer


@pytest.mark.parametrize("resource", [{}, "queue", None, {"Type": 1}])
def test_what_has_no_type_is_lost(resource: Any) -> None:
    conversion = cloudformation.convert(
        {"Resources": {"A": resource, "B": {"Type": "AWS::SQS::Queue"}}}, name="it"
    )
    assert lost(conversion) == {"A": "it has no type"}
