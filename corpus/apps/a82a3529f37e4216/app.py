"""Pictures go into the bucket; the desks learn of them from their queues."""

import json
import time
from urllib.parse import unquote_plus


class Studio:
    def __init__(self, s3, sqs, bucket, desks):
        self.s3 = s3
        self.sqs = sqs
        self.bucket = bucket
        self.desks = desks

    def store(self, key, data=b"picture"):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def copy(self, source, key):
        self.s3.copy_object(
            Bucket=self.bucket,
            Key=key,
            CopySource={"Bucket": self.bucket, "Key": source},
        )

    def discard(self, key):
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def told(self, desk, key, seconds=15):
        """The record about a picture that reaches a desk, or None."""
        url = self.desks[desk]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in reply.get("Messages", []):
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                # The first message of all is a test event without records.
                for record in json.loads(message["Body"]).get("Records", []):
                    if unquote_plus(record["s3"]["object"]["key"]) == key:
                        return record
        return None
