"""What the tables cannot say is done by functions, each for one thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discovery.cloudformation.support import convert, lost, main
from tests.discovery.cloudformation.test_building import TABLE, body

LATER = {"Parameters": {"P": {"Type": "String"}, "L": {"Type": "CommaDelimitedList"}}}


@pytest.mark.parametrize(
    ("kind", "properties", "address", "written"),
    [
        ("S3::Bucket", {"AccessControl": "PublicRead"}, "aws_s3_bucket", 'acl = "public-read"'),
        ("S3::Bucket", {"AccessControl": "LogDeliveryWrite"}, "aws_s3_bucket", 'acl = "log-delivery-write"'),
        ("S3::Bucket", {"ObjectLockEnabled": "true"}, "aws_s3_bucket", "object_lock_configuration {"),
        ("Kinesis::Stream", {}, "aws_kinesis_stream", "shard_count = 1"),
        ("Kinesis::Stream", {"ShardCount": 4}, "aws_kinesis_stream", "shard_count = 4"),
        (
            "Kinesis::Stream",
            {"StreamModeDetails": {"StreamMode": "PROVISIONED"}},
            "aws_kinesis_stream",
            "shard_count = 1",
        ),
        ("ECR::Repository", {}, "aws_ecr_repository", 'name = "${lower(local.stack_name)}-it"'),
        ("ECR::Repository", {"RepositoryName": "Web"}, "aws_ecr_repository", 'name = "web"'),
        ("Logs::LogGroup", {"RetentionInDays": 7}, "aws_cloudwatch_log_group", "retention_in_days = 7"),
        ("Cognito::UserPool", {"EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}, "aws_cognito_user_pool", "enabled = true"),
        ("ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"}, "aws_lb", "internal = true"),
        ("ElasticLoadBalancingV2::LoadBalancer", {"Scheme": {"Ref": "P"}}, "aws_lb", 'var.p == "internal"'),
        ("Events::Rule", {"State": "DISABLED"}, "aws_cloudwatch_event_rule", "is_enabled = false"),
        ("Events::Rule", {"State": {"Ref": "P"}}, "aws_cloudwatch_event_rule", 'upper(var.p) == "ENABLED"'),
        ("IAM::InstanceProfile", {"Roles": ["r"]}, "aws_iam_instance_profile", 'role = "r"'),
        ("IAM::InstanceProfile", {"Roles": {"Ref": "L"}}, "aws_iam_instance_profile", "role = element(var.l, 0)"),
        ("SQS::Queue", {"Tags": [{"Key": "n", "Value": 1}]}, "aws_sqs_queue", 'tags = { n = "1" }'),
        ("SQS::Queue", {"Tags": {"a": True}}, "aws_sqs_queue", 'tags = { a = "true" }'),
        ("EC2::VPC", {"CidrBlock": "c", "Tags": []}, "aws_vpc", "tags = {}"),
    ],
)
def test_a_property_becomes_what_terraform_has(kind: str, properties: Any, address: str, written: str) -> None:
    assert written in body(main({"It": (f"AWS::{kind}", properties)}, **LATER), address)


@pytest.mark.parametrize(
    ("kind", "properties", "what"),
    [
        ("S3::Bucket", {"AccessControl": {"Ref": "P"}}, "It.AccessControl"),
        ("SQS::Queue", {"Tags": [{"Key": {"Ref": "P"}, "Value": 1}]}, "It.Tags"),
        ("SQS::Queue", {"Tags": ["a"]}, "It.Tags"),
        ("SQS::Queue", {"Tags": {"a": {"Ref": "Nobody"}}}, "It.Tags.a"),
        ("IAM::InstanceProfile", {"Roles": ["a", "b"]}, "It.Roles"),
        (
            "CloudWatch::CompositeAlarm",
            {"AlarmRule": "r", "OKActions": [{"Ref": "Nobody"}, "arn"]},
            "It.OKActions",
        ),
        ("EC2::FlowLog", {"TrafficType": "ALL", "ResourceType": "Moon", "ResourceId": "x"}, "It.ResourceId"),
        (
            "ElasticLoadBalancingV2::LoadBalancer",
            {"LoadBalancerAttributes": [{"Key": "a.b", "Value": 1}]},
            "It.LoadBalancerAttributes.a.b",
        ),
    ],
)
def test_what_has_no_place_is_lost_by_its_name(kind: str, properties: Any, what: str) -> None:
    conversion = convert({"It": (f"AWS::{kind}", properties)}, **LATER)
    assert conversion.conversion.lost == ()
    assert conversion.conversion.lost_properties == (what,)


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("KinesisFirehose::DeliveryStream", {"DeliveryStreamName": "d"}, "its destination has no counterpart"),
        ("StepFunctions::StateMachine", {"RoleArn": "r"}, "its definition cannot be had"),
        (
            "StepFunctions::StateMachine",
            {"RoleArn": "r", "DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
            "its definition cannot be had",
        ),
        ("Lambda::LayerVersion", {"Content": {"S3Bucket": "b", "S3Key": "k"}}, "it has no content"),
        (
            "RDS::DBInstance",
            {"DBInstanceClass": "c", "DBClusterIdentifier": "x"},
            "it is an instance of a cluster",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(kind: str, properties: Any, reason: str) -> None:
    assert lost(convert({"It": (f"AWS::{kind}", properties), "Q": ("AWS::SQS::Queue", {})})) == {"It": reason}


def test_a_local_index_has_only_the_key_that_sorts_it() -> None:
    keys = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    index = {"IndexName": "i", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    text = body(
        main({"T": ("AWS::DynamoDB::Table", {**TABLE, "LocalSecondaryIndexes": [index]})}), "aws_dynamodb_table"
    )
    assert 'local_secondary_index { name = "i" range_key = "at" projection_type = "ALL" }' in text


def test_a_notification_has_its_filter_and_comes_with_its_bucket() -> None:
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]
    given = {"Event": "s3:ObjectCreated:*", "Queue": "arn", "Filter": {"S3Key": {"Rules": rules}}}
    text = main({"B": ("AWS::S3::Bucket", {"NotificationConfiguration": {"QueueConfigurations": [given]}})})
    assert body(text, "aws_s3_bucket_notification") == (
        'bucket = aws_s3_bucket.b.id queue { events = ["s3:ObjectCreated:*"] queue_arn = "arn" '
        'filter_prefix = "in/" filter_suffix = ".csv" }'
    )


@pytest.mark.parametrize("definition", ["DefinitionString", "Definition"])
def test_values_go_into_the_places_of_a_state_machine(definition: str) -> None:
    states: Any = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}", "End": True}}}
    written = '{"StartAt": "A", "Resource": "${Arn}"}' if definition == "DefinitionString" else states
    machine = {
        "RoleArn": "r",
        definition: written,
        "DefinitionSubstitutions": {"Arn": {"Fn::GetAtt": ["Q", "Arn"]}},
    }
    text = main({"M": ("AWS::StepFunctions::StateMachine", machine), "Q": ("AWS::SQS::Queue", {})})
    machine_body = body(text, "aws_sfn_state_machine")
    assert "$${Arn}" not in machine_body
    assert "aws_sqs_queue.q.arn" in machine_body


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({}, "secret_string = substr(sha256(aws_secretsmanager_secret.s.arn), 0, 32)"),
        ({"PasswordLength": 100}, "secret_string = substr(sha256(aws_secretsmanager_secret.s.arn), 0, 64)"),
        (
            {"SecretStringTemplate": '{"u": "a"}', "GenerateStringKey": "p"},
            'merge(jsondecode("{\\"u\\": \\"a\\"}"), { p = substr(',
        ),
    ],
)
def test_a_secret_that_is_to_be_made_up_gets_a_value(given: Any, written: str) -> None:
    text = main({"S": ("AWS::SecretsManager::Secret", {"GenerateSecretString": given})})
    assert written in body(text, "aws_secretsmanager_secret_version")


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        ({}, 1),
        ({"SecurityGroupEgress": []}, 0),
        ({"SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "c"}]}, 2),
    ],
)
def test_what_leaves_a_security_group_is_free_where_nothing_is_said(properties: Any, rules: int) -> None:
    text = main({"G": ("AWS::EC2::SecurityGroup", {"GroupDescription": "g", **properties})})
    assert text.count('resource "aws_security_group_rule"') == rules


def test_a_listeners_condition_may_be_said_in_two_ways() -> None:
    def rule(condition: Any) -> str:
        given = {"ListenerArn": "l", "Priority": 1, "Actions": [{"Type": "forward"}], "Conditions": [condition]}
        return body(main({"R": ("AWS::ElasticLoadBalancingV2::ListenerRule", given)}), "aws_lb_listener_rule")

    short = {"Field": "path-pattern", "Values": ["/a"]}
    long = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}}
    assert rule(short) == rule(long)
    assert 'condition { path_pattern { values = ["/a"] } }' in rule(short)


@pytest.mark.parametrize(
    ("protocol", "usual"), [("TCP", "tcp"), ("ssl", "tcp"), ("HTTP", "http"), ("https", "http")]
)
def test_a_classic_balancer_speaks_to_its_instances_in_its_own_layer(protocol: str, usual: str) -> None:
    listener = {"InstancePort": 80, "LoadBalancerPort": 81, "Protocol": protocol}
    text = body(main({"B": ("AWS::ElasticLoadBalancing::LoadBalancer", {"Listeners": [listener]})}), "aws_elb")
    assert text == (
        f'listener {{ instance_protocol = "{usual}" instance_port = 80 lb_port = 81 lb_protocol = "{protocol}" }}'
    )


def test_a_tasks_containers_are_written_as_the_api_names_them() -> None:
    containers = [{"Name": "web", "PortMappings": [{"ContainerPort": 80}], "DockerLabels": {"My.Label": "x"}}]
    text = main({"T": ("AWS::ECS::TaskDefinition", {"Family": "f", "ContainerDefinitions": containers})})
    assert body(text, "aws_ecs_task_definition") == (
        'family = "f" container_definitions = jsonencode([ { name = "web" '
        'portMappings = [ { containerPort = 80 }, ] dockerLabels = { "My.Label" = "x" } }, ])'
    )


def test_each_methods_settings_are_a_resource() -> None:
    settings = [{"ResourcePath": "/~1a~1{id}", "HttpMethod": "GET", "MetricsEnabled": True, "Odd": 1}]
    stage = {"RestApiId": "a", "DeploymentId": "d", "StageName": "s", "MethodSettings": settings}
    conversion = convert({"S": ("AWS::ApiGateway::Stage", stage)})
    text = body(conversion.files["main.tf"], "aws_api_gateway_method_settings")
    assert 'method_path = "a/{id}/GET" settings { metrics_enabled = true }' in text
    assert conversion.conversion.lost_properties == ("S.MethodSettings.Odd",)


def test_a_models_name_has_no_sign_in_it() -> None:
    text = main({"It": ("AWS::ApiGateway::Model", {"RestApiId": "a", "Schema": {"type": "object"}})})
    assert 'name = "It"' in " ".join(body(text, "aws_api_gateway_model").split())


def test_an_apis_description_names_it() -> None:
    text = main({"It": ("AWS::ApiGateway::RestApi", {"Body": {"info": {"title": "pets"}}})})
    assert 'name = "pets"' in body(text, "aws_api_gateway_rest_api")
