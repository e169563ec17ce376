from uuid import uuid4

from app import click, read


def test_the_clicks_of_a_listener_stay_in_order(kinesis, outputs):
    stream, listener = outputs["stream_name"], str(uuid4())
    places = [click(kinesis, stream, listener, song) for song in ("a", "b", "c")]
    shard, first = places[0]
    assert {place[0] for place in places} == {shard}
    later = read(kinesis, stream, shard, after=first, wanted=2)
    songs = [entry["song"] for _, entry in later if entry["listener"] == listener]
    assert songs == ["b", "c"]


def test_many_listeners_spread_over_both_shards(kinesis, outputs):
    stream = outputs["stream_name"]
    shards = {click(kinesis, stream, str(uuid4()), "x")[0] for _ in range(40)}
    assert len(shards) == 2


def test_a_reader_goes_on_from_its_checkpoint(kinesis, checkpoints, outputs):
    stream, listener = outputs["stream_name"], str(uuid4())
    shard, sequence = click(kinesis, stream, listener, "old")
    checkpoints["charts"].save(shard, sequence)
    click(kinesis, stream, listener, "new")
    found = read(kinesis, stream, shard, after=checkpoints["charts"].load(shard))
    mine = [entry["song"] for _, entry in found if entry["listener"] == listener]
    assert mine == ["new"]


def test_one_readers_checkpoint_is_unknown_to_the_other(checkpoints):
    shard = f"shard-{uuid4()}"
    checkpoints["royalties"].save(shard, "42")
    assert checkpoints["royalties"].load(shard) == "42"
    assert checkpoints["charts"].load(shard) is None


def test_a_batch_is_accepted_whole(kinesis, outputs):
    data = b'{"listener": "batch", "song": "z"}'
    records = [{"Data": data, "PartitionKey": str(uuid4())} for _ in range(10)]
    reply = kinesis.put_records(StreamName=outputs["stream_name"], Records=records)
    assert reply["FailedRecordCount"] == 0
    assert len({r["SequenceNumber"] for r in reply["Records"]}) == 10


def test_the_stream_is_encrypted_and_keeps_clicks_two_days(kinesis, outputs):
    reply = kinesis.describe_stream_summary(StreamName=outputs["stream_name"])
    summary = reply["StreamDescriptionSummary"]
    assert summary["RetentionPeriodHours"] == 48
    assert summary["EncryptionType"] == "KMS"
    consumer = kinesis.describe_stream_consumer(ConsumerARN=outputs["consumer_arn"])
    assert consumer["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE"
