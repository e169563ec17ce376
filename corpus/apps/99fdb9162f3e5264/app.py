"""Parcel events: published once, read by the departments that asked for them."""

import json
import time


class ParcelEvents:
    def __init__(self, sns, sqs, topic_arn, queue_urls):
        self.sns = sns
        self.sqs = sqs
        self.topic_arn = topic_arn
        self.queue_urls = queue_urls

    def publish(self, parcel_id, event, **details):
        """Announce what happened to a parcel; returns the message id."""
        reply = self.sns.publish(
            TopicArn=self.topic_arn,
            Message=json.dumps({"parcel_id": parcel_id, "event": event, **details}),
            MessageAttributes={"event": {"DataType": "String", "StringValue": event}},
        )
        return reply["MessageId"]

    def read(self, department, parcel_id, seconds=15):
        """The department's event about this parcel, or None if none comes in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for body in self.drain(department):
                if body["parcel_id"] == parcel_id:
                    return body
        return None

    def drain(self, department):
        """Take what lies in a department's queue now."""
        url = self.queue_urls[department]
        reply = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        bodies = []
        for message in reply.get("Messages", []):
            self.sqs.delete_message(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
            )
            bodies.append(json.loads(message["Body"]))
        return bodies
