"""Walk a watering round and see what was done about each bed."""

import json
import time
from uuid import uuid4


class Greenhouse:
    def __init__(self, stepfunctions, sqs, dynamodb, outputs):
        self.stepfunctions = stepfunctions
        self.sqs = sqs
        self.dynamodb = dynamodb
        self.outputs = outputs

    def walk(self, beds, name=None):
        """Run a round over (bed, moisture) pairs; returns its name and execution."""
        name = name or f"round-{uuid4()}"
        beds = [{"bed": bed, "moisture": moisture} for bed, moisture in beds]
        started = self.stepfunctions.start_execution(
            stateMachineArn=self.outputs["state_machine_arn"],
            input=json.dumps({"round": name, "beds": beds}),
        )
        return name, self.finished(started["executionArn"])

    def finished(self, arn, seconds=40):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            execution = self.stepfunctions.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.2)
        raise TimeoutError(f"{arn} still runs after {seconds} s")

    def messages(self, queue, name, wanted, seconds=10):
        """The messages about a round, until as many as wanted came and no more do."""
        url = self.outputs["queue_urls"][queue]
        found = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reply = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            messages = reply.get("Messages", [])
            for message in messages:
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                body = json.loads(message["Body"])
                if body["round"] == name:
                    found.append(body)
            if not messages and len(found) >= wanted:
                break
        return found

    def record(self, name):
        """What was written down about a round."""
        reply = self.dynamodb.get_item(
            TableName=self.outputs["rounds_table"],
            Key={"round": {"S": name}},
            ConsistentRead=True,
        )
        return reply.get("Item")

    def remembered(self, name):
        """Bed to moisture, of the beds that were watered in a round."""
        reply = self.dynamodb.query(
            TableName=self.outputs["watered_table"],
            KeyConditionExpression="round = :round",
            ExpressionAttributeValues={":round": {"S": name}},
            ConsistentRead=True,
        )
        return {
            item["bed"]["S"]: float(item["moisture"]["N"]) for item in reply["Items"]
        }
