"""A funicular's watch: metrics counted from its logs, alarms on ratios of metrics
and one composite of them, a dashboard per station, and log lines forwarded to a
stream and an archive."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    copy_is_raised,
    counted,
    drill,
    gather,
    log_and_read,
    log_group_settings,
    meaning,
    new_stream,
    objects,
    overhear,
    part,
    read,
    records,
    remove_object,
    unzipped,
    with_line,
)


def test_composite_alarm_stop_the_line_watches_other_alarms(cloudwatch, deployed):
    alarm = deployed["aws_cloudwatch_composite_alarm.stop_the_line"]
    answer = cloudwatch.describe_alarms(
        AlarmNames=[alarm["alarm_name"]], AlarmTypes=["CompositeAlarm"]
    )
    [found] = answer["CompositeAlarms"]
    wanted = {
        "AlarmDescription": "Emergency stops while the rope slips",
        "AlarmRule": 'ALARM("funicular-stop-ratio") AND ALARM("funicular-slippage")',
        "AlarmActions": [deployed["aws_sns_topic.mechanic"]["id"]],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_dashboard.station["summit"]',
        'aws_cloudwatch_dashboard.station["valley"]',
    ],
)
def test_every_dashboard_shows_what_was_asked_for(cloudwatch, deployed, address):
    dashboard = deployed[address]
    answer = cloudwatch.get_dashboard(DashboardName=dashboard["dashboard_name"])
    assert json.loads(answer["DashboardBody"]) == json.loads(
        dashboard["dashboard_body"]
    )
    listed = cloudwatch.list_dashboards(DashboardNamePrefix=dashboard["dashboard_name"])
    names = [entry["DashboardName"] for entry in listed["DashboardEntries"]]
    assert dashboard["dashboard_name"] in names


def test_log_group_this_cabins_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.this["cabins"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 30


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_log_group.this["cabins"]',
        'aws_cloudwatch_log_group.this["tickets"]',
        'aws_cloudwatch_log_group.this["winch"]',
    ],
)
def test_every_log_group_gives_back_what_is_logged(logs, deployed, address):
    group = deployed[address]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_log_group_this_tickets_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.this["tickets"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 7


def test_log_group_this_winch_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed['aws_cloudwatch_log_group.this["winch"]']
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 365


def test_metric_filter_count_riders_feeds_its_metric(logs, deployed):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Riders"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == '{ $.event = "ride" }'
    wanted = {
        "metricName": "Riders",
        "metricNamespace": "Funicular",
        "metricValue": "$.riders",
    }
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_count_rides_feeds_its_metric(logs, deployed):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Rides"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == '{ $.event = "ride" }'
    wanted = {"metricName": "Rides", "metricNamespace": "Funicular", "metricValue": "1"}
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_count_rides_counts_a_line_that_it_matches(
    cloudwatch, logs, deployed
):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Rides"]']
    group = counter["log_group_name"]
    metric = ("Funicular", "Rides")
    before = counted(cloudwatch, *metric)
    stream = new_stream(logs, group)
    try:
        assert log_and_read(logs, group, stream, '{"event": "ride"}')
        deadline = time.monotonic() + 45
        while counted(cloudwatch, *metric) < before + 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


def test_metric_filter_count_slippage_feeds_its_metric(logs, deployed):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Slippage"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == '[time, level = WARN*, message = "*slip*"]'
    wanted = {
        "metricName": "Slippage",
        "metricNamespace": "Funicular",
        "metricValue": "1",
    }
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_count_stops_feeds_its_metric(logs, deployed):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Stops"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == '{ $.event = "emergency-stop" }'
    wanted = {"metricName": "Stops", "metricNamespace": "Funicular", "metricValue": "1"}
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_count_stops_counts_a_line_that_it_matches(
    cloudwatch, logs, deployed
):
    counter = deployed['aws_cloudwatch_log_metric_filter.count["Stops"]']
    group = counter["log_group_name"]
    metric = ("Funicular", "Stops")
    before = counted(cloudwatch, *metric)
    stream = new_stream(logs, group)
    try:
        assert log_and_read(logs, group, stream, '{"event": "emergency-stop"}')
        deadline = time.monotonic() + 45
        while counted(cloudwatch, *metric) < before + 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


def test_subscription_filter_cabins_is_listed_as_asked(logs, deployed):
    it = deployed["aws_cloudwatch_log_subscription_filter.cabins"]
    reply = logs.describe_subscription_filters(
        logGroupName=it["log_group_name"], filterNamePrefix=it["name"]
    )
    filters = reply["subscriptionFilters"]
    (found,) = [each for each in filters if each["filterName"] == it["name"]]
    assert found["destinationArn"] == it["destination_arn"]
    assert found["filterPattern"] == '{ $.event = "*" }'


def test_subscription_filter_winch_is_listed_as_asked(logs, deployed):
    it = deployed["aws_cloudwatch_log_subscription_filter.winch"]
    reply = logs.describe_subscription_filters(
        logGroupName=it["log_group_name"], filterNamePrefix=it["name"]
    )
    filters = reply["subscriptionFilters"]
    (found,) = [each for each in filters if each["filterName"] == it["name"]]
    assert found["destinationArn"] == it["destination_arn"]
    assert found["filterPattern"] == ""


def test_lines_for_winch_arrive_in_its_stream(kinesis, logs, deployed):
    it = deployed["aws_cloudwatch_log_subscription_filter.winch"]
    stream = deployed["aws_kinesis_stream.winch"]
    wanted = str(uuid4())
    with_line(logs, it["log_group_name"], wanted)
    found = gather(
        lambda: [unzipped(each) for each in records(kinesis, stream["name"])],
        wanted,
        seconds=30,
        after=0,
    )
    assert any(wanted.encode() in each for each in found)


def test_alarm_crowd_summit_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed['aws_cloudwatch_metric_alarm.crowd["summit"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "Summit station's platform is full",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "ExtendedStatistic": "p90",
        "MetricName": "Waiting",
        "Namespace": "Funicular",
        "Period": 300,
        "Threshold": 45,
        "TreatMissingData": "missing",
        "AlarmActions": [deployed["aws_sns_topic.mechanic"]["id"]],
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Station": "summit"}


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_metric_alarm.crowd["summit"]',
        'aws_cloudwatch_metric_alarm.crowd["valley"]',
        "aws_cloudwatch_metric_alarm.slippage",
        "aws_cloudwatch_metric_alarm.stop_ratio",
    ],
)
def test_every_alarm_remembers_why_it_changed(cloudwatch, deployed, address):
    alarm = deployed[address]
    assert drill(cloudwatch, alarm["alarm_name"])


def test_alarm_crowd_valley_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed['aws_cloudwatch_metric_alarm.crowd["valley"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "Valley station's platform is full",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "ExtendedStatistic": "p90",
        "MetricName": "Waiting",
        "Namespace": "Funicular",
        "Period": 300,
        "Threshold": 120,
        "TreatMissingData": "missing",
        "AlarmActions": [deployed["aws_sns_topic.mechanic"]["id"]],
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"Station": "valley"}


def test_alarm_slippage_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed["aws_cloudwatch_metric_alarm.slippage"]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "The rope slips on the winch",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "Slippage",
        "Namespace": "Funicular",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 3,
        "TreatMissingData": "notBreaching",
    }
    assert part(found, wanted) == wanted


def test_alarm_like_slippage_is_raised_by_what_it_watches(cloudwatch, deployed):
    alarm = deployed["aws_cloudwatch_metric_alarm.slippage"]
    now = datetime.now(UTC) - timedelta(seconds=2)
    datapoint = {"MetricName": alarm["metric_name"], "Timestamp": now, "Value": 13.0}
    cloudwatch.put_metric_data(Namespace=alarm["namespace"], MetricData=[datapoint])
    assert copy_is_raised(cloudwatch, alarm["alarm_name"])


def test_alarm_stop_ratio_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed["aws_cloudwatch_metric_alarm.stop_ratio"]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "More than 2 % of the rides end with an emergency stop",
        "ComparisonOperator": "GreaterThanThreshold",
        "DatapointsToAlarm": 2,
        "EvaluationPeriods": 3,
        "Threshold": 2,
        "TreatMissingData": "notBreaching",
    }
    assert part(found, wanted) == wanted
    queries = {query["Id"]: query for query in found["Metrics"]}
    assert queries.keys() == {"ratio", "rides", "stops"}
    assert queries["ratio"]["Expression"] == "IF(rides > 0, 100 * stops / rides, 0)"


def test_role_service_firehose_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['aws_iam_role.service["firehose"]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "firehose.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceAccount": ["<account>"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address", ['aws_iam_role.service["firehose"]', 'aws_iam_role.service["logs"]']
)
def test_every_role_has_its_tags(iam, deployed, address):
    found = iam.list_role_tags(RoleName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Line": "funicular"}


def test_role_service_logs_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['aws_iam_role.service["logs"]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "logs.eu-central-1.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceAccount": ["<account>"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address",
    ['aws_iam_role_policy.service["firehose"]', 'aws_iam_role_policy.service["logs"]'],
)
def test_every_role_policy_says_what_was_asked(iam, deployed, address):
    it = deployed[address]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(deployed[address]["policy"])
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_delivery_stream_cabins_is_ready(firehose, deployed):
    it = deployed["aws_kinesis_firehose_delivery_stream.cabins"]
    reply = firehose.describe_delivery_stream(DeliveryStreamName=it["name"])
    found = reply["DeliveryStreamDescription"]
    assert found["DeliveryStreamStatus"] == "ACTIVE"
    assert found["DeliveryStreamType"] == "DirectPut"


def test_delivery_stream_cabins_delivers_to_its_bucket(firehose, s3, deployed):
    it = deployed["aws_kinesis_firehose_delivery_stream.cabins"]
    bucket = deployed["aws_s3_bucket.archive"]
    text = str(uuid4())
    data = text.encode().ljust(1000000) + b"\n"
    for _ in range(6):  # what fills its buffer
        firehose.put_record(DeliveryStreamName=it["name"], Record={"Data": data})
    found = objects(s3, bucket["bucket"], "cabins/", text)
    assert found
    assert re.match(r"cabins/\d{4}/\d\d/\d\d/\d\d/", found[0])


def test_stream_winch_has_the_shape_that_was_asked_for(kinesis, deployed):
    stream = deployed["aws_kinesis_stream.winch"]
    reply = kinesis.describe_stream_summary(StreamName=stream["name"])
    wanted = {
        "StreamStatus": "ACTIVE",
        "OpenShardCount": 1,
        "RetentionPeriodHours": 24,
        "EncryptionType": "NONE",
    }
    found = reply["StreamDescriptionSummary"]
    assert {name: found.get(name) for name in wanted} == wanted


def test_stream_winch_gives_back_the_records_of_a_key_in_order(kinesis, deployed):
    stream = deployed["aws_kinesis_stream.winch"]
    key = str(uuid4())
    put = [
        kinesis.put_record(StreamName=stream["name"], PartitionKey=key, Data=data)
        for data in (b"first", b"second")
    ]
    assert put[0]["ShardId"] == put[1]["ShardId"]
    assert read(kinesis, stream["name"], put[0], key) == [b"first", b"second"]


def test_bucket_archive_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.archive"]["id"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    headers = {"ContentType": "text/x-lsqm", "Metadata": {"origin": "lsqm"}}
    try:
        put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == text
        assert {name: got[name] for name in headers} == headers
        assert got["ETag"] == put["ETag"]
        part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
        assert part["Body"].read() == text[2:6]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
    finally:
        remove_object(s3, bucket, key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


def test_bucket_archive_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.archive"]["bucket"]
    found = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    name = f"lsqm/{uuid4()}.txt"
    try:
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
        assert put["ServerSideEncryption"] == "AES256"

        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
    finally:
        remove_object(s3, bucket, name)


def test_bucket_archive_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.archive"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Line": "funicular"}


def test_topic_mechanic_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.mechanic"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }
