"""Weather buoys: tables made from one block keep their readings, one of them streams
its changes into Kinesis, and metric alarms watch the tables and the stream."""

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, changes, drill, meaning, overhear, part, read, typed


def test_alarm_stream_iteratoragemilliseconds_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed['aws_cloudwatch_metric_alarm.stream["IteratorAgeMilliseconds"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "DatapointsToAlarm": 2,
        "EvaluationPeriods": 3,
        "MetricName": "IteratorAgeMilliseconds",
        "Namespace": "AWS/Kinesis",
        "Period": 60,
        "Statistic": "Maximum",
        "Threshold": 60000,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployed["aws_sns_topic.harbour_master"]["id"]],
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"StreamName": "weather-buoys-changes"}


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_metric_alarm.stream["IteratorAgeMilliseconds"]',
        'aws_cloudwatch_metric_alarm.stream["WriteProvisionedThroughputExceeded"]',
        'aws_cloudwatch_metric_alarm.throttled["daily"]',
        'aws_cloudwatch_metric_alarm.throttled["firmware"]',
        'aws_cloudwatch_metric_alarm.throttled["latest"]',
    ],
)
def test_every_alarm_remembers_why_it_changed(cloudwatch, deployed, address):
    alarm = deployed[address]
    assert drill(cloudwatch, alarm["alarm_name"])


def test_alarm_stream_writeprovisionedthroughputexceeded_watches_what_it_was_asked_to(
    cloudwatch, deployed
):
    alarm = deployed[
        'aws_cloudwatch_metric_alarm.stream["WriteProvisionedThroughputExceeded"]'
    ]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "DatapointsToAlarm": 2,
        "EvaluationPeriods": 3,
        "MetricName": "WriteProvisionedThroughputExceeded",
        "Namespace": "AWS/Kinesis",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 10,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployed["aws_sns_topic.harbour_master"]["id"]],
    }
    assert part(found, wanted) == wanted
    dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}
    assert dimensions == {"StreamName": "weather-buoys-changes"}


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'aws_cloudwatch_metric_alarm.throttled["daily"]',
            "aws_sns_topic.harbour_master",
        ),
        (
            'aws_cloudwatch_metric_alarm.throttled["firmware"]',
            "aws_sns_topic.harbour_master",
        ),
        (
            'aws_cloudwatch_metric_alarm.throttled["latest"]',
            "aws_sns_topic.harbour_master",
        ),
    ],
)
def test_every_alarm_watches_what_it_was_asked_to(cloudwatch, deployed, address, other):
    alarm = deployed[address]
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "TreatMissingData": "missing",
        "AlarmActions": [deployed[other]["id"]],
    }
    assert part(found, wanted) == wanted
    queries = {query["Id"]: query for query in found["Metrics"]}
    assert queries.keys() == {"both", "reads", "writes"}
    assert queries["both"]["Expression"] == "reads + writes"


def test_table_this_daily_keeps_items_by_their_key(dynamodb, deployed):
    table = deployed['aws_dynamodb_table.this["daily"]']["name"]
    key = {"buoy": {"S": str(uuid4())}, "day": {"S": str(uuid4())}}
    item = key | {
        "lsqm_remark": {"S": "first"},
        "lsqm_parts": {"L": [{"N": "1"}, {"BOOL": True}]},
    }
    try:
        dynamodb.put_item(TableName=table, Item=item)
        got = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        assert got["Item"] == item
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": "buoy"},
            )
        updated = dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET lsqm_remark = :remark REMOVE lsqm_parts",
            ExpressionAttributeValues={":remark": {"S": "second"}},
            ReturnValues="ALL_NEW",
        )
        assert updated["Attributes"] == key | {"lsqm_remark": {"S": "second"}}
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert "Item" not in dynamodb.get_item(
        TableName=table, Key=key, ConsistentRead=True
    )


def test_table_this_daily_sorts_by_its_range_key(dynamodb, deployed):
    table = deployed['aws_dynamodb_table.this["daily"]']["name"]
    value = {"S": str(uuid4())}
    keys = [{"buoy": value, "day": place} for place in [{"S": "1"}, {"S": "2"}]]
    query = {
        "TableName": table,
        "KeyConditionExpression": "#hash = :hash",
        "ExpressionAttributeNames": {"#hash": "buoy"},
        "ExpressionAttributeValues": {":hash": value},
        "ConsistentRead": True,
    }
    try:
        for key in keys:
            dynamodb.put_item(TableName=table, Item=key)
        assert dynamodb.query(**query)["Items"] == keys
        assert dynamodb.query(**query, ScanIndexForward=False)["Items"] == keys[::-1]
        query["KeyConditionExpression"] += " AND #range > :range"
        query["ExpressionAttributeNames"]["#range"] = "day"
        query["ExpressionAttributeValues"][":range"] = {"S": "1"}
        assert dynamodb.query(**query)["Items"] == keys[1:]
    finally:
        for key in keys:
            dynamodb.delete_item(TableName=table, Key=key)


