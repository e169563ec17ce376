"""What the tests do with it: Weather buoys: tables made from one block keep their
readings, one of them streams its changes into Kinesis, and metric alarms watch
the tables and the stream."""

import json
import re
import time
from uuid import uuid4


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


def changes(dynamodbstreams, stream, key, wanted, seconds=30):
    """Read a stream until it has told of so many changes to an item."""
    deadline = time.monotonic() + seconds
    found, iterators = [], {}
    while len(found) < wanted and time.monotonic() < deadline:
        described = dynamodbstreams.describe_stream(StreamArn=stream)[
            "StreamDescription"
        ]
        for shard in [shard["ShardId"] for shard in described["Shards"]]:
            if shard not in iterators:
                iterators[shard] = dynamodbstreams.get_shard_iterator(
                    StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
            if iterators[shard]:
                reply = dynamodbstreams.get_records(ShardIterator=iterators[shard])
                iterators[shard] = reply.get("NextShardIterator")
                found += [
                    it for it in reply["Records"] if it["dynamodb"]["Keys"] == key
                ]
        time.sleep(0.2)
    return found


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


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


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


def typed(value):
    """An attribute of an item such that two are equal when they mean the same."""
    ((kind, inside),) = value.items()
    if kind == "N":
        return kind, float(inside)
    if kind == "L":
        return kind, [typed(it) for it in inside]
    if kind == "M":
        return kind, {name: typed(it) for name, it in inside.items()}
    if kind == "NS":
        return kind, sorted(float(it) for it in inside)
    return kind, sorted(inside) if kind in ("SS", "BS") else inside


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
