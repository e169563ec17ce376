"""What the tables say is done: arguments, blocks, resources of their own, newer providers."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lsqm.discovery.cloudformation import tables
from tests.discovery.cloudformation.support import convert, lost, main

TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def body(text: str, kind: str) -> str:
    """Return the inside of the first resource of a type, in one line."""
    return " ".join(text.partition(f'resource "{kind}" ')[2].partition("\n}\n")[0].partition("{")[2].split())


def test_a_property_that_no_table_knows_is_lost_and_said_to_be() -> None:
    conversion = convert({"Q": ("AWS::SQS::Queue", {"Colour": "red", "DelaySeconds": 3})})
    assert conversion.conversion.lost_properties == ("Q.Colour",)
    assert body(conversion.files["main.tf"], "aws_sqs_queue") == "delay_seconds = 3"


def test_what_terraform_requires_and_cloudformation_makes_up_gets_a_name() -> None:
    text = main({"MyTable": ("AWS::DynamoDB::Table", TABLE)})
    assert 'name = "${local.stack_name}-MyTable"' in body(text, "aws_dynamodb_table")


def test_without_what_terraform_requires_a_resource_is_lost() -> None:
    conversion = convert({"T": ("AWS::DynamoDB::Table", {**TABLE, "KeySchema": []}), "Q": ("AWS::SQS::Queue", {})})
    assert lost(conversion) == {"T": "it lacks what Terraform requires as hash_key"}


def test_a_block_lacks_a_name_even_where_the_resource_may() -> None:
    indexes = [{"KeySchema": TABLE["KeySchema"], "Projection": {"ProjectionType": "ALL"}}]
    conversion = convert({"T": ("AWS::DynamoDB::Table", {**TABLE, "GlobalSecondaryIndexes": indexes})})
    assert conversion.conversion.lost_properties == ("T.GlobalSecondaryIndexes",)
    assert "global_secondary_index" not in conversion.files["main.tf"]


def test_a_lost_entry_does_not_cost_the_others() -> None:
    rules = [{"Status": "Enabled", "ExpirationInDays": 1}, {"ExpirationInDays": 2}]
    conversion = convert({"B": ("AWS::S3::Bucket", {"LifecycleConfiguration": {"Rules": rules}})})
    assert conversion.conversion.lost_properties == ("B.LifecycleConfiguration.Rules",)
    assert body(conversion.files["main.tf"], "aws_s3_bucket") == (
        "lifecycle_rule { enabled = true expiration { days = 1 } }"
    )


def test_arguments_that_share_a_block_stand_in_one() -> None:
    group = {"HealthCheckPath": "/", "HealthCheckPort": "80", "Matcher": {"HttpCode": "200"}}
    text = main({"G": ("AWS::ElasticLoadBalancingV2::TargetGroup", group)})
    assert body(text, "aws_lb_target_group") == 'health_check { path = "/" port = "80" matcher = "200" }'


def test_what_is_a_resource_of_its_own_is_linked_to_its_parent() -> None:
    role = {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:a", "arn:b"]}
    text = main({"R": ("AWS::IAM::Role", role)})
    assert body(text, "aws_iam_role_policy_attachment") == 'role = aws_iam_role.r.name policy_arn = "arn:a"'
    assert 'resource "aws_iam_role_policy_attachment" "r_2" {' in text


def test_each_target_of_a_policy_is_a_resource() -> None:
    policy = {"PolicyName": "p", "PolicyDocument": {}, "Roles": ["a", "b"], "Groups": [{"Ref": "G"}]}
    text = main({"P": ("AWS::IAM::Policy", policy), "G": ("AWS::IAM::Group", {"GroupName": "g"})})
    heads = [line for line in text.splitlines() if line.startswith("resource") and "policy" in line]
    assert heads == [
        'resource "aws_iam_role_policy" "p" {',
        'resource "aws_iam_role_policy" "p_2" {',
        'resource "aws_iam_group_policy" "p_3" {',
    ]
    assert "group = aws_iam_group.g.name" in body(text, "aws_iam_group_policy")


def test_a_policy_without_a_target_is_lost() -> None:
    conversion = convert(
        {"P": ("AWS::IAM::Policy", {"PolicyName": "p", "PolicyDocument": {}}), "Q": ("AWS::SQS::Queue", {})}
    )
    assert lost(conversion) == {"P": "it names no Groups and no Roles and no Users"}


@pytest.mark.parametrize(
    ("properties", "version"),
    [
        ({}, "~> 3.39"),
        ({"SqsManagedSseEnabled": True}, "~> 3.39"),
        ({"SqsManagedSseEnabled": "true"}, "~> 3.39"),
        ({"SqsManagedSseEnabled": False}, "~> 5.0"),
        ({"DeduplicationScope": "messageGroup"}, "~> 5.0"),
    ],
)
def test_a_newer_provider_is_asked_for_only_by_what_needs_it(properties: dict[str, Any], version: str) -> None:
    text = main({"Q": ("AWS::SQS::Queue", properties)})
    assert f'version = "{version}"' in text
    assert ("would do but for" in text) is (version != "~> 3.39")


@pytest.mark.parametrize(
    ("newest", "version", "name", "address"),
    [
        ({}, "~> 3.39", "name", "vpc = true"),
        ({"SignatureVersion": "2"}, "~> 5.0", "db_name", 'domain = "vpc"'),
        ({"FifoThroughputScope": "MessageGroup"}, "~> 6.0", "db_name", 'domain = "vpc"'),
    ],
)
def test_arguments_have_the_names_of_the_provider_that_is_asked_for(
    newest: dict[str, str], version: str, name: str, address: str
) -> None:
    resources = {
        "D": ("AWS::RDS::DBInstance", {"DBName": "app", "DBInstanceClass": "c"}),
        "E": ("AWS::EC2::EIP", {}),
        "S": ("AWS::SNS::Topic", newest),
    }
    text = main(resources)
    assert f'version = "{version}"' in text
    assert f'{name} = "app"' in body(text, "aws_db_instance")
    assert body(text, "aws_eip") == address


def test_what_comes_later_is_what_holds_from_its_version_on() -> None:
    deployment = ("AWS::ApiGateway::Deployment", {"RestApiId": {"Ref": "Api"}, "StageName": "live"})
    api = ("AWS::ApiGateway::RestApi", {"Name": "a"})
    five = main({"D": deployment, "Api": api, "T": ("AWS::SNS::Topic", {"SignatureVersion": 2})})
    six = main({"D": deployment, "Api": api, "T": ("AWS::SNS::Topic", {"FifoThroughputScope": "MessageGroup"})})
    assert 'stage_name = "live"' in body(five, "aws_api_gateway_deployment")
    assert "aws_api_gateway_stage" not in five
    assert "stage_name" not in body(six, "aws_api_gateway_deployment")
    assert 'stage_name = "live"' in body(six, "aws_api_gateway_stage")


def test_what_is_usual_gives_way_to_what_is_said() -> None:
    def table(**more: Any) -> str:
        origin = {
            "Id": "o",
            "DomainName": "d",
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", **more},
        }
        behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}
        config = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behaviour}
        return body(
            main({"D": ("AWS::CloudFront::Distribution", {"DistributionConfig": config})}),
            "aws_cloudfront_distribution",
        )

    assert "http_port = 80" in table()
    assert "http_port = 8080" in table(HTTPPort=8080)
    assert 'restrictions { geo_restriction { restriction_type = "none" } }' in table()


def test_a_rule_is_read_with_all_its_words() -> None:
    rule = tables._rule(
        {
            "block": "a!",
            "of": {"B": "b | json"},
            "set": {"c": 1},
            "since": "5.0",
            "later": {"argument": "d", "from": 6},
        }
    )
    assert (rule.kind, rule.name, rule.required, rule.set, rule.since) == ("block", "a", True, {"c": 1}, "5.0")
    assert (rule.of["B"].name, rule.of["B"].conversion) == ("b", "json")
    assert (rule.at(5).name, rule.at(6).name) == ("a", "d")
    flat = tables._rule({"flat": {"A": "a!", "B": "b!"}, "set": {"b": 1}})
    assert flat.names() == {"a"}
