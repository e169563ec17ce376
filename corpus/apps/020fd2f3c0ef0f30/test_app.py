import json
from uuid import uuid4


def texts(arrivals):
    return [text for text, _ in arrivals]


def test_frost_is_told_by_number_and_not_by_sensor_alone(service, outputs):
    edge = outputs["frost_below"]
    mild = service.read("temperature", edge, "hut")
    humid = service.read("humidity", edge - 5, "hut")
    cold = service.read("temperature", edge - 0.5, "hut")
    arrived = texts(service.arrivals("frost", cold))
    assert cold in arrived
    assert mild not in arrived
    assert humid not in arrived


def test_a_gale_is_any_wind_sensor_within_a_range(service):
    breeze = service.read("wind-mast", 59.9, "ridge")
    broken = service.read("wind-mast", 200, "ridge")
    mast = service.read("wind-mast", 60, "ridge")
    vane = service.read("wind-vane", 199.9, "ridge")
    arrived = texts(service.arrivals("gale", vane))
    assert sorted(arrived) == sorted([mast, vane])
    assert breeze not in arrived and broken not in arrived


def test_other_valleys_are_passed_on_but_not_our_own(service, outputs):
    own = [service.read("snow", 12, station) for station in outputs["own_stations"]]
    other = service.read("snow", 12, "zillertal")
    arrived = texts(service.arrivals("elsewhere", other))
    assert other in arrived
    assert not set(own) & set(arrived)


def test_a_reading_without_a_station_is_noticed(service):
    signed = service.read("snow", 3, "hut")
    unsigned = service.read("snow", 3)
    arrived = texts(service.arrivals("unsigned", unsigned))
    assert unsigned in arrived
    assert signed not in arrived


def test_the_archive_gets_all_of_it_wrapped_and_the_rest_raw(service, outputs):
    cold = service.read("temperature", outputs["frost_below"] - 20, "lift")
    wrapped = dict(service.arrivals("archive", cold))[cold]
    envelope = json.loads(wrapped["Body"])
    assert envelope["Type"] == "Notification"
    assert envelope["TopicArn"] == outputs["topic_arns"]["readings"]
    assert envelope["MessageAttributes"]["station"]["Value"] == "lift"
    raw = dict(service.arrivals("frost", cold))[cold]
    assert raw["Body"] == cold
    assert raw["MessageAttributes"]["station"]["StringValue"] == "lift"


def test_warnings_of_a_slope_arrive_in_order_and_once(service):
    run = str(uuid4())
    sent = [f"{run} {n}" for n in range(1, 6)]
    for text in [*sent, sent[0], sent[-1]]:
        service.warn(text, level=2, slope=run)
    arrived = service.arrivals("radio", sent[-1], mention=run)
    assert texts(arrived) == sent
    groups = {message["Attributes"]["MessageGroupId"] for _, message in arrived}
    assert groups == {run}


def test_the_patrol_is_called_by_high_levels_only(service):
    run = str(uuid4())
    for level in (1, 4, 3, 5):
        service.warn(f"{run} level {level}", level, slope=run)
    arrived = service.arrivals("patrol", f"{run} level 5", mention=run)
    assert texts(arrived) == [f"{run} level 4", f"{run} level 5"]
