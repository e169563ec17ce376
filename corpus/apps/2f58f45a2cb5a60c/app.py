"""What the radar sees, the forwarder that sorts it, and the lake where it ends."""

import json
import time
from collections import Counter


class Radar:
    def __init__(self, kinesis, stream):
        self.kinesis = kinesis
        self.stream = stream

    def see(self, night, *flocks):
        """Report the flocks of a night in one batch; how many were refused."""
        records = [
            {"Data": self._line(night, species, birds), "PartitionKey": species}
            for species, birds in flocks
        ]
        reply = self.kinesis.put_records(StreamName=self.stream, Records=records)
        return reply["FailedRecordCount"]

    @staticmethod
    def _line(night, species, birds):
        sighting = {"night": night, "species": species, "birds": birds}
        return (json.dumps(sighting) + "\n").encode()


class Forwarder:
    """Moves what is in the stream on, each sighting once and to its own layer."""

    def __init__(self, kinesis, firehose, stream, routes):
        self.kinesis = kinesis
        self.firehose = firehose
        self.stream = stream
        self.routes = routes
        self.positions = {
            shard["ShardId"]: self._newest(shard["ShardId"])
            for shard in kinesis.list_shards(StreamName=stream)["Shards"]
        }

    def forward(self, wanted, seconds=20):
        """Forward so many sightings; the number forwarded per delivery stream."""
        deadline, counts = time.monotonic() + seconds, Counter()
        while counts.total() < wanted and time.monotonic() < deadline:
            for shard in self.positions:
                counts.update(self._forward(shard))
            if counts.total() < wanted:
                time.sleep(0.25)
        return dict(counts)

    def _forward(self, shard):
        reply = self.kinesis.get_records(ShardIterator=self.positions[shard])
        self.positions[shard] = reply["NextShardIterator"]
        batches = {}
        for record in reply["Records"]:
            species = json.loads(record["Data"])["species"]
            target = self.routes["species"].get(species, self.routes["otherwise"])
            batches.setdefault(target, []).append({"Data": record["Data"]})
        for target, records in batches.items():
            answer = self.firehose.put_record_batch(
                DeliveryStreamName=target, Records=records
            )
            if answer["FailedPutCount"]:
                raise RuntimeError(answer["RequestResponses"])
        return {target: len(records) for target, records in batches.items()}

    def _newest(self, shard):
        reply = self.kinesis.get_shard_iterator(
            StreamName=self.stream, ShardId=shard, ShardIteratorType="LATEST"
        )
        return reply["ShardIterator"]


class Lake:
    def __init__(self, s3, bucket):
        self.s3 = s3
        self.bucket = bucket

    def wait_for(self, layer, night, count, seconds=20):
        """(key, sighting) of a night in a layer, as soon as there are so many."""
        deadline, seen = time.monotonic() + seconds, {}
        while True:
            for key in self._keys(f"{layer}/"):
                if key not in seen:
                    seen[key] = self._sightings(key)
            found = [
                (key, sighting)
                for key, sightings in seen.items()
                for sighting in sightings
                if sighting["night"] == night
            ]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

    def _keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", []))

    def _sightings(self, key):
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return [json.loads(line) for line in body.decode().splitlines() if line]
