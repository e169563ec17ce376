"""What the free edition of LocalStack serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.analysis import services

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FREE = frozenset(
    [
        "acm",
        "apigateway",
        "cloudformation",
        "cloudwatch",
        "config",
        "dynamodb",
        "dynamodbstreams",
        "ec2",
        "es",
        "events",
        "firehose",
        "iam",
        "kinesis",
        "kms",
        "lambda",
        "logs",
        "opensearch",
        "redshift",
        "resource-groups",
        "resourcegroupstaggingapi",
        "route53",
        "route53resolver",
        "s3",
        "s3control",
        "scheduler",
        "secretsmanager",
        "ses",
        "sns",
        "sqs",
        "ssm",
        "stepfunctions",
        "sts",
        "support",
        "swf",
        "transcribe",
    ]
)
"""From the entry points of localstack-core's own package: 4.6.0, 4.8.1 and 4.14.0 all name these 35."""

LACKS = (
    "LocalStack's free edition does not have it; --lsqm-emulator ministack or --lsqm-emulator moto runs it "
    "where they do"
)


def lacking(served: Collection[str] = FREE) -> Mapping[str, str]:
    """Return every AWS service of the table that is not among those served, each with the reason."""
    known = {service for service in services.table().values() if service is not None}
    return dict.fromkeys(sorted(known - set(served)), LACKS)
