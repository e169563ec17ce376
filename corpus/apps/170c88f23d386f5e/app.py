"""What the tests do with it: One FIFO queue with the policy that lets a single role
of the account send to it."""

import json
import re
import time


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


def rulings(policy):
    """What a policy allows and denies, in an order and a form of its own."""

    def plain(value):
        if isinstance(value, dict):
            return sorted((key.lower(), plain(inner)) for key, inner in value.items())
        values = value if isinstance(value, list) else [value]
        texts = [
            json.dumps(one) if isinstance(one, bool) else str(one) for one in values
        ]
        return sorted(
            re.sub(r"^arn:aws:iam::(\d+):root$", r"\1", text) for text in texts
        )

    statements = json.loads(policy or "{}").get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    for each in statements:
        if each.get("Principal") == "*":
            each["Principal"] = {"AWS": "*"}
    return sorted((plain(each) for each in statements), key=str)


def send(sqs, queue, text, **more):
    """Send a message, in a group of its own where the queue is a FIFO queue."""
    if queue["fifo_queue"]:
        more |= {"MessageGroupId": text, "MessageDeduplicationId": text}
    return sqs.send_message(QueueUrl=queue["id"], MessageBody=text, **more)


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
