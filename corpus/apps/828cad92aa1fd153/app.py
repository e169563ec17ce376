"""The bakery's jobs: what is scheduled, and a bell to start one at once."""

import json
import time


def schedule(events, rules):
    """Job to (schedule, state, input), as EventBridge keeps them."""
    jobs = {}
    for job, rule in rules.items():
        details = events.describe_rule(Name=rule)
        [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
        jobs[job] = (
            details["ScheduleExpression"],
            details["State"],
            json.loads(target["Input"]),
        )
    return jobs


def request(events, job, ticket, source="bakery.counter"):
    """Ring the bell for a job."""
    reply = events.put_events(
        Entries=[
            {
                "Source": source,
                "DetailType": "JobRequested",
                "Detail": json.dumps({"job": job, "ticket": ticket}),
            }
        ]
    )
    if reply["FailedEntryCount"]:
        raise RuntimeError(reply["Entries"])


def started(sqs, url, ticket, seconds=15):
    """The job in the queue that was requested by this ticket, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            job = json.loads(message["Body"])
            if job.get("ticket") == ticket:
                return job
    return None
