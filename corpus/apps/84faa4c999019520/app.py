"""Clicks written to the stream and read by several readers at their own pace."""

import json
import time


def click(kinesis, stream, listener, song):
    """Record a click; returns its shard and sequence number."""
    reply = kinesis.put_record(
        StreamName=stream,
        PartitionKey=listener,
        Data=json.dumps({"listener": listener, "song": song}).encode(),
    )
    return reply["ShardId"], reply["SequenceNumber"]


def read(kinesis, stream, shard, after=None, wanted=1, seconds=15):
    """(sequence number, click) of a shard, from the start or after a checkpoint."""
    start = (
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        if after
        else {"ShardIteratorType": "TRIM_HORIZON"}
    )
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)
    position = iterator["ShardIterator"]
    found, deadline = [], time.monotonic() + seconds
    while len(found) < wanted and time.monotonic() < deadline:
        reply = kinesis.get_records(ShardIterator=position, Limit=1000)
        position = reply["NextShardIterator"]
        found += [
            (r["SequenceNumber"], json.loads(r["Data"])) for r in reply["Records"]
        ]
        if not reply["Records"]:
            time.sleep(0.3)
    return found


class Checkpoints:
    """How far a reader has come in each shard."""

    def __init__(self, table):
        self.table = table

    def save(self, shard, sequence):
        self.table.put_item(Item={"shard": shard, "sequence": sequence})

    def load(self, shard):
        item = self.table.get_item(Key={"shard": shard}).get("Item")
        return item and item["sequence"]