def test_table_this_daily_tells_its_stream_of_changes(
    dynamodb, dynamodbstreams, deployed
):
    table = deployed['aws_dynamodb_table.this["daily"]']
    key = {"buoy": {"S": str(uuid4())}, "day": {"S": str(uuid4())}}
    item = key | {"lsqm_remark": {"S": "streamed"}}
    try:
        dynamodb.put_item(TableName=table["name"], Item=item)
        assert len(changes(dynamodbstreams, table["stream_arn"], key, 1)) == 1
    finally:
        dynamodb.delete_item(TableName=table["name"], Key=key)
    records = changes(dynamodbstreams, table["stream_arn"], key, 2)
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    created, deleted = (record["dynamodb"] for record in records)
    assert created["NewImage"] == item
    assert deleted["OldImage"] == item


def test_table_this_daily_is_described_as_asked(dynamodb, deployed):
    found = dynamodb.describe_table(
        TableName=deployed['aws_dynamodb_table.this["daily"]']["name"]
    )["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [
                {"AttributeName": "buoy", "KeyType": "HASH"},
                {"AttributeName": "day", "KeyType": "RANGE"},
            ],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "StreamSpecification": {
                "StreamEnabled": True,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        },
    )


def test_table_this_daily_lets_items_expire(dynamodb, deployed):
    reply = dynamodb.describe_time_to_live(
        TableName=deployed['aws_dynamodb_table.this["daily"]']["name"]
    )
    found = reply["TimeToLiveDescription"]
    assert found["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    assert found["AttributeName"] == "expires"


def test_table_this_daily_has_its_tags(dynamodb, deployed):
    found = dynamodb.list_tags_of_resource(
        ResourceArn=deployed['aws_dynamodb_table.this["daily"]']["arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Coast": "oregon",
        "Table": "daily",
    }


def test_table_this_firmware_keeps_items_by_their_key(dynamodb, deployed):
    table = deployed['aws_dynamodb_table.this["firmware"]']["name"]
    key = {"buoy": {"S": str(uuid4())}, "version": {"S": str(uuid4())}}
    item = key | {
        "lsqm_remark": {"S": "first"},
        "lsqm_parts": {"L": [{"N": "1"}, {"BOOL": True}]},
    }
    try:
        dynamodb.put_item(TableName=table, Item=item)
        got = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        assert got["Item"] == item
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": "buoy"},
            )
        updated = dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET lsqm_remark = :remark REMOVE lsqm_parts",
            ExpressionAttributeValues={":remark": {"S": "second"}},
            ReturnValues="ALL_NEW",
        )
        assert updated["Attributes"] == key | {"lsqm_remark": {"S": "second"}}
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert "Item" not in dynamodb.get_item(
        TableName=table, Key=key, ConsistentRead=True
    )


def test_table_this_firmware_sorts_by_its_range_key(dynamodb, deployed):
    table = deployed['aws_dynamodb_table.this["firmware"]']["name"]
    value = {"S": str(uuid4())}
    keys = [{"buoy": value, "version": place} for place in [{"S": "1"}, {"S": "2"}]]
    query = {
        "TableName": table,
        "KeyConditionExpression": "#hash = :hash",
        "ExpressionAttributeNames": {"#hash": "buoy"},
        "ExpressionAttributeValues": {":hash": value},
        "ConsistentRead": True,
    }
    try:
        for key in keys:
            dynamodb.put_item(TableName=table, Item=key)
        assert dynamodb.query(**query)["Items"] == keys
        assert dynamodb.query(**query, ScanIndexForward=False)["Items"] == keys[::-1]
        query["KeyConditionExpression"] += " AND #range > :range"
        query["ExpressionAttributeNames"]["#range"] = "version"
        query["ExpressionAttributeValues"][":range"] = {"S": "1"}
        assert dynamodb.query(**query)["Items"] == keys[1:]
    finally:
        for key in keys:
            dynamodb.delete_item(TableName=table, Key=key)


def test_table_this_firmware_is_described_as_asked(dynamodb, deployed):
    found = dynamodb.describe_table(
        TableName=deployed['aws_dynamodb_table.this["firmware"]']["name"]
    )["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [
                {"AttributeName": "buoy", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
    )


def test_table_this_firmware_has_its_tags(dynamodb, deployed):
    found = dynamodb.list_tags_of_resource(
        ResourceArn=deployed['aws_dynamodb_table.this["firmware"]']["arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Coast": "oregon",
        "Table": "firmware",
    }


def test_table_this_latest_keeps_items_by_their_key(dynamodb, deployed):
    table = deployed['aws_dynamodb_table.this["latest"]']["name"]
    key = {"buoy": {"S": str(uuid4())}}
    item = key | {
        "lsqm_remark": {"S": "first"},
        "lsqm_parts": {"L": [{"N": "1"}, {"BOOL": True}]},
    }
    try:
        dynamodb.put_item(TableName=table, Item=item)
        got = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        assert got["Item"] == item
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": "buoy"},
            )
        updated = dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET lsqm_remark = :remark REMOVE lsqm_parts",
            ExpressionAttributeValues={":remark": {"S": "second"}},
            ReturnValues="ALL_NEW",
        )
        assert updated["Attributes"] == key | {"lsqm_remark": {"S": "second"}}
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert "Item" not in dynamodb.get_item(
        TableName=table, Key=key, ConsistentRead=True
    )


