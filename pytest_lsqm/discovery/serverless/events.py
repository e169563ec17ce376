"""What invokes a function besides an API: queues, streams, topics and buckets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.serverless.draft import ROLE, Cannot, mapping, required, sequence, text
from pytest_lsqm.discovery.serverless.naming import (
    arn,
    arn_of,
    function_id,
    joined,
    normal,
    of_source,
    plain,
    ref,
    upper_first,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.discovery.serverless.draft import Draft

CREATED = "s3:ObjectCreated:*"


def sqs(draft: Draft, name: str, given: Any, _: int) -> None:
    """Let a function read from a queue."""
    config = mapping(given)
    source = required(_arn(given), "which queue")
    properties = {
        "BatchSize": config.get("batchSize", 10),
        "MaximumBatchingWindowInSeconds": config.get("maximumBatchingWindow"),
        "ScalingConfig": _if(config.get("maximumConcurrency"), lambda most: {"MaximumConcurrency": most}),
    }
    _source(draft, (name, f"SQS{plain(of_source(source))}"), source, config, properties)
    draft.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], source)


def stream(draft: Draft, name: str, given: Any, _: int) -> None:
    """Let a function read from a stream of DynamoDB or Kinesis."""
    config = mapping(given)
    source = required(_arn(given), "which stream")
    by_arn = source.split(":")[2] if isinstance(source, str) and source.count(":") > 4 else ""
    kind = str(config.get("type") or by_arn)
    if kind not in {"dynamodb", "kinesis"}:
        raise Cannot("it does not say of what type the stream is")
    called = (
        source.split("/")[1] if isinstance(source, str) and "/" in source else of_source(source).split("/")[-1]
    )
    properties = {
        "BatchSize": config.get("batchSize") or 10,
        "StartingPosition": config.get("startingPosition") or "TRIM_HORIZON",
        "StartingPositionTimestamp": config.get("startingPositionTimestamp"),
        "ParallelizationFactor": config.get("parallelizationFactor"),
        "MaximumBatchingWindowInSeconds": config.get("batchWindow"),
        "MaximumRetryAttempts": config.get("maximumRetryAttempts"),
        "MaximumRecordAgeInSeconds": config.get("maximumRecordAgeInSeconds"),
        "BisectBatchOnFunctionError": config.get("bisectBatchOnFunctionError"),
        "TumblingWindowInSeconds": config.get("tumblingWindowInSeconds"),
    }
    failed = mapping(config.get("destinations")).get("onFailure")
    if failed:
        target = failed.get("arn") if isinstance(failed, dict) and "arn" in failed else failed
        properties["DestinationConfig"] = {"OnFailure": {"Destination": target}}
        is_topic = mapping(failed).get("type") == "sns" or (isinstance(target, str) and ":sns:" in target)
        draft.allow(["sns:Publish"] if is_topic else ["sqs:ListQueues", "sqs:SendMessage"], target)
    read = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"]
    if config.get("consumer") and kind == "kinesis":
        read[2:] = ["DescribeStreamSummary", "ListShards"]
        consumer = _consumer(draft, name, called, source, config["consumer"])
        draft.allow(["kinesis:SubscribeToShard"], consumer)
    else:
        consumer = source
    draft.allow([f"{kind}:{action}" for action in read], source)
    _source(draft, (name, f"{upper_first(kind)}{plain(called)}"), consumer, config, properties)


def _arn(given: Any) -> Any:
    """Return the ARN of what a function reads from, which is all of the event's settings or one of them."""
    is_arn = isinstance(given, str) or any(key == "Ref" or key.startswith("Fn::") for key in mapping(given))
    return given if is_arn else mapping(given).get("arn")


def _consumer(draft: Draft, name: str, called: str, source: Any, given: Any) -> Any:
    if given is not True:
        return given
    full = f"{name}{called}Consumer"
    logical = f"{normal(full)}StreamConsumer"
    draft.add(logical, "AWS::Kinesis::StreamConsumer", {"StreamARN": source, "ConsumerName": full})
    return ref(logical)


def _source(
    draft: Draft, called: tuple[str, str], source: Any, config: dict[str, Any], properties: dict[str, Any]
) -> None:
    name, suffix = called
    shares = draft.resources[function_id(name)]["Properties"]["Role"] == arn_of(ROLE)
    response = config.get("functionResponseType")
    patterns = config.get("filterPatterns")
    draft.add(
        f"{normal(name)}EventSourceMapping{suffix}",
        "AWS::Lambda::EventSourceMapping",
        {
            **properties,
            "EventSourceArn": source,
            "FunctionName": arn_of(function_id(name)),
            "Enabled": config.get("enabled", True),
            "FunctionResponseTypes": [response] if response else None,
            "FilterCriteria": _if(
                patterns,
                lambda each: {
                    "Filters": [{"Pattern": json.dumps(one, separators=(",", ":"))} for one in sequence(each)]
                },
            ),
        },
        DependsOn=[ROLE] if shares else None,
    )


