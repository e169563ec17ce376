import json


def done(execution):
    """Bed and what was done, in the order of the round."""
    results = json.loads(execution["output"])["results"]
    return [(result["bed"], result["done"]) for result in results]


def test_dry_beds_are_watered_and_moist_ones_left_alone(greenhouse, outputs):
    edge = outputs["dry_below"]
    beds = [("fern", edge - 1), ("cactus", edge), ("orchid", 0), ("fig", 100)]
    name, execution = greenhouse.walk(beds)
    assert execution["status"] == "SUCCEEDED"
    assert done(execution) == [
        ("fern", "watered"),
        ("cactus", "left alone"),
        ("orchid", "watered"),
        ("fig", "left alone"),
    ]
    jobs = greenhouse.messages("water", name, wanted=2)
    assert sorted((job["bed"], job["position"]) for job in jobs) == [
        ("fern", 0),
        ("orchid", 2),
    ]
    assert greenhouse.remembered(name) == {"fern": edge - 1, "orchid": 0}


def test_the_results_keep_the_order_of_many_beds(greenhouse):
    beds = [(f"bed-{n}", 90 if n % 3 else 5) for n in range(9)]
    _, execution = greenhouse.walk(beds)
    assert [bed for bed, _ in done(execution)] == [bed for bed, _ in beds]


def test_a_bed_is_watered_once_per_round_and_again_in_the_next(greenhouse):
    name, _ = greenhouse.walk([("palm", 10)])
    _, second = greenhouse.walk([("palm", 9)], name=name)
    assert done(second) == [("palm", "watered before")]
    assert greenhouse.remembered(name) == {"palm": 10}
    assert len(greenhouse.messages("water", name, wanted=1)) == 1
    _, next_round = greenhouse.walk([("palm", 9)])
    assert done(next_round) == [("palm", "watered")]


def test_the_round_is_written_down_and_reported(greenhouse, outputs):
    name, execution = greenhouse.walk([("lily", 3), ("moss", 80), ("rose", 4)])
    report = json.loads(execution["output"])["report"]
    assert report[0] == {"table": outputs["rounds_table"]}
    assert report[1]["message"]
    record = greenhouse.record(name)
    assert record["beds"] == {"N": "3"}
    written = [(row["bed"], row["done"]) for row in json.loads(record["results"]["S"])]
    assert written == done(execution)
    told = greenhouse.messages("report", name, wanted=1)
    assert told == [{"round": name, "done": ["watered", "left alone", "watered"]}]


def test_the_water_settles_before_the_report(greenhouse, outputs):
    _, execution = greenhouse.walk([("ivy", 1)])
    took = execution["stopDate"] - execution["startDate"]
    assert execution["status"] == "SUCCEEDED"
    assert took.total_seconds() >= outputs["settle_seconds"]


def test_an_impossible_reading_stops_the_round_without_a_report(greenhouse):
    name, execution = greenhouse.walk([("fern", 50), ("broken", 101)])
    assert (execution["status"], execution["error"]) == ("FAILED", "BadReading")
    assert greenhouse.record(name) is None


def test_a_round_without_beds_is_refused(greenhouse):
    name, execution = greenhouse.walk([])
    assert (execution["status"], execution["error"]) == ("FAILED", "NothingToDo")
    assert greenhouse.record(name) is None
