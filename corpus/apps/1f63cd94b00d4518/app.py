"""What the tests do with it: Rules on the default event bus sort an archive's audit
trail to log groups, a topic and a queue with retries and a dead-letter queue, and
an event archive keeps it all."""

import json
import re
import time
from uuid import uuid4

from botocore.exceptions import ClientError


def emit(events, bus, *sent):
    """Put events on a bus, each of which must be accepted."""
    entries = [
        {
            "EventBusName": bus,
            "Source": event.get("source", "lsqm.probe"),
            "DetailType": event.get("detail-type", "Probe"),
            "Detail": json.dumps(event.get("detail", {})),
            "Resources": event.get("resources", []),
        }
        for event in sent
    ]
    reply = events.put_events(Entries=entries)
    assert reply["FailedEntryCount"] == 0, reply["Entries"]


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


def holding(answer, value):
    """The innermost object of an answer that has this value, or None."""
    inside = answer.values() if isinstance(answer, dict) else answer
    for part in inside:
        if isinstance(part, dict | list) and (found := holding(part, value)):
            return found
    if isinstance(answer, dict) and value in answer.values():
        return answer
    return value if value in inside else None


def lines(logs, group):
    """The messages in a log group."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


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


def publish(sns, topic, text, attributes=None):
    """Publish a message, in a group of its own where the topic is a FIFO topic."""
    more = {"MessageAttributes": attributes or {}}
    if topic["fifo_topic"]:
        more |= {"MessageGroupId": "probe", "MessageDeduplicationId": str(uuid4())}
    return sns.publish(TopicArn=topic["arn"], Message=text, **more)


def receive(sqs, url, wanted, seconds=15):
    """Take messages off a queue until one has the wanted text in it, else None."""
    deadline = time.monotonic() + seconds
    while True:
        reply = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        for message in reply.get("Messages", []):
            handle = message["ReceiptHandle"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
            if wanted in message["Body"]:
                return message
        if time.monotonic() > deadline:
            return None


def send(sqs, queue, text, **more):
    """Send a message, in a group of its own where the queue is a FIFO queue."""
    if queue["fifo_queue"]:
        more |= {"MessageGroupId": text, "MessageDeduplicationId": text}
    return sqs.send_message(QueueUrl=queue["id"], MessageBody=text, **more)


def suits(events, pattern, event, arn):
    """Whether a pattern is for an event, in the account and region of this ARN."""
    region, account = arn.split(":")[3:5]
    whole = {
        "version": "0",
        "id": str(uuid4()),
        "source": "probe",
        "detail-type": "probe",
        "account": account,
        "region": region,
        "time": "2026-01-02T03:04:05Z",
        "resources": [],
        "detail": {},
    }
    text = json.dumps(whole | event)
    return events.test_event_pattern(EventPattern=pattern, Event=text)["Result"]


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


def verdicts(policy):
    """Who may or may not do what, by a policy: effect, services and actions."""
    statements = json.loads(policy or "{}").get("Statement", [])
    found = []
    for each in statements if isinstance(statements, list) else [statements]:
        principal = each.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        action = each.get("Action", [])
        found.append(
            [
                each["Effect"],
                sorted([services] if isinstance(services, str) else services),
                sorted([action] if isinstance(action, str) else action),
            ]
        )
    return sorted(found)
