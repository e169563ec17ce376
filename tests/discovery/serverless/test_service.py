"""A service as a whole: its file, its resources, its plugins, and what must not stay in the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.discovery import serverless
from pytest_lsqm.errors import DiscoveryError
from tests.discovery.serverless.services import HEAD, lost, properties, read
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = "functions:\n  hello: {handler: handler.run}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("serverless.yml", "service: shop\nprovider: aws\n"),
        ("serverless.yaml", "service: {name: shop}\nprovider: {name: aws}\n"),
        ("serverless.json", '\N{BYTE ORDER MARK}{"service": "shop", "provider": {"name": "aws"}}'),
    ],
)
def test_a_service_may_be_written_in_three_ways(tmp_path: Path, name: str, text: str) -> None:
    write_tree(tmp_path, {name: text})
    found = serverless.template(tmp_path)
    assert (found.name, found.template) == ("shop", {"AWSTemplateFormatVersion": "2010-09-09"})


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "there is no serverless.yml in the folder"),
        ({"serverless.ts": "x"}, "serverless.ts is a program"),
        ({"serverless.js": "x"}, "serverless.js is a program"),
        ({"serverless.yml": "a: ["}, "serverless.yml is no YAML: while parsing a flow node"),
        ({"serverless.yml": "- a"}, "serverless.yml is no service: its top is no mapping"),
        ({"serverless.yml": "? [a]\n: b"}, "serverless.yml is no YAML"),
        ({"serverless.json": "{"}, "serverless.json is no JSON"),
        ({"serverless.yml": "service: a\nprovider: {name: google}"}, "it is a service for google, not for aws"),
        ({"serverless.yml": "service: a"}, "it is a service for no cloud, not for aws"),
        ({"serverless.yml": "provider: aws"}, "it has no name"),
        (
            {"serverless.yml": "service: '${env:NAME}'\nprovider: aws"},
            "its name is not known: ${env:NAME} is a var",
        ),
        ({"serverless.yml": "service: a\nprovider: '${file(x.js)}'"}, "its provider is not known: ${file(x.js)}"),
        ({"serverless.yml": "service: a\nprovider: {name: aws, stage: '${env:S}'}"}, "its stage is not known"),
        (
            {"serverless.yml": "service: a\nprovider: aws\nfunctions: '${file(f.js)}'"},
            "its functions are not known",
        ),
        (
            {"serverless.yml": "service: a\nprovider: aws\nresources: '${file(f.js)}'"},
            "its resources are not known",
        ),
        (
            {"serverless.yml": "service: a\nprovider: aws\nresources: {Resources: '${file(f.js)}'}"},
            "its Resources are not known: ${file(f.js)} is given by a program",
        ),
        (
            {"serverless.yml": "service: a\nprovider: aws\nresources: {Conditions: {A: '${ssm:/a}'}}"},
            "its Conditions are not known: ${ssm:/a}",
        ),
        ({"serverless.yml": "component: nextjs"}, "it is a Serverless Component, which is a program"),
    ],
)
def test_what_is_no_service_that_can_be_read_is_refused(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    write_tree(tmp_path, files)
    with pytest.raises(DiscoveryError) as caught:
        serverless.template(tmp_path)
    assert str(caught.value).startswith(reason)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, {"serverless.yml": "#" * (2 * 1024 * 1024 + 1)})
    with pytest.raises(DiscoveryError, match="is larger than 2 MiB"):
        serverless.template(tmp_path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, {"secret.yml": "service: a\nprovider: aws\n", "service/x": ""})
    (tmp_path / "service" / "serverless.yml").symlink_to("../secret.yml")
    with pytest.raises(DiscoveryError, match="leads out of the package"):
        serverless.template(tmp_path / "service")


def test_a_file_beside_the_folder_is_read_where_the_package_has_it(tmp_path: Path) -> None:
    text = "service: ${file(../shared.yml):name}\nprovider: aws\n"
    write_tree(tmp_path, {"shared.yml": "name: shop", "service/serverless.yml": text})
    assert serverless.template(tmp_path / "service", top=tmp_path).name == "shop"
    with pytest.raises(DiscoveryError, match="is a file outside of the package"):
        serverless.template(tmp_path / "service")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("012345678901", "012345678901"),
        ("2012-10-17", "2012-10-17"),
        ("1:30", "1:30"),
    ],
)
def test_plain_words_are_what_yaml_1_2_makes_of_them(tmp_path: Path, written: str, read_as: str) -> None:
    resource = f"resources: {{Resources: {{A: {{Type: 'X::Y::Z', Properties: {{P: {written}}}}}}}}}\n"
    assert properties(read(tmp_path, HEAD + resource), "A")["P"] == read_as


# Resources


def test_resources_are_merged_from_all_their_parts_and_extended(tmp_path: Path) -> None:
    text = f"""{HEAD}{FUNCTION}resources:
  - Conditions: {{Live: !Equals [a, b]}}
    Resources:
      Queue: {{Type: 'AWS::SQS::Queue', Condition: Live}}
  - ${{file(more.yml)}}
  - Outputs: {{Url: {{Value: !Ref Queue}}}}
    extensions:
      HelloLogGroup: {{Properties: {{RetentionInDays: 30}}, DeletionPolicy: Retain}}
      Absent: {{Properties: {{A: b}}}}
