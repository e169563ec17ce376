"""Sell theatre tickets, and see what each order set in motion."""

import json
import time


class BoxOffice:
    def __init__(self, stepfunctions, sqs, saga):
        self.stepfunctions = stepfunctions
        self.sqs = sqs
        self.saga = saga

    def buy(self, order, seats, total):
        """Start the saga and wait for its end."""
        started = self.stepfunctions.start_execution(
            stateMachineArn=self.saga,
            name=order,
            input=json.dumps({"order": order, "seats": seats, "total": total}),
        )
        return self.finished(started["executionArn"])

    def finished(self, execution, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.stepfunctions.describe_execution(executionArn=execution)
            if reply["status"] != "RUNNING":
                return reply
            time.sleep(0.2)
        raise TimeoutError(f"{execution} still runs after {seconds} s")

    def runs_for(self, machine, text):
        """The nested executions of a machine whose input mentions the text."""
        found = []
        pages = self.stepfunctions.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=machine):
            for run in page["executions"]:
                details = self.stepfunctions.describe_execution(
                    executionArn=run["executionArn"]
                )
                if text in details["input"]:
                    found.append(details)
        return found

    def message(self, url, order, seconds=15):
        """The message about an order, removed from its queue; None if late."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in reply.get("Messages", []):
                self.sqs.delete_message(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
                )
                if order in message["Body"]:
                    return json.loads(message["Body"])
        return None
