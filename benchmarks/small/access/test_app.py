import json
import os
import time

import boto3

with open(os.environ["LSQM_OUTPUTS"]) as file:
    OUTPUTS = json.load(file)


def test_the_role_may_read_logs() -> None:
    iam = boto3.client("iam")
    (name,) = iam.list_role_policies(RoleName=OUTPUTS["role"])["PolicyNames"]
    document = iam.get_role_policy(RoleName=OUTPUTS["role"], PolicyName=name)["PolicyDocument"]
    assert [statement["Action"] for statement in document["Statement"]] == ["logs:GetLogEvents"]


def test_an_event_is_written_and_read() -> None:
    logs = boto3.client("logs")
    place = {"logGroupName": OUTPUTS["log_group"], "logStreamName": "day"}
    event = {"timestamp": int(time.time() * 1000), "message": "seen"}
    logs.put_log_events(**place, logEvents=[event])
    assert [entry["message"] for entry in logs.get_log_events(**place)["events"]] == ["seen"]
