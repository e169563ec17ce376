"""SAM templates: AWS's translator expands them, without AWS."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_lsqm.discovery import cloudformation
from pytest_lsqm.discovery.cloudformation import sam
from pytest_lsqm.errors import DiscoveryError
from tests.discovery.cloudformation import templates

TRANSFORM = "AWS::Serverless-2016-10-31"


def function(**properties: Any) -> dict[str, Any]:
    whole = {"Handler": "app.h", "Runtime": "python3.8", "CodeUri": "src/", **properties}
    return {"Type": "AWS::Serverless::Function", "Properties": {key: each for key, each in whole.items() if each}}


def expand(**resources: Any) -> tuple[dict[str, Any], dict[str, str]]:
    template, lost = sam.expand({"Transform": TRANSFORM, "Resources": resources})
    return template["Resources"], {each.name: each.reason for each in lost}


@pytest.mark.parametrize(
    ("transform", "is_one"),
    [(TRANSFORM, True), (["AWS::Include", TRANSFORM], True), ("AWS::Include", False), (None, False)],
)
def test_a_template_of_sam_says_so(transform: Any, is_one: bool) -> None:
    assert sam.is_sam({"Transform": transform}) is is_one


def test_a_function_brings_what_its_events_want() -> None:
    conversion = templates.converted("sam.yaml")
    kinds = [
        line.split('"')[1] for line in conversion.files["main.tf"].splitlines() if line.startswith("resource")
    ]
    assert conversion.conversion.source_format == "sam"
    assert {
        "aws_lambda_function",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_lambda_event_source_mapping",
        "aws_cloudwatch_event_rule",
        "aws_api_gateway_rest_api",
        "aws_api_gateway_stage",
        "aws_apigatewayv2_api",
        "aws_lambda_permission",
        "aws_sfn_state_machine",
        "aws_dynamodb_table",
    } <= set(kinds)
    assert conversion.assets == ("hello.zip",)


def test_code_beside_the_template_stays_there() -> None:
    resources, _ = expand(F=function())
    assert resources["F"]["Properties"]["Code"] == {"S3Bucket": "lsqm-local-asset", "S3Key": "src"}


def test_what_is_said_for_all_is_said_of_each() -> None:
    template = {
        "Transform": TRANSFORM,
        "Globals": {"Function": {"CodeUri": "all/", "Runtime": "python3.8"}},
        "Resources": {"F": function(CodeUri=None), "G": function(CodeUri="own/")},
    }
    before = copy.deepcopy(template)
    found, _ = sam.expand(template)
    keys = {name: found["Resources"][name]["Properties"]["Code"]["S3Key"] for name in ("F", "G")}
    assert keys == {"F": "all", "G": "own"}
    assert template == before


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (
            {"Type": "AWS::Serverless::Application", "Properties": {"Location": "x"}},
            "it is an application of its own",
        ),
        (function(CodeUri=None, PackageType="Image"), "it is a container image"),
        (function(CodeUri="https://example.test/a.zip"), "its code would have to be fetched"),
        (function(CodeUri="../outside"), "its code lies outside of the template's folder"),
        (function(CodeUri={"Ref": "Where"}), "its code is known only once it is deployed"),
    ],
)
def test_what_cannot_be_translated_is_lost_before(resource: dict[str, Any], reason: str) -> None:
    _, lost = expand(F=resource, Q={"Type": "AWS::SQS::Queue"})
    assert lost["F"].startswith(reason)


def test_what_was_lost_before_counts_as_lost() -> None:
    template = {
        "Transform": TRANSFORM,
        "Resources": {"F": function(CodeUri="../outside"), "Q": {"Type": "AWS::SQS::Queue"}},
    }
    conversion = cloudformation.convert(template, name="it").conversion
    assert conversion.resources == 2
    assert [(each.name, each.type) for each in conversion.lost] == [("F", "AWS::Serverless::Function")]


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        ({"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "a"}}, "it is no template of SAM: "),
        (function(Events={"A": {"Type": "Api"}}), "it is no template of SAM: |SAM's translator cannot read it: "),
        (function(Events=["a"]), "it is no template of SAM: |SAM's translator cannot read it: "),
    ],
)
def test_what_the_translator_refuses_is_refused_with_a_sentence(resource: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DiscoveryError, match=sentence) as refused:
        expand(F=resource)
    assert "\n" not in str(refused.value)


def test_an_alias_in_the_template_is_not_changed_in_all_its_places() -> None:
    shared = {"Handler": "app.h", "Runtime": "python3.8", "CodeUri": "src"}
    one: dict[str, Any] = {"Type": "AWS::Serverless::Function", "Properties": shared}
    other: dict[str, Any] = {"Type": "AWS::Serverless::Function", "Properties": shared}
    resources, lost = expand(F=one, G=other)
    assert lost == {}
    assert resources["F"]["Properties"]["Code"] == resources["G"]["Properties"]["Code"]
    assert shared["CodeUri"] == "src"
