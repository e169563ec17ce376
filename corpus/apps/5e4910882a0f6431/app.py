"""Send parcels to the weigher and see what becomes of them."""

import json
import time


def weigh(functions, target, parcel):
    """Ask a function, version or alias directly."""
    reply = functions.invoke(FunctionName=target, Payload=json.dumps(parcel).encode())
    return reply.get("FunctionError"), json.loads(reply["Payload"].read())


def submit(sqs, url, parcel):
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(parcel))


def refused(sqs, url, parcel_id, seconds=30):
    """The parcel, once it lies in the dead-letter queue; None if it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            parcel = json.loads(message["Body"])
            if parcel["id"] == parcel_id:
                return parcel
    return None


def emptied(sqs, url, seconds=20):
    """Whether all parcels of the queue have been taken and finished in time."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        if all(int(counts["Attributes"][name]) == 0 for name in names):
            return True
        time.sleep(0.3)
    return False
