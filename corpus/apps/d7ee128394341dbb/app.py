"""The bookshop's checkout, and what its events set in motion."""

import json
import time


class Checkout:
    def __init__(self, events, bus, source):
        self.events = events
        self.bus = bus
        self.source = source

    def place(self, order_id, total, items=()):
        detail = {"order_id": order_id, "total": total, "items": list(items)}
        return self._put("OrderPlaced", detail)

    def cancel(self, order_id, reason):
        return self._put("OrderCancelled", {"order_id": order_id, "reason": reason})

    def _put(self, kind, detail):
        reply = self.events.put_events(
            Entries=[
                {
                    "EventBusName": self.bus,
                    "Source": self.source,
                    "DetailType": kind,
                    "Detail": json.dumps(detail),
                }
            ]
        )
        if reply["FailedEntryCount"]:
            raise RuntimeError(reply["Entries"])
        return reply["Entries"][0]["EventId"]


def find_message(sqs, url, text, seconds=15):
    """The first message that mentions the text, removed from its queue; None if late."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if text in message["Body"]:
                return json.loads(message["Body"])
    return None


def find_confirmation(stepfunctions, machine, order_id, seconds=20):
    """The output of the finished workflow for this order; None if there is none."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = stepfunctions.list_executions(stateMachineArn=machine)
        for execution in reply["executions"]:
            if execution["status"] != "SUCCEEDED":
                continue
            details = stepfunctions.describe_execution(
                executionArn=execution["executionArn"]
            )
            output = json.loads(details["output"])
            if output["order_id"] == order_id:
                return output
        time.sleep(0.25)
    return None
