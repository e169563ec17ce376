"""Keep an index of the notes in a bucket."""

import os
import re
from urllib.parse import unquote_plus

import boto3

# Set where the AWS API is not at its usual place.
ENDPOINT = os.environ.get("AWS_ENDPOINT_URL")


def describe(text):
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    return {
        "title": title.group(1).strip() if title else "(untitled)",
        "tags": sorted(set(re.findall(r"(?<!\S)#(\w+)", text))),
        "words": len(re.findall(r"\w+", text)),
    }


def handler(event, context):
    s3 = boto3.client("s3", endpoint_url=ENDPOINT)
    table = boto3.resource("dynamodb", endpoint_url=ENDPOINT).Table(os.environ["TABLE"])
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        if "ObjectRemoved" in record["eventName"]:
            table.delete_item(Key={"key": key})
            continue
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        table.put_item(Item={"key": key, **describe(body.decode("utf-8"))})
