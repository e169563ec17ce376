from uuid import uuid4


def test_a_portrait_is_announced_raw(box):
    key = f"portraits/{uuid4()}.jpg"
    box.drop(key, b"smile")
    record, body = box.news("portraits", key)
    assert record["s3"]["object"]["size"] == 5
    assert "Records" in body
    assert "Message" not in body


def test_a_floor_plan_comes_in_the_envelope_of_its_topic(box):
    key = f"floorplan/{uuid4()}.svg"
    box.drop(key, b"<svg/>")
    record, body = box.news("floorplan", key)
    assert record["eventName"].startswith("ObjectCreated:")
    assert body["Type"] == "Notification"
    assert body["TopicArn"].endswith("-floorplan")


def test_a_portrait_is_no_news_for_the_readers_of_floor_plans(box):
    portrait, plan = f"portraits/{uuid4()}.jpg", f"floorplan/{uuid4()}.svg"
    box.drop(portrait, b"1")
    box.drop(plan, b"2")
    assert box.news("portraits", portrait)[0] is not None
    assert box.news("floorplan", portrait, seconds=2)[0] is None


def test_the_wrong_file_type_is_not_announced(box):
    word, picture = f"portraits/{uuid4()}.docx", f"portraits/{uuid4()}.jpg"
    box.drop(word, b"letter")
    box.drop(picture, b"smile")
    assert box.news("portraits", picture)[0] is not None
    assert box.news("portraits", word, seconds=2)[0] is None


def test_keys_with_blanks_and_umlauts_survive_the_way(box):
    key = f"portraits/{uuid4()} Frau Müller + Hund.jpg"
    box.drop(key, b"woof")
    record, _ = box.news("portraits", key)
    assert " " not in record["s3"]["object"]["key"]


def test_the_index_finds_copies_of_a_picture(box):
    content = uuid4().bytes
    keys = sorted(f"portraits/{uuid4()}.jpg" for _ in range(2))
    for key in keys:
        box.drop(key, content)
        record, _ = box.news("portraits", key)
        item = box.index("portraits", record)
    assert box.copies(item["etag"]) == keys