def sns(draft: Draft, name: str, given: Any, _: int) -> None:
    """Subscribe a function to a topic, which is made where it is given by its name."""
    config = mapping(given)
    topic = config.get("arn") or (given if isinstance(given, str) and given.startswith("arn:") else None)
    called = config.get("topicName") or (of_source(topic) if topic else given)
    called = text(called, "the topic's name")
    if config.get("redrivePolicy"):
        draft.lose(f"{name}.sns", "serverless event sns redrivePolicy", "its queue for what failed is left out")
    properties: dict[str, Any] = {"Protocol": "lambda", "Endpoint": arn_of(function_id(name))}
    filters = {"FilterPolicy": config.get("filterPolicy"), "FilterPolicyScope": config.get("filterPolicyScope")}
    subscription = f"{normal(name)}SnsSubscription{plain(called)}"
    if topic:
        draft.add(subscription, "AWS::SNS::Subscription", {"TopicArn": topic, **properties, **filters})
    else:
        topic = arn("sns", called)
        logical = f"SNSTopic{plain(called)}"
        if logical not in draft.resources:
            made = {"TopicName": called, "DisplayName": config.get("displayName")}
            draft.add(logical, "AWS::SNS::Topic", made)
        if config.get("filterPolicy"):
            draft.add(subscription, "AWS::SNS::Subscription", {"TopicArn": ref(logical), **properties, **filters})
        else:
            draft.resources[logical]["Properties"].setdefault("Subscription", []).append(properties)
    draft.permit(f"{plain(called)}SNS", name, "sns.amazonaws.com", topic)


def s3(draft: Draft, name: str, given: Any, _: int) -> None:
    """Let a bucket, which is made unless it exists, notify a function."""
    config = mapping(given)
    bucket = given if isinstance(given, str) else config.get("bucket")
    rules = [
        {"Name": key, "Value": value}
        for rule in sequence(config.get("rules"))
        for key, value in mapping(rule).items()
    ]
    notification: dict[str, Any] = {
        "Event": config.get("event") or CREATED,
        "Function": arn_of(function_id(name)),
    }
    if rules:
        notification["Filter"] = {"S3Key": {"Rules": rules}}
    if config.get("existing"):
        _existing(draft, name, bucket, notification)
        return
    key = text(bucket, "the bucket's name")
    settings = {upper_first(word): each for word, each in mapping(_s3_of(draft).get(key)).items()}
    called = settings.pop("Name", None) or key
    logical = f"S3Bucket{plain(key)}"
    if logical not in draft.resources:
        draft.add(logical, "AWS::S3::Bucket", {"BucketName": called, **settings}, DependsOn=[])
    _notify(draft.resources[logical], notification, f"{normal(name)}LambdaPermission{plain(key)}S3")
    _s3_permit(draft, name, plain(key), called)


def _s3_of(draft: Draft) -> dict[str, Any]:
    return mapping(draft.provider.get("s3"))


def _existing(draft: Draft, name: str, bucket: Any, notification: dict[str, Any]) -> None:
    """Add a notification to a bucket that the service itself writes out among its resources."""
    for logical, resource in draft.given.items():
        properties = mapping(resource.get("Properties"))
        if resource.get("Type") != "AWS::S3::Bucket" or bucket not in (ref(logical), properties.get("BucketName")):
            continue
        own = draft.resources.setdefault(logical, {"Type": "AWS::S3::Bucket", "Properties": {}})
        by_name = isinstance(bucket, str)
        _notify(own, notification, f"{normal(name)}LambdaPermission{plain(logical)}S3" if by_name else None)
        _s3_permit(draft, name, plain(logical), bucket)
        return
    raise Cannot("its bucket exists already, outside of the service")


def _notify(bucket: dict[str, Any], notification: dict[str, Any], permission: str | None) -> None:
    notified = bucket["Properties"].setdefault("NotificationConfiguration", {})
    notified.setdefault("LambdaConfigurations", []).append(notification)
    if permission and permission not in bucket.setdefault("DependsOn", []):
        bucket["DependsOn"].append(permission)


def _s3_permit(draft: Draft, name: str, suffix: str, bucket: Any) -> None:
    source = joined("arn:", ref("AWS::Partition"), ":s3:::", bucket)
    draft.permit(f"{suffix}S3", name, "s3.amazonaws.com", source, SourceAccount=ref("AWS::AccountId"))


def _if(value: Any, made: Callable[[Any], Any]) -> Any:
    return None if value is None else made(value)
