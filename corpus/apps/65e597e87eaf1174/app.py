"""Payment instructions in order, receipts in shards, failures kept aside."""

import json
import time
import zlib


def instruct(sqs, url, account, text):
    """Queue an instruction; those of one account keep their order."""
    return sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId=account)


def shard_for(receipt_id, urls):
    """The receipt's shard, always the same one."""
    return urls[zlib.crc32(receipt_id.encode()) % len(urls)]


def file_receipt(sqs, urls, receipt_id, amount):
    url = shard_for(receipt_id, urls)
    body = json.dumps({"receipt_id": receipt_id, "amount": amount})
    sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def receive(sqs, url, wanted, seconds=15, delete=True):
    """The messages whose body satisfies `wanted`, as soon as there are any."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            AttributeNames=["ApproximateReceiveCount"],
        )
        found = [m for m in reply.get("Messages", []) if wanted(m["Body"])]
        if found:
            for message in found if delete else []:
                handle = message["ReceiptHandle"]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
            return found
    return []


def fail(sqs, url, wanted, times):
    """Receive a message and give it back, as a worker that crashes does."""
    for _ in range(times):
        for message in receive(sqs, url, wanted, delete=False):
            sqs.change_message_visibility(
                QueueUrl=url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )
