"""What the tests do with it: A funicular's watch: metrics counted from its logs,
alarms on ratios of metrics and one composite of them, a dashboard per station,
and log lines forwarded to a stream and an archive."""

import gzip
import json
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from botocore.exceptions import ClientError


def agrees(found, wanted):
    """Whether an answer says all that is wanted; it may say more, and lists in any
    order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            agrees(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(agrees(part, value) for part in found) for value in wanted)
        )
    return found == wanted


def alarm_state(cloudwatch, name, wanted, seconds):
    """The state of an alarm, once it is the wanted one or when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        if alarm["StateValue"] == wanted or time.monotonic() > deadline:
            return alarm["StateValue"]
        time.sleep(0.5)


def copy_is_raised(cloudwatch, name, seconds=45):
    """Whether an alarm that watches the same, but disturbs nobody, is raised before the
    time is up."""
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    same = (
        "MetricName",
        "Namespace",
        "Statistic",
        "Dimensions",
        "Period",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
    )
    settings = {key: alarm[key] for key in same if alarm.get(key) is not None}
    copy, deadline = f"{name}-{uuid4()}", time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            # Some look at the metric when an alarm is put, and not again for a minute.
            cloudwatch.put_metric_alarm(
                AlarmName=copy, ActionsEnabled=False, **settings
            )
            if alarm_state(cloudwatch, copy, "ALARM", seconds=4) == "ALARM":
                return True
        return False
    finally:
        cloudwatch.delete_alarms(AlarmNames=[copy])


def counted(cloudwatch, namespace, metric):
    """The sum of a metric over the last quarter of an hour."""
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        StartTime=now - timedelta(minutes=15),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


def drill(cloudwatch, name, seconds=15):
    """Set an alarm off, or end it where it is on: whether its history comes to tell
    why."""
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state = "OK" if alarm["StateValue"] == "ALARM" else "ALARM"
    reason, deadline = f"a drill {uuid4()}", time.monotonic() + seconds
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
    while time.monotonic() < deadline:
        answer = cloudwatch.describe_alarm_history(
            AlarmName=name, HistoryItemType="StateUpdate", MaxRecords=20
        )
        if any(reason in item["HistoryData"] for item in answer["AlarmHistoryItems"]):
            return True
        time.sleep(0.5)
    return False


def erase(s3, bucket, key):
    """Remove an object with all its versions, so that the bucket can be removed."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    for page in pages:
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if each["Key"] == key:
                s3.delete_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])


def gather(read, wanted, seconds=20, after=1):
    """What is read until the wanted text is in it, and for a moment after that."""
    found = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        new = read()
        found += new
        if any(wanted in str(one) for one in new):
            deadline = min(deadline, time.monotonic() + after)
        if not new:
            time.sleep(0.2)
    return found


def log_and_read(logs, group, stream, text, seconds=20):
    """Write a line to a stream, and say whether it can be read there before the time is
    up."""
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = logs.get_log_events(
            logGroupName=group, logStreamName=stream, limit=100, startFromHead=False
        )
        if any(event["message"] == text for event in answer["events"]):
            return True
        time.sleep(0.5)
    return False


def log_group_settings(logs, name):
    """What is said of the log group of this very name."""
    answer = logs.describe_log_groups(logGroupNamePrefix=name)
    [found] = [group for group in answer["logGroups"] if group["logGroupName"] == name]
    return found


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


def new_stream(logs, group):
    """Open a stream of our own; one that is there already is that of a call that was
    repeated."""
    stream = str(uuid4())
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    return stream


def objects(s3, bucket, prefix, text, seconds=45):
    """The keys of the objects with a text in them, once no more of them come; they are
    removed again."""
    seen, found = set(), []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        new = [key for key in keys if key not in seen]
        for key in new:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            if text.encode() in unzipped(body):
                found.append(key)
        if found and not new:
            break
        seen.update(new)
        time.sleep(0.5)
    for key in found:
        erase(s3, bucket, key)
    return found


def overhear(sns, sqs, topic, text):
    """Publish to a topic while a queue of the test's own is subscribed: what arrives
    there."""
    fifo = {"FifoQueue": "true"} if topic["fifo_topic"] else {}
    name = f"probe-{uuid4()}{'.fifo' if fifo else ''}"
    url = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    subscription = None
    try:
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = reply["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        subscription = sns.subscribe(
            TopicArn=topic["arn"],
            Protocol="sqs",
            Endpoint=arn,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        publish(sns, topic, text)
        return gather(lambda: take(sqs, url), text, after=0)
    finally:
        if subscription:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


def publish(sns, topic, text, attributes=None):
    """Publish a message, in a group of its own where the topic is a FIFO topic."""
    more = {"MessageAttributes": attributes or {}}
    if topic["fifo_topic"]:
        more |= {"MessageGroupId": "probe", "MessageDeduplicationId": str(uuid4())}
    return sns.publish(TopicArn=topic["arn"], Message=text, **more)


def read(kinesis, stream, put, key, seconds=15):
    """The data of two records with this key, from the place in a shard where one was
    put."""
    place = kinesis.get_shard_iterator(
        StreamName=stream,
        ShardId=put["ShardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=put["SequenceNumber"],
    )["ShardIterator"]
    found = []
    deadline = time.monotonic() + seconds
    while len(found) < 2 and time.monotonic() < deadline:
        reply = kinesis.get_records(ShardIterator=place)
        records = reply["Records"]
        found += [one["Data"] for one in records if one["PartitionKey"] == key]
        place = reply["NextShardIterator"]
        if not records:
            time.sleep(0.3)
    return found


def records(kinesis, stream):
    """The data of every record in a stream."""
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        place = kinesis.get_shard_iterator(
            StreamName=stream,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        while place:
            reply = kinesis.get_records(ShardIterator=place)
            found += [record["Data"] for record in reply["Records"]]
            done = not reply["Records"] and not reply.get("MillisBehindLatest")
            place = None if done else reply.get("NextShardIterator")
    return found


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


def take(sqs, url):
    """Take the messages off a queue that are there."""
    reply = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,
        MessageAttributeNames=["All"],
    )
    messages = reply.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


def unordered(value):
    """A part of a policy without what makes no difference: order, lists of one,
    nothing."""
    if isinstance(value, dict):
        if value.get("Principal") == "*":
            value = value | {"Principal": {"AWS": "*"}}
        return {name: unordered(it) for name, it in value.items() if it not in ("", [])}
    if isinstance(value, list):
        parts = sorted({json.dumps(unordered(it), sort_keys=True) for it in value})
        return (
            json.loads(parts[0])
            if len(parts) == 1
            else [json.loads(it) for it in parts]
        )
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"^arn:[\w-]+:iam::([^:]+):root$", r"\1", str(value))


def unzipped(data):
    """What was compressed, be it or not."""
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def with_line(logs, group, text):
    """Write a line to a stream of its own in a log group."""
    stream = str(uuid4())
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass  # a first attempt was answered too late, or with an error
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
