import json
import os

import boto3

with open(os.environ["LSQM_OUTPUTS"]) as file:
    OUTPUTS = json.load(file)


def test_the_notice_is_there() -> None:
    s3 = boto3.client("s3")
    assert s3.get_object(Bucket=OUTPUTS["bucket"], Key="notice.txt")["Body"].read() == b"read me"


def test_a_document_is_kept_and_deleted() -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=OUTPUTS["bucket"], Key="a", Body=b"text")
    assert s3.get_object(Bucket=OUTPUTS["bucket"], Key="a")["Body"].read() == b"text"
    s3.delete_object(Bucket=OUTPUTS["bucket"], Key="a")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=OUTPUTS["bucket"])["Contents"]]
    assert keys == ["notice.txt"]
