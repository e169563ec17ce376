"""boto3 clients for the tests: an emulator's endpoint, an account, no patience for retries."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

ONE, OTHER = "100000000011", "200000000022"


def client(service: str, endpoint: str, account: str = ONE) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}, read_timeout=60),
    )


def create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def put_on_stream(kinesis: Any, name: str) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    return str(kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="1")["ShardId"])
