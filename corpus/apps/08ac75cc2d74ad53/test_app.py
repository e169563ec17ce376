"""Suppliers of an orchestra drop files by SFTP: a Transfer server with one user,
home folder, key and scoped role per supplier, and a bucket that tells a queue
what arrived."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    erase,
    gather,
    holding,
    meaning,
    receive,
    remove_object,
    send,
    take,
    verdicts,
    wirings,
)


@pytest.mark.parametrize(
    "address",
    ['aws_iam_role.supplier["engravers"]', 'aws_iam_role.supplier["recording-van"]'],
)
def test_every_role_trusts_whom_was_asked(iam, deployed, address):
    role = deployed[address]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "transfer.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_role_policy.supplier["engravers"]',
        'aws_iam_role_policy.supplier["recording-van"]',
    ],
)
def test_every_role_policy_says_what_was_asked(iam, deployed, address):
    it = deployed[address]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(deployed[address]["policy"])
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_bucket_dropped_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.dropped"]["id"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    headers = {"ContentType": "text/x-lsqm", "Metadata": {"origin": "lsqm"}}
    try:
        put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == text
        assert {name: got[name] for name in headers} == headers
        assert got["ETag"] == put["ETag"]
        part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
        assert part["Body"].read() == text[2:6]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
    finally:
        remove_object(s3, bucket, key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


def test_bucket_dropped_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.dropped"]["bucket"]
    found = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    name = f"lsqm/{uuid4()}.txt"
    try:
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
        assert put["ServerSideEncryption"] == "AES256"

        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
    finally:
        remove_object(s3, bucket, name)


def test_bucket_dropped_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed["aws_s3_bucket.dropped"]["bucket"]
    )["Rules"]
    assert agrees(
        found,
        [
            {
                "ID": "engravers",
                "Expiration": {"Days": 30},
                "Status": "Enabled",
                "Filter": {"Prefix": "engravers/"},
            },
            {
                "ID": "recording-van",
                "Expiration": {"Days": 365},
                "Status": "Enabled",
                "Filter": {"Prefix": "recording-van/"},
            },
        ],
    )


def test_notifications_of_dropped_are_as_asked(s3, deployed):
    it = deployed["aws_s3_bucket_notification.dropped"]
    reply = s3.get_bucket_notification_configuration(Bucket=it["bucket"])
    assert wirings(reply, "QueueConfigurations", "QueueArn") == {
        "engravers": [
            it["queue"][0]["queue_arn"],
            ["s3:ObjectCreated:Put"],
            "engravers/",
            "",
        ],
        "recording-van": [
            it["queue"][1]["queue_arn"],
            ["s3:ObjectCreated:Put"],
            "recording-van/",
            "",
        ],
    }


def test_queue_engravers_hears_of_an_object_created_and_of_no_other(s3, sqs, deployed):
    it = deployed["aws_s3_bucket_notification.dropped"]
    queue = deployed["aws_sqs_queue.arrivals"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    keys = [f"not-engravers/{unwanted}", f"engravers/{wanted}"]
    for key in keys:
        s3.put_object(Bucket=it["bucket"], Key=key, Body=b"probe")
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    for key in keys:
        erase(s3, it["bucket"], key)
    assert any(wanted in str(one) and "ObjectCreated:" in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)


def test_queue_recording_van_hears_of_an_object_created_and_of_no_other(
    s3, sqs, deployed
):
    it = deployed["aws_s3_bucket_notification.dropped"]
    queue = deployed["aws_sqs_queue.arrivals"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    keys = [f"not-recording-van/{unwanted}", f"recording-van/{wanted}"]
    for key in keys:
        s3.put_object(Bucket=it["bucket"], Key=key, Body=b"probe")
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    for key in keys:
        erase(s3, it["bucket"], key)
    assert any(wanted in str(one) and "ObjectCreated:" in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)


def test_queue_arrivals_has_the_settings_that_were_asked_for(sqs, deployed):
    queue = deployed["aws_sqs_queue.arrivals"]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_queue_arrivals_gives_back_what_is_sent(sqs, deployed):
    queue = deployed["aws_sqs_queue.arrivals"]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


def test_policy_of_queue_arrivals_rules_as_asked(sqs, deployed):
    it = deployed["aws_sqs_queue.arrivals"]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [["Allow", ["s3.amazonaws.com"], ["sqs:SendMessage"]]]
    assert meaning(policy) == meaning(
        deployed["aws_sqs_queue_policy.arrivals"]["policy"]
    )


def test_transfer_server_dropoff_reads_back(transfer, deployed):
    it = deployed["aws_transfer_server.dropoff"]
    answer = transfer.describe_server(ServerId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("EndpointType") == it["endpoint_type"]
    assert found.get("IdentityProviderType") == it["identity_provider_type"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_transfer_user.supplier["engravers"]',
        'aws_transfer_user.supplier["recording-van"]',
    ],
)
def test_every_transfer_user_reads_back(transfer, deployed, address):
    it = deployed[address]
    answer = transfer.describe_user(ServerId=it["server_id"], UserName=it["user_name"])
    found = holding(answer, it["arn"])
    assert found.get("HomeDirectoryType") == it["home_directory_type"]
    assert found.get("Role") == it["role"]
    assert found.get("UserName") == it["user_name"]
