"""A request is named after the operation that botocore itself made it for."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

import botocore.serialize
import botocore.session
import pytest
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from pytest_lsqm.observing.operations import Request, operation, region

SERVICES = (
    "acm", "apigateway", "apigatewayv2", "appsync", "athena", "backup", "batch", "cloudformation", "cloudfront",
    "cloudtrail", "cloudwatch", "codebuild", "codepipeline", "cognito-identity", "cognito-idp", "config", "dms",
    "dynamodb", "dynamodbstreams", "ec2", "ecr", "ecs", "efs", "eks", "elasticache", "elasticbeanstalk", "elb",
    "elbv2", "emr", "es", "events", "firehose", "glacier", "glue", "iam", "iot", "kafka", "kinesis", "kms",
    "lambda", "logs", "mq", "opensearch", "organizations", "pipes", "rds", "redshift", "resource-groups",
    "resourcegroupstaggingapi", "route53", "route53resolver", "s3", "s3control", "scheduler", "secretsmanager",
    "servicediscovery", "ses", "sesv2", "sns", "sqs", "ssm", "stepfunctions", "sts", "swf", "transcribe",
    "transfer", "wafv2", "xray",
)  # fmt: skip

ALIKE = {
    # Two names of one request: nothing on the wire tells them apart.
    "s3.ListObjects", "s3.GetBucketNotification", "s3.PutBucketNotification", "s3.GetBucketLifecycle",
    "s3.PutBucketLifecycle", "s3.ListDirectoryBuckets", "iot.ListThingRegistrationTaskReports",
}  # fmt: skip


def _least(shape: Shape, depth: int = 0) -> Any:
    """Return the smallest value that a shape takes."""
    if isinstance(shape, StructureShape):
        return {
            name: _least(member, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or (depth == 0 and member.serialization.get("location") == "uri")
        }
    if isinstance(shape, ListShape):
        return [_least(shape.member, depth + 1)]
    simple = {
        "string": "abc", "integer": 1, "long": 1, "boolean": True, "blob": b"x", "double": 1.5, "float": 1.5,
        "timestamp": 1700000000, "map": {},
    }  # fmt: skip
    return shape.enum[0] if getattr(shape, "enum", None) else simple[shape.type_name]


def _request(service: ServiceModel, model: OperationModel, protocol: str) -> Request:
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    made = serializer.serialize_to_request(_least(model.input_shape) if model.input_shape else {}, model)
    path, _, query = made["url_path"].partition("?")
    if made["query_string"]:
        query = "&".join(part for part in (query, urlencode(made["query_string"], doseq=True)) if part)
    scope = f"AKID/20260101/us-east-1/{service.signing_name}/aws4_request"
    headers = {str(key).lower(): str(value) for key, value in made["headers"].items()}
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    body = made["body"]
    form = {key: str(body[key]) for key in ("Action", "Version") if isinstance(body, dict) and key in body}
    return Request(made["method"], path, query, headers, form)


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_is_recognised_in_every_protocol_of_its_service(name: str) -> None:
    loader = botocore.session.get_session().get_component("data_loader")
    service = ServiceModel(loader.load_service_model(name, "service-2"), name)
    wrong = {}
    for protocol in service.metadata.get("protocols", [service.protocol]):
        for operation_name in service.operation_names:
            expected = f"{name}.{operation_name}"
            found = operation(_request(service, service.operation_model(operation_name), protocol))
            if found != expected and expected not in ALIKE:
                wrong[f"{protocol} {expected}"] = found
    assert not wrong


def test_the_generation_of_an_older_sdk_is_told_by_the_version_of_its_api() -> None:
    scope = {"authorization": "Credential=A/20260101/us-east-1/elasticloadbalancing/aws4_request"}
    old = Request("POST", "/", headers=scope, form={"Action": "DescribeLoadBalancers", "Version": "2012-06-01"})
    new = Request("POST", "/", headers=scope, form={"Action": "DescribeLoadBalancers", "Version": "2015-12-01"})
    assert (operation(old), operation(new)) == ("elb.DescribeLoadBalancers", "elbv2.DescribeLoadBalancers")


def test_a_presigned_request_is_named_by_its_query() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
    assert operation(Request("GET", "/bucket/key", query)) == "s3.GetObject"
    assert parse_qs(query)["X-Amz-Algorithm"]


@pytest.mark.parametrize("path", ["/_localstack/health", "/bucket/key", "/restapis/a/prod/_user_request_/x"])
def test_what_nobody_signed_is_no_call_of_aws(path: str) -> None:
    assert operation(Request("GET", path)) is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            Request("GET", "/", headers={"authorization": "Credential=A/20260101/eu-west-2/s3/aws4_request"}),
            "eu-west-2",
        ),
        (Request("GET", "/", "X-Amz-Credential=A%2F20260101%2Fus-west-1%2Fs3%2Faws4_request"), "us-west-1"),
        (Request("GET", "/_localstack/health"), None),
    ],
    ids=["in the header", "presigned", "not signed"],
)
def test_the_region_is_the_one_of_the_signature(request_: Request, expected: str | None) -> None:
    assert region(request_) == expected


def test_an_arn_in_a_path_is_one_segment_of_it() -> None:
    scope = {"authorization": "Credential=A/20260101/us-east-1/resource-groups/aws4_request"}
    path = "/resources/arn%3Aaws%3Aresource-groups%3Aus-east-1%3A1%3Agroup%2Fbrewery/tags"
    assert operation(Request("GET", path, headers=scope)) == "resource-groups.GetTags"


def test_a_service_is_known_by_a_signing_name_in_capitals_too() -> None:
    # The SDK for Go of 2021 signs so for AWS Backup.
    scope = {"authorization": "Credential=A/20260101/us-east-1/Backup/aws4_request"}
    assert operation(Request("PUT", "/backup-vaults/cellar", headers=scope)) == "backup.CreateBackupVault"


def test_what_an_older_sdk_signs_as_a_deployed_api_is_known_by_its_path() -> None:
    scope = {"authorization": "Credential=A/20260101/us-east-1/execute-api/aws4_request"}
    made = Request("POST", "/keys-and-certificate", headers=scope)
    assert operation(made) == "iot.CreateKeysAndCertificate"
    assert operation(Request("POST", "/live/orders", headers=scope)) == "execute-api.POST"


def test_a_rest_call_that_no_model_knows_keeps_its_service() -> None:
    scope = {"authorization": "Credential=A/20260101/us-east-1/lambda/aws4_request"}
    assert operation(Request("PATCH", "/2099-01-01/unheard", headers=scope)) == "lambda.PATCH"
