"""Translate phrases by the workflow."""

import json
import time


class Phrasebook:
    def __init__(self, stepfunctions, machine):
        self.stepfunctions = stepfunctions
        self.machine = machine

    def run(self, seconds=20, **request):
        """Start the workflow and wait for the end of its execution."""
        arn = self.stepfunctions.start_execution(
            stateMachineArn=self.machine, input=json.dumps(request)
        )["executionArn"]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            execution = self.stepfunctions.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.2)
        raise TimeoutError(f"{arn} still runs after {seconds} s")

    def translate(self, phrase):
        execution = self.run(phrase=phrase)
        if execution["status"] != "SUCCEEDED":
            raise RuntimeError(execution)
        return json.loads(execution["output"])


def call(functions, name, event):
    reply = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return json.loads(reply["Payload"].read())
