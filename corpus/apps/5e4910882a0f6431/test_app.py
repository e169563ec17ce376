from uuid import uuid4

from app import emptied, refused, submit, weigh


def test_a_parcel_weighs_as_much_as_its_items(functions, outputs):
    parcel = {"id": str(uuid4()), "items": [{"grams": 200, "count": 3}, {"grams": 50}]}
    error, result = weigh(functions, outputs["function_name"], parcel)
    assert error is None
    assert result == {"id": parcel["id"], "grams": 650}


def test_the_warehouse_asks_the_live_alias(functions, outputs):
    parcel = {"id": str(uuid4()), "items": [{"grams": 1}]}
    assert weigh(functions, outputs["alias_arn"], parcel)[1]["grams"] == 1
    alias = functions.get_alias(FunctionName=outputs["function_name"], Name="live")
    assert alias["FunctionVersion"] == "1"


def test_a_parcel_that_is_too_heavy_is_an_error(functions, outputs):
    parcel = {"id": str(uuid4()), "items": [{"grams": 40_000}]}
    error, result = weigh(functions, outputs["function_name"], parcel)
    assert error == "Unhandled"
    assert result["errorMessage"] == f"{parcel['id']} weighs 40000 g"


def test_parcels_from_the_queue_are_weighed_and_gone(sqs, outputs):
    parcel = {"id": str(uuid4()), "items": [{"grams": 10}]}
    submit(sqs, outputs["parcels_url"], parcel)
    assert emptied(sqs, outputs["parcels_url"])
    assert refused(sqs, outputs["unweighable_url"], parcel["id"], seconds=2) is None


def test_a_parcel_that_is_too_heavy_ends_in_the_dead_letter_queue(sqs, outputs):
    parcel = {"id": str(uuid4()), "items": [{"grams": 31_501}]}
    submit(sqs, outputs["parcels_url"], parcel)
    assert refused(sqs, outputs["unweighable_url"], parcel["id"]) == parcel


def test_the_queue_feeds_the_function_one_parcel_at_a_time(functions, outputs):
    mapping = functions.get_event_source_mapping(UUID=outputs["mapping_id"])
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionArn"].split(":")[6] == outputs["function_name"]
