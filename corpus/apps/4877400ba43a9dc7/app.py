"""What the tests do with it: Topics in three regions feed one queue at home: a
provider alias per region, subscriptions that cross regions, and a filter that
only lets warnings through."""

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


def below(ssm, path):
    """The values of all parameters below a path, by their names."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=True
    )
    return {it["Name"]: it["Value"] for page in pages for it in page["Parameters"]}


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
