"""Delivery streams: what they are handed is found in their bucket, where it was to be put."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.sinks import storable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

MEGABYTE = 1_000_000
MOST_MEGABYTES = 5
"""What a test hands over at most, for a delivery stream to deliver before its time is up."""

CHANGES = (
    "processing_configuration",
    "data_format_conversion_configuration",
    "dynamic_partitioning_configuration",
)
"""What makes something else of a record than it was."""

PATIENCE = 45
"""Seconds; a test has sixty."""


@probe("aws_kinesis_firehose_delivery_stream")
def delivery_stream(it: Resource, world: World) -> Iterable[Test]:
    """Return that a delivery stream is ready, and that it delivers to its bucket what it is handed."""
    return storable([_ready(it, world), *_delivered(it, world)])


def _ready(it: Resource, world: World) -> Test:
    source = "KinesisStreamAsSource" if it.attributes.get("kinesis_source_configuration") else "DirectPut"
    return Test(
        "delivery_stream_{}_is_ready",
        f"""
        it = {world.ref(it)}
        reply = firehose.describe_delivery_stream(DeliveryStreamName=it["name"])
        found = reply["DeliveryStreamDescription"]
        assert found["DeliveryStreamStatus"] == "ACTIVE"
        assert found["DeliveryStreamType"] == {source!r}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


def _delivered(it: Resource, world: World) -> Iterator[Test]:
    destination = s3_of(it)
    bucket = world.by_arn(destination.get("bucket_arn"))
    if bucket is None or len(_kinds(it)) != 1 or any(_on(destination, name) for name in CHANGES):
        return  # it arrives in another form, or elsewhere
    size, interval = _buffers(destination)
    compression = destination.get("compression_format") or "UNCOMPRESSED"
    if compression not in {"UNCOMPRESSED", "GZIP"} or (size > MOST_MEGABYTES and interval > PATIENCE):
        return
    records = size + 1 if interval > PATIENCE else 1
    prefix = str(destination.get("prefix") or "")
    fixed = prefix.partition("!{")[0]
    source = (it.attributes.get("kinesis_source_configuration") or [{}])[0].get("kinesis_stream_arn")
    stream = world.by_arn(source)
    if source and stream is None:
        return
    if stream is None:
        put = 'firehose.put_record(DeliveryStreamName=it["name"], Record={"Data": data})'
    else:
        put = 'kinesis.put_record(StreamName=stream["name"], PartitionKey=str(uuid4()), Data=data)'
    dated = "" if prefix != fixed else rf'assert re.match(r"{re.escape(fixed)}\d{{4}}/\d\d/\d\d/\d\d/", found[0])'
    lines = [
        f"it = {world.ref(it)}",
        f"bucket = {world.ref(bucket)}",
        *([f"stream = {world.ref(stream)}"] if stream is not None else []),
        *(
            [f's3 = boto3.client("s3", region_name={_bucket_region(bucket, world)!r})']
            if _far(it, bucket, world)
            else []
        ),
        "text = str(uuid4())",
        f'data = text.encode(){f".ljust({MEGABYTE // 1000 * 1000})" if records > 1 else ""} + b"\\n"',
        *([f"for _ in range({records}):  # what fills its buffer", f"    {put}"] if records > 1 else [put]),
        f'found = objects(s3, bucket["bucket"], {fixed!r}, text)',
        "assert found",
        *([dated] if dated else []),
    ]
    covers = (it.address, bucket.address, *([stream.address] if stream else []))
    yield Test(
        "delivery_stream_{}_delivers_to_its_bucket",
        "\n".join(lines),
        covers,
        world.label(it),
        world.other_region(it),
    )


def s3_of(it: Resource) -> dict[str, Any]:
    """The S3 destination of a delivery stream; empty where it has another."""
    for name in ("extended_s3_configuration", "s3_configuration"):
        for found in it.attributes.get(name) or []:
            return dict(found)
    return {}


def _on(destination: dict[str, Any], name: str) -> bool:
    return any(one.get("enabled", True) for one in destination.get(name) or [])


def _kinds(it: Resource) -> list[str]:
    return [
        name for name, value in it.attributes.items() if name.endswith("_configuration") and value and _to(name)
    ]


def _to(name: str) -> bool:
    return name not in {"kinesis_source_configuration", "msk_source_configuration"}


def _buffers(destination: dict[str, Any]) -> tuple[int, int]:
    size = destination.get("buffer_size") or destination.get("buffering_size") or 5
    interval = destination.get("buffer_interval")
    interval = destination.get("buffering_interval") if interval is None else interval
    return int(size), 300 if interval is None else int(interval)


def _bucket_region(bucket: Resource, world: World) -> str:
    return str(bucket.attributes.get("region") or world.region)


def _far(it: Resource, bucket: Resource, world: World) -> bool:
    return _bucket_region(bucket, world) != world.region_of(it)


helper('''
def objects(s3, bucket, prefix, text, seconds=45):
    """The keys of the objects with a text in them, once no more of them come; they are removed again."""
    seen, found = set(), []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        new = [key for key in keys if key not in seen]
        for key in new:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            if text.encode() in unzipped(body):
                found.append(key)
        if found and not new:
            break
        seen.update(new)
        time.sleep(0.5)
    for key in found:
        erase(s3, bucket, key)
    return found
''')

helper('''
def unzipped(data):
    """What was compressed, be it or not."""
    return gzip.decompress(data) if data.startswith(b"\\x1f\\x8b") else data
''')

helper('''
def erase(s3, bucket, key):
    """Remove an object with all its versions, so that the bucket can be removed."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    for page in pages:
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if each["Key"] == key:
                s3.delete_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])
''')
