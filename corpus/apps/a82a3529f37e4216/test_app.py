from uuid import uuid4


def test_a_new_negative_is_developed(studio, outputs):
    key = f"negatives/{uuid4()}.raw"
    studio.store(key, b"12345")
    record = studio.told("develop", key)
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["bucket"]["name"] == outputs["bucket"]
    assert record["s3"]["object"]["size"] == 5


def test_a_negative_with_another_suffix_is_left_alone(studio):
    sidecar, negative = f"negatives/{uuid4()}.xmp", f"negatives/{uuid4()}.raw"
    studio.store(sidecar)
    studio.store(negative)
    assert studio.told("develop", negative) is not None
    assert studio.told("develop", sidecar, seconds=1) is None


def test_a_print_made_by_copying_is_framed_and_not_developed(studio):
    draft, key = f"drafts/{uuid4()}.jpg", f"prints/{uuid4()}.jpg"
    studio.store(draft)
    studio.copy(draft, key)
    assert studio.told("frame", key)["eventName"] == "ObjectCreated:Copy"
    assert studio.told("develop", key, seconds=1) is None
    assert studio.told("frame", draft, seconds=1) is None


def test_every_deletion_is_booked(studio):
    key = f"drafts/{uuid4()}.jpg"
    studio.store(key)
    studio.discard(key)
    record = studio.told("bookkeeping", key)
    assert record["eventName"].startswith("ObjectRemoved:Delete")


def test_a_key_with_spaces_arrives_as_it_was(studio):
    key = f"prints/{uuid4()} aunt & uncle.jpg"
    studio.store(key)
    assert studio.told("frame", key) is not None


def test_only_the_studios_site_may_upload_from_a_browser(s3, outputs):
    [rule] = s3.get_bucket_cors(Bucket=outputs["bucket"])["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://studio-lumen.example"]
    assert rule["AllowedMethods"] == ["GET", "PUT"]
