"""Drop pictures into the box, hear of them, and keep the index."""

import json
import time
from urllib.parse import unquote_plus

from boto3.dynamodb.conditions import Key


class DropBox:
    def __init__(self, s3, sqs, table, bucket, queues):
        self.s3 = s3
        self.sqs = sqs
        self.table = table
        self.bucket = bucket
        self.queues = queues

    def drop(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def news(self, kind, key, seconds=15):
        """The S3 record about a key, and the bare message; (None, None) if late."""
        url = self.queues[kind]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in reply.get("Messages", []):
                self.sqs.delete_message(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
                )
                body = json.loads(message["Body"])
                event = json.loads(body["Message"]) if "Message" in body else body
                for record in event.get("Records", []):
                    if unquote_plus(record["s3"]["object"]["key"]) == key:
                        return record, body
        return None, None

    def index(self, kind, record):
        """Remember what a record tells."""
        thing = record["s3"]["object"]
        item = {
            "kind": kind,
            "key": unquote_plus(thing["key"]),
            "etag": thing["eTag"].strip('"'),
            "size": thing["size"],
        }
        self.table.put_item(Item=item)
        return item

    def copies(self, etag):
        """The keys of all indexed pictures with the same content."""
        reply = self.table.query(
            IndexName="same-picture", KeyConditionExpression=Key("etag").eq(etag)
        )
        return [item["key"] for item in reply["Items"]]
