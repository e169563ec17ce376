"""Streams: what is put in can be read, and what a log group is told gets where it should."""

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


@probe("aws_kinesis_stream")
def stream(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a stream has the shape that was asked for, and gives back its records in order."""
    label, ref, region = world.label(it), world.ref(it), world.other_region(it)
    wanted: dict[str, Any] = {"StreamStatus": "ACTIVE"}
    if world.asked(it, "shard_count"):
        wanted["OpenShardCount"] = world.asked(it, "shard_count")
    if world.asked(it, "retention_period"):
        wanted["RetentionPeriodHours"] = world.asked(it, "retention_period")
    if world.asked(it, "encryption_type"):
        wanted["EncryptionType"] = world.asked(it, "encryption_type")
    yield Test(
        "stream_{}_has_the_shape_that_was_asked_for",
        f"""
        stream = {ref}
        reply = kinesis.describe_stream_summary(StreamName=stream["name"])
        wanted = {wanted!r}
        found = reply["StreamDescriptionSummary"]
        assert {{name: found.get(name) for name in wanted}} == wanted
        """,
        (it.address,),
        label,
        region,
    )
    yield Test(
        "stream_{}_gives_back_the_records_of_a_key_in_order",
        f"""
        stream = {ref}
        key = str(uuid4())
        put = [
            kinesis.put_record(StreamName=stream["name"], PartitionKey=key, Data=data)
            for data in (b"first", b"second")
        ]
        assert put[0]["ShardId"] == put[1]["ShardId"]
        assert read(kinesis, stream["name"], put[0], key) == [b"first", b"second"]
        """,
        (it.address,),
        label,
        region,
    )


helper('''
def read(kinesis, stream, put, key, seconds=15):
    """The data of two records with this key, from the place in a shard where one was put."""
    place = kinesis.get_shard_iterator(
        StreamName=stream,
        ShardId=put["ShardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=put["SequenceNumber"],
    )["ShardIterator"]
    found = []
    deadline = time.monotonic() + seconds
    while len(found) < 2 and time.monotonic() < deadline:
        reply = kinesis.get_records(ShardIterator=place)
        records = reply["Records"]
        found += [one["Data"] for one in records if one["PartitionKey"] == key]
        place = reply["NextShardIterator"]
        if not records:
            time.sleep(0.3)
    return found
''')


@probe("aws_kinesis_stream_consumer")
def consumer(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a consumer is registered with its stream and ready."""
    yield Test(
        "consumer_{}_is_ready_for_its_stream",
        f"""
        it = {world.ref(it)}
        reply = kinesis.describe_stream_consumer(ConsumerARN=it["arn"])
        found = reply["ConsumerDescription"]
        assert found["ConsumerStatus"] == "ACTIVE"
        assert found["ConsumerName"] == {world.source(it, "name")}
        assert found["StreamARN"] == it["stream_arn"]
        listed = kinesis.list_stream_consumers(StreamARN=it["stream_arn"])["Consumers"]
        assert it["arn"] in [each["ConsumerARN"] for each in listed]
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


@probe("aws_cloudwatch_log_subscription_filter")
def subscription_filter(it: Resource, world: World) -> Iterable[Test]:
    """Return that a filter is on its log group, and that lines get where it sends them."""
    wanted = world.asked(it, "filter_pattern")
    pattern = "" if wanted is None else f'assert found["filterPattern"] == {wanted!r}'
    listed = Test(
        "subscription_filter_{}_is_listed_as_asked",
        f"""
        it = {world.ref(it)}
        reply = logs.describe_subscription_filters(
            logGroupName=it["log_group_name"], filterNamePrefix=it["name"]
        )
        filters = reply["subscriptionFilters"]
        (found,) = [each for each in filters if each["filterName"] == it["name"]]
        assert found["destinationArn"] == it["destination_arn"]
        {pattern}
        """,
        (it.address,),
        world.label(it),
    )
    return storable([listed, *_forwarded(it, world)])


def _forwarded(it: Resource, world: World) -> Iterator[Test]:
    stream = world.by_arn(it.attributes.get("destination_arn"))
    pattern = str(it.attributes.get("filter_pattern") or "")
    if stream is None or stream.type != "aws_kinesis_stream" or not re.fullmatch(r"\w*", pattern):
        return
    text = f'f"{pattern} {{wanted}}"' if pattern else "wanted"
    yield Test(
        "lines_for_{}_arrive_in_its_stream",
        f"""
        it = {world.ref(it)}
        stream = {world.ref(stream)}
        wanted = str(uuid4())
        with_line(logs, it["log_group_name"], {text})
        found = gather(
            lambda: [unzipped(each) for each in records(kinesis, stream["name"])],
            wanted,
            seconds=30,
            after=0,
        )
        assert any(wanted.encode() in each for each in found)
        """,
        (it.address, stream.address),
        world.label(it),
    )


helper('''
def with_line(logs, group, text):
    """Write a line to a stream of its own in a log group."""
    stream = str(uuid4())
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass  # a first attempt was answered too late, or with an error
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
''')
