"""Publish readings and warnings, and read them where they arrive."""

import json
import time
from uuid import uuid4


class Service:
    def __init__(self, sns, sqs, topics, queues):
        self.sns = sns
        self.sqs = sqs
        self.topics = topics
        self.queues = queues

    def read(self, sensor, value, station=None):
        """Publish a reading; returns the text that is its message."""
        text = f"reading {uuid4()}"
        attributes = {
            "sensor": {"DataType": "String", "StringValue": sensor},
            "value": {"DataType": "Number", "StringValue": str(value)},
        }
        if station:
            attributes["station"] = {"DataType": "String", "StringValue": station}
        self.sns.publish(
            TopicArn=self.topics["readings"],
            Message=text,
            MessageAttributes=attributes,
        )
        return text

    def warn(self, text, level, slope):
        """Publish a warning in the order of its slope."""
        self.sns.publish(
            TopicArn=self.topics["warnings"],
            Message=text,
            MessageGroupId=slope,
            MessageAttributes={
                "level": {"DataType": "String", "StringValue": str(level)}
            },
        )

    def arrivals(self, reader, last, seconds=15, mention=""):
        """What arrived at a reader until the text `last`, and a moment after it.

        Returns (text, message) pairs of messages that mention the given word.
        """
        found = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=self.queues[reader],
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = reply.get("Messages", [])
            for message in messages:
                self.sqs.delete_message(
                    QueueUrl=self.queues[reader],
                    ReceiptHandle=message["ReceiptHandle"],
                )
                text = text_of(message)
                if mention in text:
                    found.append((text, message))
            if not messages and last in [text for text, _ in found]:
                return found
        return found


def text_of(message):
    """The text that was published, raw or wrapped."""
    body = message["Body"]
    return json.loads(body)["Message"] if body.startswith("{") else body
