"""What the tests do with it: Suppliers of an orchestra drop files by SFTP: a
Transfer server with one user, home folder, key and scoped role per supplier, and
a bucket that tells a queue what arrived."""

import json
import re
import time


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


def holding(answer, value):
    """The innermost object of an answer that has this value, or None."""
    inside = answer.values() if isinstance(answer, dict) else answer
    for part in inside:
        if isinstance(part, dict | list) and (found := holding(part, value)):
            return found
    if isinstance(answer, dict) and value in answer.values():
        return answer
    return value if value in inside else None


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


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


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


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


def wirings(reply, kind, arn):
    """What a bucket tells whom: events and filter by the id of the configuration."""
    found = {}
    for each in reply.get(kind, []):
        rules = each.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        words = {rule["Name"].lower(): rule["Value"] for rule in rules}
        found[each["Id"]] = [
            each[arn],
            sorted(each["Events"]),
            words.get("prefix") or "",
            words.get("suffix") or "",
        ]
    return found
