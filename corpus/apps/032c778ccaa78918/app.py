"""Order a pizza and follow the order through the workflow."""

import json
import time
from uuid import uuid4


class Pizzeria:
    def __init__(self, stepfunctions, sqs, machine, stations):
        self.stepfunctions = stepfunctions
        self.sqs = sqs
        self.machine = machine
        self.stations = stations

    def order(self, **order):
        """Start the workflow and wait for its end; returns order id and execution."""
        order_id = str(uuid4())
        execution = self.stepfunctions.start_execution(
            stateMachineArn=self.machine,
            name=order_id,
            input=json.dumps({"order_id": order_id, **order}),
        )
        return order_id, self.finished(execution["executionArn"])

    def finished(self, arn, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            execution = self.stepfunctions.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.2)
        raise TimeoutError(f"{arn} still runs after {seconds} s")

    def ticket(self, station, order_id, seconds=10):
        """The station's message about the order, or None."""
        url = self.stations[station]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in reply.get("Messages", []):
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                body = json.loads(message["Body"])
                if body["order_id"] == order_id:
                    return body
        return None