def test_table_this_latest_tells_its_stream_of_changes(
    dynamodb, dynamodbstreams, deployed
):
    table = deployed['aws_dynamodb_table.this["latest"]']
    key = {"buoy": {"S": str(uuid4())}}
    item = key | {"lsqm_remark": {"S": "streamed"}}
    try:
        dynamodb.put_item(TableName=table["name"], Item=item)
        assert len(changes(dynamodbstreams, table["stream_arn"], key, 1)) == 1
    finally:
        dynamodb.delete_item(TableName=table["name"], Key=key)
    records = changes(dynamodbstreams, table["stream_arn"], key, 2)
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    created, deleted = (record["dynamodb"] for record in records)
    assert created["NewImage"] == item
    assert "OldImage" not in deleted


def test_table_this_latest_is_described_as_asked(dynamodb, deployed):
    found = dynamodb.describe_table(
        TableName=deployed['aws_dynamodb_table.this["latest"]']["name"]
    )["Table"]
    assert agrees(
        found,
        {
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": "buoy", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "StreamSpecification": {
                "StreamEnabled": True,
                "StreamViewType": "NEW_IMAGE",
            },
        },
    )


def test_table_this_latest_has_its_tags(dynamodb, deployed):
    found = dynamodb.list_tags_of_resource(
        ResourceArn=deployed['aws_dynamodb_table.this["latest"]']["arn"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Coast": "oregon",
        "Table": "latest",
    }


def test_table_item_buoy_b46029_is_there(dynamodb, deployed):
    wanted = {
        "buoy": {"S": "b46029"},
        "latitude": {"N": "46.163"},
        "longitude": {"N": "-124.487"},
        "online": {"BOOL": False},
    }
    got = dynamodb.get_item(
        TableName=deployed['aws_dynamodb_table_item.buoy["b46029"]']["table_name"],
        Key={name: wanted[name] for name in ["buoy"]},
        ConsistentRead=True,
    )
    for name, value in wanted.items():
        assert typed(got["Item"][name]) == typed(value)


def test_table_item_buoy_b46041_is_there(dynamodb, deployed):
    wanted = {
        "buoy": {"S": "b46041"},
        "latitude": {"N": "47.352"},
        "longitude": {"N": "-124.739"},
        "online": {"BOOL": False},
    }
    got = dynamodb.get_item(
        TableName=deployed['aws_dynamodb_table_item.buoy["b46041"]']["table_name"],
        Key={name: wanted[name] for name in ["buoy"]},
        ConsistentRead=True,
    )
    for name, value in wanted.items():
        assert typed(got["Item"][name]) == typed(value)


def test_table_item_buoy_b46050_is_there(dynamodb, deployed):
    wanted = {
        "buoy": {"S": "b46050"},
        "latitude": {"N": "44.669"},
        "longitude": {"N": "-124.546"},
        "online": {"BOOL": False},
    }
    got = dynamodb.get_item(
        TableName=deployed['aws_dynamodb_table_item.buoy["b46050"]']["table_name"],
        Key={name: wanted[name] for name in ["buoy"]},
        ConsistentRead=True,
    )
    for name, value in wanted.items():
        assert typed(got["Item"][name]) == typed(value)


def test_policy_station_says_what_was_asked(iam, deployed):
    arn = deployed["aws_iam_policy.station"]["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(found, {"Path": "/"})
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(
        deployed["aws_iam_policy.station"]["policy"]
    )


def test_stream_changes_has_the_shape_that_was_asked_for(kinesis, deployed):
    stream = deployed["aws_kinesis_stream.changes"]
    reply = kinesis.describe_stream_summary(StreamName=stream["name"])
    wanted = {
        "StreamStatus": "ACTIVE",
        "OpenShardCount": 2,
        "RetentionPeriodHours": 24,
        "EncryptionType": "NONE",
    }
    found = reply["StreamDescriptionSummary"]
    assert {name: found.get(name) for name in wanted} == wanted


def test_stream_changes_gives_back_the_records_of_a_key_in_order(kinesis, deployed):
    stream = deployed["aws_kinesis_stream.changes"]
    key = str(uuid4())
    put = [
        kinesis.put_record(StreamName=stream["name"], PartitionKey=key, Data=data)
        for data in (b"first", b"second")
    ]
    assert put[0]["ShardId"] == put[1]["ShardId"]
    assert read(kinesis, stream["name"], put[0], key) == [b"first", b"second"]


def test_topic_harbour_master_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.harbour_master"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }
