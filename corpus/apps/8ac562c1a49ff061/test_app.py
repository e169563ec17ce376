from uuid import uuid4

import pytest


@pytest.fixture
def pier():
    return f"pier-{uuid4()}"


def test_both_shores_know_every_berth(near, far, outputs):
    for pier, ship in outputs["berths"].items():
        berth = near.look_up(pier, "berth")
        assert berth["ship"] == ship
        assert berth["metres"] > 30
        assert far.look_up(pier, "berth") == berth


def test_a_sailing_stays_on_its_shore_until_it_is_replicated(near, far, pier):
    near.schedule(pier, "07:30", ship="Puffin", passengers=12)
    assert near.look_up(pier, "07:30")["ship"] == "Puffin"
    assert far.look_up(pier, "07:30") is None


def test_the_replicator_carries_additions_and_cancellations_across(near, far, pier):
    near.schedule(pier, "08:00", ship="Puffin", passengers=12)
    near.schedule(pier, "09:00", ship="Guillemot", passengers=80)
    near.cancel(pier, "08:00")
    changes = near.changes(pier, wanted=3)
    assert [event for event, _, _ in changes] == ["INSERT", "INSERT", "REMOVE"]
    far.apply(changes)
    assert far.look_up(pier, "08:00") is None
    assert far.look_up(pier, "09:00") == near.look_up(pier, "09:00")


def test_the_far_shores_stream_tells_what_was_there_before(far, pier):
    far.schedule(pier, "10:15", ship="Razorbill", passengers=3)
    far.schedule(pier, "10:15", ship="Razorbill", passengers=31)
    _, (event, new, old) = far.changes(pier, wanted=2)
    assert event == "MODIFY"
    assert (old["passengers"], new["passengers"]) == (3, 31)


def test_a_piers_fullest_sailing_comes_first(near, pier):
    for sailing, passengers in (("06:00", 9), ("12:00", 120), ("18:00", 47)):
        near.schedule(pier, sailing, ship="Guillemot", passengers=passengers)
    found = near.find("by-passengers", "pier", pier, backwards=True)
    assert [item["passengers"] for item in found] == [120, 47, 9]


def test_a_ships_day_shows_only_what_each_index_projects(near, far, pier):
    ship = f"ship-{uuid4()}"
    for shore in (near, far):
        shore.schedule(pier, "14:00", ship=ship, passengers=5, captain="Ada")
        shore.schedule(pier, "11:00", ship=ship, passengers=6, captain="Bo")
    day = near.find("by-ship", "ship", ship)
    assert [item["sailing"] for item in day] == ["11:00", "14:00"]
    assert set(day[0]) == {"pier", "sailing", "ship", "passengers"}
    assert set(far.find("by-ship", "ship", ship)[0]) == {"pier", "sailing", "ship"}


def test_sailings_expire_on_both_shores(near, far):
    for shore in (near, far):
        reply = shore.dynamodb.describe_time_to_live(TableName=shore.table)
        settings = reply["TimeToLiveDescription"]
        assert settings["TimeToLiveStatus"] == "ENABLED"
        assert settings["AttributeName"] == "forget_at"
