"""What the tests do with it: A brewery's queues, tables, logs and settings for every
cellar and stage, and the resource groups that find them again by their tags."""

import time
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


def below(ssm, path):
    """The values of all parameters below a path, by their names."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=True
    )
    return {it["Name"]: it["Value"] for page in pages for it in page["Parameters"]}


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


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


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