"""
    more = "Resources:\n  Table: {Type: 'AWS::DynamoDB::Table'}\n"
    more += "  HelloLambdaFunction: {Properties: {Timeout: 99}}\n"
    service = read(tmp_path, text, more_dot_yml=more)
    resources = service.template["Resources"]
    assert resources["Queue"] == {"Type": "AWS::SQS::Queue", "Condition": "Live"}
    assert resources["Table"] == {"Type": "AWS::DynamoDB::Table"}
    assert properties(service, "HelloLambdaFunction")["Timeout"] == 99
    assert properties(service, "HelloLambdaFunction")["Handler"] == "handler.run"
    assert resources["HelloLogGroup"]["DeletionPolicy"] == "Retain"
    assert properties(service, "HelloLogGroup") == {
        "LogGroupName": "/aws/lambda/shop-dev-hello",
        "RetentionInDays": 30,
    }
    assert service.template["Conditions"] == {"Live": {"Fn::Equals": ["a", "b"]}}
    assert service.template["Outputs"]["Url"] == {"Value": {"Ref": "Queue"}}
    assert lost(service) == {"Absent": "there is no such resource"}


def test_functions_may_come_in_a_list_of_files(tmp_path: Path) -> None:
    text = f"{HEAD}functions:\n  - ${{file(one.yml)}}\n  - two: {{handler: handler.run}}\n"
    service = read(tmp_path, text, one_dot_yml="one: {handler: handler.run}\n")
    assert sorted(service.assets) == ["OneLambdaFunction", "TwoLambdaFunction"]


def test_a_resource_that_needs_what_nobody_knows_is_lost_with_those_that_refer_to_it(tmp_path: Path) -> None:
    text = f"""{HEAD}resources:
  Resources:
    Topic: {{Type: 'AWS::SNS::Topic', Properties: {{TopicName: 'x-${{ssm:/name}}'}}}}
    ByRef: {{Type: 'A::B::C', Properties: {{X: !Ref Topic}}}}
    BySub: {{Type: 'A::B::C', Properties: {{X: !Sub '${{ByRef.Arn}}'}}}}
    ByAtt: {{Type: 'A::B::C', Properties: {{X: [!GetAtt BySub.Arn]}}}}
    Waits: {{Type: 'A::B::C', DependsOn: [Topic, Kept]}}
    Kept: {{Type: 'A::B::C', DependsOn: Topic}}
  Outputs:
    Gone: {{Value: !Ref Topic}}
    Stays: {{Value: !Ref Kept}}
"""
    service = read(tmp_path, text)
    assert lost(service) == {
        "Topic": "${ssm:/name} is a parameter of somebody's account",
        "ByRef": "it refers to Topic, which is left out",
        "BySub": "it refers to ByRef, which is left out",
        "ByAtt": "it refers to BySub, which is left out",
    }
    assert service.lost[0].type == "AWS::SNS::Topic"
    assert service.template["Resources"] == {
        "Waits": {"Type": "A::B::C", "DependsOn": ["Kept"]},
        "Kept": {"Type": "A::B::C"},
    }
    assert list(service.template["Outputs"]) == ["Stays"]


def test_a_function_and_the_role_lose_no_more_than_the_part_that_is_not_known(tmp_path: Path) -> None:
    text = f"""{HEAD}  environment: {{SHARED: '${{ssm:/shared}}', KNOWN: a}}
  iam:
    role:
      statements:
        - {{Effect: Allow, Action: 's3:*', Resource: '${{cf:other.Arn}}'}}
        - {{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Gone.Arn}}
        - {{Effect: Allow, Action: 'sns:*', Resource: '*'}}
functions:
  hello: {{handler: handler.run, environment: {{OWN: '${{env:OWN}}', REFERS: !Ref Gone}}}}
  other: {{handler: handler.run}}
resources: {{Resources: {{Gone: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: '${{ssm:/q}}'}}}}}}}}
"""
    service = read(tmp_path, text)
    assert properties(service, "HelloLambdaFunction")["Environment"] == {"Variables": {"KNOWN": "a"}}
    assert properties(service, "OtherLambdaFunction")["Environment"] == {"Variables": {"KNOWN": "a"}}
    document = properties(service, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    assert [statement["Action"] for statement in document["Statement"][2:]] == ["sns:*"]
    assert sorted((each.name, each.type) for each in service.lost) == [
        ("Gone", "AWS::SQS::Queue"),
        ("HelloLambdaFunction.OWN", "serverless environment variable"),
        ("HelloLambdaFunction.REFERS", "serverless environment variable"),
        ("IamRoleLambdaExecution", "serverless role statement"),
        ("IamRoleLambdaExecution", "serverless role statement"),
        ("provider.environment.SHARED", "serverless environment variable"),
    ]
    assert sorted(service.assets) == ["HelloLambdaFunction", "OtherLambdaFunction"]


def test_a_whole_environment_that_is_not_known_is_lost_once(tmp_path: Path) -> None:
    service = read(tmp_path, f"{HEAD}  environment: ${{file(env.js)}}\n{FUNCTION}")
    assert lost(service) == {"provider.environment": "${file(env.js)} is given by a program"}
    assert "Environment" not in properties(service, "HelloLambdaFunction")


# Plugins


@pytest.mark.parametrize(
    "plugins", ["[serverless-offline, serverless-offline-sqs]", "{modules: [serverless-webpack]}"]
)
def test_plugins_that_change_nothing_are_no_loss(tmp_path: Path, plugins: str) -> None:
    assert read(tmp_path, f"{HEAD}plugins: {plugins}\n").lost == ()


@pytest.mark.parametrize("plugins", ["[serverless-step-functions]", "{modules: [serverless-step-functions]}"])
def test_a_plugin_that_may_change_something_is_a_loss(tmp_path: Path, plugins: str) -> None:
    (entry,) = read(tmp_path, f"{HEAD}plugins: {plugins}\n").lost
    assert (entry.name, entry.type) == ("serverless-step-functions", "serverless plugin")
    assert entry.reason == "it is a program that may change what is deployed"
