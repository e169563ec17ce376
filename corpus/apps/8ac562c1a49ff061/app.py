"""Sailings of the ferry line, and the replicator that carries them across."""

import time

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from_wire = TypeDeserializer().deserialize
to_wire = TypeSerializer().serialize


def plain(item):
    return {name: from_wire(value) for name, value in item.items()}


class Shore:
    def __init__(self, dynamodb, streams, table, stream):
        self.dynamodb = dynamodb
        self.streams = streams
        self.table = table
        self.stream = stream

    def schedule(self, pier, sailing, **details):
        item = {"pier": pier, "sailing": sailing, **details}
        wire = {name: to_wire(value) for name, value in item.items()}
        self.dynamodb.put_item(TableName=self.table, Item=wire)

    def cancel(self, pier, sailing):
        self.dynamodb.delete_item(TableName=self.table, Key=self._key(pier, sailing))

    def look_up(self, pier, sailing):
        reply = self.dynamodb.get_item(
            TableName=self.table, Key=self._key(pier, sailing), ConsistentRead=True
        )
        return plain(reply["Item"]) if "Item" in reply else None

    def find(self, index, attribute, value, backwards=False):
        """What an index knows about a value, in the order of the index."""
        reply = self.dynamodb.query(
            TableName=self.table,
            IndexName=index,
            KeyConditionExpression="#a = :v",
            ExpressionAttributeNames={"#a": attribute},
            ExpressionAttributeValues={":v": to_wire(value)},
            ScanIndexForward=not backwards,
        )
        return [plain(item) for item in reply["Items"]]

    def changes(self, pier, wanted=1, seconds=20):
        """(event, new image, old image) of a pier, from the start of the stream."""
        deadline, found = time.monotonic() + seconds, []
        while len(found) < wanted and time.monotonic() < deadline:
            found = [
                change
                for record in self._records()
                if (change := self._change(record, pier))
            ]
            time.sleep(0.1)
        return found

    def apply(self, changes):
        """Repeat another shore's changes here."""
        for event, new, old in changes:
            if event == "REMOVE":
                self.cancel(old["pier"], old["sailing"])
            else:
                self.schedule(**new)

    def _records(self):
        description = self.streams.describe_stream(StreamArn=self.stream)
        for shard in description["StreamDescription"]["Shards"]:
            position = self.streams.get_shard_iterator(
                StreamArn=self.stream,
                ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"]
            while position:
                reply = self.streams.get_records(ShardIterator=position)
                yield from reply["Records"]
                position = reply["Records"] and reply.get("NextShardIterator")

    @staticmethod
    def _change(record, pier):
        images = record["dynamodb"]
        if from_wire(images["Keys"]["pier"]) != pier:
            return None
        new, old = (plain(images.get(kind, {})) for kind in ("NewImage", "OldImage"))
        return record["eventName"], new, old

    @staticmethod
    def _key(pier, sailing):
        return {"pier": to_wire(pier), "sailing": to_wire(sailing)}
