"""Events besides those of an API: what each becomes, and why one is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.discovery.serverless.services import HEAD, lost, names, properties, read, with_event

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.discovery.serverless import Service

FUNCTION = {"Fn::GetAtt": ["HelloLambdaFunction", "Arn"]}
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:my-queue"


def allowed(service: Service) -> list[str]:
    """Return the actions that the shared role has beyond its logs."""
    document = properties(service, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    return [action for statement in document["Statement"][2:] for action in statement["Action"]]


@pytest.mark.parametrize(
    ("event", "name", "source"),
    [
        (f"sqs: {QUEUE}", "SQSMyqueue", QUEUE),
        ("sqs: {arn: !GetAtt Queue.Arn}", "SQSQueue", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("sqs: {arn: {'Fn::GetAtt': Queue.Arn}}", "SQSQueue", {"Fn::GetAtt": "Queue.Arn"}),
        ("sqs: {arn: !Join [':', [arn, my-q]]}", "SQSMyq", {"Fn::Join": [":", ["arn", "my-q"]]}),
    ],
)
def test_a_queue_is_read_by_a_mapping(tmp_path: Path, event: str, name: str, source: object) -> None:
    service = with_event(tmp_path, event)
    assert properties(service, f"HelloEventSourceMapping{name}") == {
        "BatchSize": 10,
        "EventSourceArn": source,
        "FunctionName": FUNCTION,
        "Enabled": True,
    }
    assert allowed(service) == ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


def test_a_mapping_has_the_settings_of_its_queue(tmp_path: Path) -> None:
    config = (
        f"sqs: {{arn: '{QUEUE}', batchSize: 5, enabled: false, maximumBatchingWindow: 0, maximumConcurrency: 2, "
        "functionResponseType: ReportBatchItemFailures, filterPatterns: [{a: [1]}]}"
    )
    found = properties(with_event(tmp_path, config), "HelloEventSourceMappingSQSMyqueue")
    assert (found["BatchSize"], found["Enabled"], found["MaximumBatchingWindowInSeconds"]) == (5, False, 0)
    assert found["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["FilterCriteria"] == {"Filters": [{"Pattern": '{"a":[1]}'}]}


def test_a_role_of_the_functions_own_is_not_waited_for(tmp_path: Path) -> None:
    text = f"{HEAD}functions:\n  hello: {{handler: handler.run, role: Mine, events: [{{sqs: '{QUEUE}'}}]}}\n"
    assert "DependsOn" not in read(tmp_path, text).template["Resources"]["HelloEventSourceMappingSQSMyqueue"]


@pytest.mark.parametrize(
    ("event", "name", "kind"),
    [
        ("stream: {type: dynamodb, arn: !GetAtt Table.StreamArn}", "DynamodbTable", "dynamodb"),
        ("stream: arn:aws:dynamodb:eu-west-1:1:table/orders/stream/2024", "DynamodbOrders", "dynamodb"),
        ("stream: arn:aws:kinesis:eu-west-1:1:stream/my-clicks", "KinesisMyclicks", "kinesis"),
        ("stream: {type: kinesis, arn: {Ref: Stream}, startingPosition: LATEST}", "KinesisStream", "kinesis"),
    ],
)
def test_a_stream_is_read_by_a_mapping(tmp_path: Path, event: str, name: str, kind: str) -> None:
    service = with_event(tmp_path, event)
    found = properties(service, f"HelloEventSourceMapping{name}")
    assert found["StartingPosition"] == ("LATEST" if "LATEST" in event else "TRIM_HORIZON")
    assert {action.split(":")[0] for action in allowed(service)} == {kind}


def test_a_stream_says_where_to_put_what_failed(tmp_path: Path) -> None:
    event = (
        f"stream: {{arn: 'arn:aws:kinesis:r:1:stream/s', destinations: {{onFailure: '{QUEUE}'}}, batchWindow: 3}}"
    )
    service = with_event(tmp_path, event)
    found = properties(service, "HelloEventSourceMappingKinesisS")
    assert found["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}
    assert found["MaximumBatchingWindowInSeconds"] == 3
    assert "sqs:SendMessage" in allowed(service)


def test_a_stream_may_have_a_consumer_of_its_own(tmp_path: Path) -> None:
    service = with_event(tmp_path, "stream: {arn: 'arn:aws:kinesis:r:1:stream/s', consumer: true}")
    (consumer,) = names(service, "AWS::Kinesis::StreamConsumer")
    assert properties(service, consumer)["StreamARN"] == "arn:aws:kinesis:r:1:stream/s"
    assert properties(service, "HelloEventSourceMappingKinesisS")["EventSourceArn"] == {"Ref": consumer}
    assert "kinesis:SubscribeToShard" in allowed(service)


@pytest.mark.parametrize("event", ["sns: new-orders", "sns: {topicName: new-orders, displayName: New}"])
def test_a_topic_that_has_a_name_is_made(tmp_path: Path, event: str) -> None:
    service = with_event(tmp_path, event)
    found = properties(service, "SNSTopicNeworders")
    assert found["TopicName"] == "new-orders"
    assert found.get("DisplayName") == ("New" if "New" in event else None)
    assert found["Subscription"] == [{"Protocol": "lambda", "Endpoint": FUNCTION}]
    assert properties(service, "HelloLambdaPermissionNewordersSNS")["Principal"] == "sns.amazonaws.com"


def test_a_topic_with_a_filter_has_a_subscription_of_its_own(tmp_path: Path) -> None:
    service = with_event(tmp_path, "sns: {topicName: t, filterPolicy: {a: [b]}}")
    found = properties(service, "HelloSnsSubscriptionT")
    assert (found["TopicArn"], found["FilterPolicy"]) == ({"Ref": "SNSTopicT"}, {"a": ["b"]})


@pytest.mark.parametrize(
    ("event", "arn"),
    [
        ("sns: arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:eu-west-1:1:t"),
        ("sns: {arn: !Ref Topic, topicName: t}", {"Ref": "Topic"}),
    ],
)
def test_a_topic_that_has_an_arn_is_not_made(tmp_path: Path, event: str, arn: object) -> None:
    service = with_event(tmp_path, event)
    assert names(service, "AWS::SNS::Topic") == []
    assert properties(service, "HelloSnsSubscriptionT")["TopicArn"] == arn
    assert properties(service, "HelloLambdaPermissionTSNS")["SourceArn"] == arn


def test_a_bucket_is_made_and_notifies(tmp_path: Path) -> None:
    rules = "[{prefix: up/}, {suffix: .jpg}]"
    service = with_event(
        tmp_path, f"s3: {{bucket: my-photos, event: 's3:ObjectRemoved:*', rules: {rules}}}\n      - s3: my-photos"
    )
    assert names(service, "AWS::S3::Bucket") == ["S3BucketMyphotos"]
    found = properties(service, "S3BucketMyphotos")
    first, second = found["NotificationConfiguration"]["LambdaConfigurations"]
    assert first["Filter"]["S3Key"]["Rules"][1] == {"Name": "suffix", "Value": ".jpg"}
    assert (first["Event"], second["Event"]) == ("s3:ObjectRemoved:*", "s3:ObjectCreated:*")
    permission = service.template["Resources"]["S3BucketMyphotos"]["DependsOn"]
    assert permission == ["HelloLambdaPermissionMyphotosS3"]
    assert properties(service, permission[0])["Principal"] == "s3.amazonaws.com"


def test_the_provider_may_say_more_of_a_bucket(tmp_path: Path) -> None:
    text = f"{HEAD}  s3: {{photos: {{name: real-name, versioningConfiguration: {{Status: Enabled}}}}}}\n"
    service = read(tmp_path, text + "functions: {hello: {handler: handler.run, events: [{s3: photos}]}}\n")
    found = properties(service, "S3BucketPhotos")
    assert found["BucketName"] == "real-name"
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("bucket", ["mine", "!Ref Photos"])
def test_a_bucket_of_the_services_resources_notifies_too(tmp_path: Path, bucket: str) -> None:
    made = "resources: {Resources: {Photos: {Type: 'AWS::S3::Bucket', Properties: {BucketName: mine}}}}\n"
    service = with_event(tmp_path, f"s3: {{bucket: {bucket}, existing: true}}", made)
    found = properties(service, "Photos")
    assert found["BucketName"] == "mine"
    assert found["NotificationConfiguration"]["LambdaConfigurations"][0]["Function"] == FUNCTION
    assert names(service, "AWS::S3::Bucket") == ["Photos"]


def test_a_schedule_is_a_rule_for_each_rate(tmp_path: Path) -> None:
    event = "schedule: {rate: [rate(1 hour), rate(2 hours)], enabled: false, input: {a: b}, description: d}"
    service = with_event(tmp_path, f"{event}\n      - schedule: cron(0 12 * * ? *)")
    assert properties(service, "HelloEventsRuleSchedule1") == {
        "ScheduleExpression": "rate(1 hour)",
        "State": "DISABLED",
        "Description": "d",
        "Targets": [{"Arn": FUNCTION, "Id": "helloSchedule", "Input": '{"a":"b"}'}],
    }
    third = properties(service, "HelloEventsRuleSchedule3")
    assert (third["ScheduleExpression"], third["State"]) == ("cron(0 12 * * ? *)", "ENABLED")
    permission = properties(service, "HelloLambdaPermissionEventsRuleSchedule3")
    assert permission["SourceArn"] == {"Fn::GetAtt": ["HelloEventsRuleSchedule3", "Arn"]}


def test_a_schedule_may_be_one_of_the_scheduler(tmp_path: Path) -> None:
    service = with_event(tmp_path, "schedule: {method: scheduler, rate: [rate(1 hour)], timezone: Europe/Berlin}")
    found = properties(service, "HelloSchedulerSchedule1")
    assert (found["ScheduleExpressionTimezone"], found["Target"]["Arn"]) == ("Europe/Berlin", FUNCTION)
    trust = properties(service, "IamRoleLambdaExecution")["AssumeRolePolicyDocument"]["Statement"][0]
    assert "scheduler.amazonaws.com" in trust["Principal"]["Service"]
    assert allowed(service) == ["lambda:InvokeFunction"]


def test_an_event_of_cloudwatch_is_a_rule(tmp_path: Path) -> None:
    service = with_event(tmp_path, "cloudwatchEvent: {event: {source: [aws.ec2]}}")
    found = properties(service, "HelloEventsRuleCloudWatchEvent1")
    assert found["EventPattern"] == {"source": ["aws.ec2"]}
    assert found["Targets"][0]["Id"] == "helloCloudWatchEvent"


def test_events_of_a_bus_are_a_rule_of_it(tmp_path: Path) -> None:
    service = with_event(
        tmp_path,
        "eventBridge: {eventBus: my-bus, pattern: {source: [me]}, retryPolicy: {maximumRetryAttempts: 2}, "
        "inputTransformer: {inputTemplate: '<a>'}}",
    )
    assert properties(service, "MyDashbusEventBridgeEventBus") == {"Name": "my-bus"}
    found = properties(service, "Shopdevhellorule1EventBridgeRule")
    assert (found["Name"], found["EventBusName"]) == ("shop-dev-hello-rule-1", "my-bus")
    assert found["Targets"][0]["InputTransformer"] == {"InputTemplate": "<a>"}
    assert found["Targets"][0]["RetryPolicy"] == {"MaximumRetryAttempts": 2}
    assert names(service, "AWS::Lambda::Permission") == ["HelloEventBridgeLambdaPermission1"]


@pytest.mark.parametrize("bus", ["default", "arn:aws:events:r:1:event-bus/theirs", "!Ref Bus"])
def test_a_bus_that_exists_is_not_made(tmp_path: Path, bus: str) -> None:
    service = with_event(tmp_path, f"eventBridge: {{eventBus: {bus}, schedule: rate(1 hour)}}")
    assert names(service, "AWS::Events::EventBus") == []
    found = properties(service, "Shopdevhellorule1EventBridgeRule").get("EventBusName")
    assert found == {"default": None, "!Ref Bus": {"Ref": "Bus"}}.get(bus, "theirs")


@pytest.mark.parametrize("event", ["cloudwatchLog: /a/b", "cloudwatchLog: {logGroup: /a/b, filter: '{$.x = 1}'}"])
def test_a_log_group_is_sent_by_a_filter(tmp_path: Path, event: str) -> None:
    service = with_event(tmp_path, event)
    found = properties(service, "HelloLogsSubscriptionFilterCloudWatchLog1")
    assert (found["LogGroupName"], found["DestinationArn"]) == ("/a/b", FUNCTION)
    assert found["FilterPattern"] == ("{$.x = 1}" if "filter" in event else "")
    assert "HelloLambdaPermissionLogsSubscriptionFilterCloudWatchLog" in service.template["Resources"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("alb: {listenerArn: x}", "its listener belongs to a load balancer outside of the service"),
        ("alexaSkill", "the skill is kept by Alexa"),
        ("alexaSmartHome: x", "the skill is kept by Alexa"),
        ("iot: {sql: x}", "rules of IoT are not converted"),
        ("iotFleetProvisioning: {x: y}", "templates of IoT are not converted"),
        ("cognitoUserPool: {pool: x}", "its triggers are set in a user pool by a program of the framework"),
        ("cloudFront: {origin: x}", "it runs at the edge, by a version of the function"),
        ("msk: {arn: x}", "its cluster stands outside of the service"),
        ("kafka: {topic: x}", "its cluster stands outside of the service"),
        ("activemq: {arn: x}", "its broker stands outside of the service"),
        ("rabbitmq: {arn: x}", "its broker stands outside of the service"),
        ("somethingElse: {a: b}", "it is an event of a plugin, which is a program"),
        ("s3: {bucket: theirs, existing: true}", "its bucket exists already, outside of the service"),
        ("s3: {bucket: !Ref Bucket}", "the bucket's name is no text"),
        ("sqs: {batchSize: 5}", "it does not say which queue"),
        ("stream: {arn: !Ref Stream}", "it does not say of what type the stream is"),
        ("stream: {type: kinesis}", "it does not say which stream"),
        ("sns: {displayName: x}", "the topic's name is no text"),
        ("schedule: {enabled: true}", "it does not say when"),
        ("eventBridge: {eventBus: x}", "it does not say for which events"),
        ("cloudwatchEvent: {enabled: true}", "it does not say which event"),
        ("cloudwatchLog: {filter: x}", "it does not say which log group"),
        ("sqs: '${cf:other.QueueArn}'", "${cf:other.QueueArn} is an output of another stack"),
    ],
)
def test_an_event_that_cannot_be_taken_is_lost_with_the_reason(tmp_path: Path, event: str, reason: str) -> None:
    service = with_event(tmp_path, event)
    kind = event.split(":", maxsplit=1)[0]
    (entry,) = service.lost
    assert (entry.name, entry.type, entry.reason) == (f"hello.{kind}", f"serverless event {kind}", reason)
    expected = {"AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::IAM::Role"}
    assert {each["Type"] for each in service.template["Resources"].values()} == expected


def test_what_a_topic_does_with_failures_is_lost_without_the_topic(tmp_path: Path) -> None:
    service = with_event(tmp_path, "sns: {topicName: t, redrivePolicy: {deadLetterTargetRef: Q}}")
    assert lost(service) == {"hello.sns": "its queue for what failed is left out"}
    assert names(service, "AWS::SNS::Topic") == ["SNSTopicT"]
