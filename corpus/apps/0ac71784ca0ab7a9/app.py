"""Signals of a tramway: reported, shown in the control room if they matter."""

import json
import time


class Tramway:
    def __init__(self, events, sqs, outputs):
        self.events = events
        self.sqs = sqs
        self.outputs = outputs

    def report(self, kind, signal, **detail):
        reply = self.events.put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["bus_name"],
                    "Source": "tramway",
                    "DetailType": kind,
                    "Detail": json.dumps({"signal": signal, **detail}),
                }
            ]
        )
        if reply["FailedEntryCount"]:
            raise RuntimeError(reply["Entries"])

    def shown(self, signal, seconds=15):
        """The event about the signal that the control room sees, or None."""
        url = self.outputs["control_room_url"]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in reply.get("Messages", []):
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                event = json.loads(message["Body"])
                if event["detail"]["signal"] == signal:
                    return event
        return None
