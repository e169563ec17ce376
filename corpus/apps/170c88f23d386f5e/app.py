"""What the tests do with it: One FIFO queue with the policy that lets a single role
of the account send to it."""

import json
import re
import time


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


def send(sqs, queue, text, **more):
    """Send a message, in a group of its own where the queue is a FIFO queue."""
    if queue["fifo_queue"]:
        more |= {"MessageGroupId": text, "MessageDeduplicationId": text}
    return sqs.send_message(QueueUrl=queue["id"], MessageBody=text, **more)


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
