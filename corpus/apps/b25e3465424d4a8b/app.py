"""Send sensor readings, and find them again in the archive."""

import json
import time


def encode(reading):
    return {"Data": (json.dumps(reading) + "\n").encode()}


def send(firehose, stream, *readings):
    """Send readings in one batch; returns how many were refused."""
    records = [encode(reading) for reading in readings]
    reply = firehose.put_record_batch(DeliveryStreamName=stream, Records=records)
    return reply["FailedPutCount"]


def archived(s3, bucket, sensor):
    """(key, reading) of every archived reading of a sensor."""
    found = []
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="readings/"
    )
    for page in pages:
        for entry in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            for line in body.decode().splitlines():
                reading = json.loads(line)
                if reading["sensor"] == sensor:
                    found.append((entry["Key"], reading))
    return found


def wait_for_archive(s3, bucket, sensor, count, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        found = archived(s3, bucket, sensor)
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.5)
