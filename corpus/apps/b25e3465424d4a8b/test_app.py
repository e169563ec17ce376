import re
from uuid import uuid4

from app import encode, send, wait_for_archive


def test_a_batch_of_readings_is_archived_complete(firehose, s3, outputs):
    sensor = str(uuid4())
    readings = [{"sensor": sensor, "celsius": 20 + n} for n in range(5)]
    assert send(firehose, outputs["delivery_stream"], *readings) == 0
    found = wait_for_archive(s3, outputs["archive_bucket"], sensor, count=5)
    assert sorted(r["celsius"] for _, r in found) == [20, 21, 22, 23, 24]


def test_a_single_reading_lies_under_the_date_of_its_arrival(firehose, s3, outputs):
    sensor = str(uuid4())
    reply = firehose.put_record(
        DeliveryStreamName=outputs["delivery_stream"],
        Record=encode({"sensor": sensor, "celsius": 4}),
    )
    assert reply["RecordId"]
    [(key, _)] = wait_for_archive(s3, outputs["archive_bucket"], sensor, count=1)
    assert re.match(r"readings/\d{4}/\d{2}/\d{2}/\d{2}/", key)


def test_the_archive_is_versioned_encrypted_and_private(s3, outputs):
    bucket = outputs["archive_bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    [rule] = s3.get_bucket_encryption(Bucket=bucket)[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "aws:kms"
    assert default["KMSMasterKeyID"] == outputs["key_arn"]
    block = s3.get_public_access_block(Bucket=bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())


def test_old_readings_move_to_cold_storage(s3, outputs):
    rules = s3.get_bucket_lifecycle_configuration(Bucket=outputs["archive_bucket"])
    [rule] = rules["Rules"]
    assert rule["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert rule["Expiration"]["Days"] == 365


def test_the_stream_is_active_and_writes_to_the_archive(firehose, outputs):
    description = firehose.describe_delivery_stream(
        DeliveryStreamName=outputs["delivery_stream"]
    )["DeliveryStreamDescription"]
    assert description["DeliveryStreamStatus"] == "ACTIVE"
    destination = description["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert destination["BucketARN"].endswith(":" + outputs["archive_bucket"])
