"""Structured logs of the ferry's ticketing, and the pager that rings for them."""

import json
import time


class Logbook:
    def __init__(self, logs, group, stream):
        self.logs = logs
        self.group = group
        self.stream = stream
        logs.create_log_stream(logGroupName=group, logStreamName=stream)

    def write(self, *entries):
        now = int(time.time() * 1000)
        self.logs.put_log_events(
            logGroupName=self.group,
            logStreamName=self.stream,
            logEvents=[
                {"timestamp": now + n, "message": json.dumps(entry)}
                for n, entry in enumerate(entries)
            ],
        )

    def read(self):
        reply = self.logs.get_log_events(
            logGroupName=self.group, logStreamName=self.stream, startFromHead=True
        )
        return [json.loads(event["message"]) for event in reply["events"]]


def errors_counted(cloudwatch, namespace, metric):
    """How many errors the metric filter counted in the last quarter of an hour."""
    now = time.time()
    reply = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        StartTime=now - 900,
        EndTime=now + 60,
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in reply["Datapoints"])


def page_about(sqs, url, reason, seconds=15):
    """The alarm message with this reason, or None; others are dropped."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            page = json.loads(message["Body"])
            if page["NewStateReason"] == reason:
                return page
    return None
