import re
from uuid import uuid4

import pytest


@pytest.fixture
def night():
    return f"night-{uuid4()}"


def test_sightings_end_in_the_layer_of_their_flyway(
    radar, forwarder, lake, outputs, night
):
    assert radar.see(night, ("swallow", 40), ("crane", 7), ("knot", 112)) == 0
    streams = outputs["delivery_streams"]
    expected = {streams["atlantic"]: 2, streams["baltic"]: 1}
    assert forwarder.forward(wanted=3) == expected
    atlantic = lake.wait_for("atlantic", night, count=2)
    assert sorted(sighting["birds"] for _, sighting in atlantic) == [40, 112]
    [(_, crane)] = lake.wait_for("baltic", night, count=1)
    assert crane == {"night": night, "species": "crane", "birds": 7}


def test_a_species_of_no_flyway_is_a_stray(radar, forwarder, lake, outputs, night):
    radar.see(night, ("flamingo", 1))
    assert forwarder.forward(wanted=1) == {outputs["delivery_streams"]["strays"]: 1}
    [(key, _)] = lake.wait_for("strays", night, count=1)
    assert re.match(r"strays/\d{4}/\d{2}/\d{2}/\d{2}/", key)


def test_nothing_is_forwarded_twice(radar, forwarder, lake, night):
    radar.see(night, ("wheatear", 5))
    assert sum(forwarder.forward(wanted=1).values()) == 1
    assert forwarder.forward(wanted=1, seconds=1) == {}
    assert len(lake.wait_for("atlantic", night, count=1)) == 1


def test_the_sightings_of_both_shards_are_forwarded(radar, forwarder, lake, night):
    assert len(forwarder.positions) == 2
    flocks = [(f"species-{number}", number) for number in range(12)]
    radar.see(night, *flocks)
    forwarder.forward(wanted=12)
    found = lake.wait_for("strays", night, count=12)
    assert sorted(sighting["birds"] for _, sighting in found) == list(range(12))


def test_the_stream_is_encrypted_with_its_own_key(kinesis, outputs):
    reply = kinesis.describe_stream(StreamName=outputs["stream_name"])
    description = reply["StreamDescription"]
    assert description["EncryptionType"] == "KMS"
    assert description["KeyId"] == outputs["key_arn"]


def test_each_delivery_stream_logs_its_errors_to_its_own_log_stream(
    firehose, logs, outputs
):
    reply = logs.describe_log_streams(logGroupName=outputs["log_group"])
    streams = {stream["logStreamName"] for stream in reply["logStreams"]}
    assert streams == {*outputs["flyways"], "strays"}
    for layer, name in outputs["delivery_streams"].items():
        reply = firehose.describe_delivery_stream(DeliveryStreamName=name)
        destination = reply["DeliveryStreamDescription"]["Destinations"][0]
        target = destination["ExtendedS3DestinationDescription"]
        assert target["CloudWatchLoggingOptions"]["LogStreamName"] == layer
        assert target["Prefix"] == f"{layer}/"


def test_strays_are_forgotten_first(s3, outputs):
    reply = s3.get_bucket_lifecycle_configuration(Bucket=outputs["lake_bucket"])
    days = {rule["ID"]: rule["Expiration"]["Days"] for rule in reply["Rules"]}
    assert days == outputs["keep_days"]
    assert min(days, key=days.get) == "strays"
