"""Publish readings of a dome and collect them where they should arrive."""

import json
import time


def publish(sns, topic, reading_id, magnitude):
    body = {"reading": reading_id, "magnitude": magnitude}
    sns.publish(TopicArn=topic, Message=json.dumps(body))


def collect(sqs, url, reading_id, seconds=15):
    """The reading as it arrives in a queue, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            if body["reading"] == reading_id:
                return body
    return None


def inventory(cloudformation, stack):
    """Logical name to (type, status) of the stack's resources."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack
    )
    return {
        summary["LogicalResourceId"]: (
            summary["ResourceType"],
            summary["ResourceStatus"],
        )
        for page in pages
        for summary in page["StackResourceSummaries"]
    }
