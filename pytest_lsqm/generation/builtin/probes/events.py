"""Event buses: what a bus, its rules and its archives say of themselves, and which events a rule is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import patterns
from pytest_lsqm.generation.builtin.probes.policies import same_policy
from pytest_lsqm.generation.builtin.probes.sinks import asked_json, storable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

helper('''
def suits(events, pattern, event, arn):
    """Whether a pattern is for an event, in the account and region of this ARN."""
    region, account = arn.split(":")[3:5]
    whole = {
        "version": "0",
        "id": str(uuid4()),
        "source": "probe",
        "detail-type": "probe",
        "account": account,
        "region": region,
        "time": "2026-01-02T03:04:05Z",
        "resources": [],
        "detail": {},
    }
    text = json.dumps(whole | event)
    return events.test_event_pattern(EventPattern=pattern, Event=text)["Result"]
''')


@probe("aws_cloudwatch_event_bus")
def bus(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a bus takes events in."""
    yield Test(
        "bus_{}_takes_events_in",
        f"""
        bus = {world.ref(it)}
        assert events.describe_event_bus(Name=bus["name"])["Arn"] == bus["arn"]
        reply = events.put_events(
            Entries=[
                {{
                    "EventBusName": bus["name"],
                    "Source": "lsqm.probe",
                    "DetailType": "Probe",
                    "Detail": json.dumps({{"probe": str(uuid4())}}),
                }}
            ]
        )
        assert reply["FailedEntryCount"] == 0
        assert reply["Entries"][0]["EventId"]
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


@probe("aws_cloudwatch_event_bus_policy")
def bus_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield a look at what the policy of a bus allows and denies."""
    for own in world.where("aws_cloudwatch_event_bus", name=it.attributes.get("event_bus_name")):
        yield same_policy(it, own, world, read='events.describe_event_bus(Name=it["name"]).get("Policy")')


@probe("aws_cloudwatch_event_permission")
def permission(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy of a bus names whom it lets in."""
    yield Test(
        "permission_{}_is_in_the_policy_of_the_bus",
        f"""
        it = {world.ref(it)}
        bus = events.describe_event_bus(Name=it.get("event_bus_name") or "default")
        statements = json.loads(bus["Policy"])["Statement"]
        (found,) = [each for each in statements if each["Sid"] == it["statement_id"]]
        assert found["Effect"] == "Allow"
        assert found["Action"] == it["action"]
        assert it["principal"] in str(found["Principal"])
        """,
        (it.address,),
        world.label(it),
    )


@probe("aws_cloudwatch_event_archive")
def archive(it: Resource, world: World) -> Iterable[Test]:
    """Return that an archive is enabled, and keeps what was asked for as long as was asked for."""
    pattern = asked_json(it, world, "event_pattern")
    test = Test(
        "archive_{}_keeps_what_was_asked_for",
        f"""
        it = {world.ref(it)}
        found = events.describe_archive(ArchiveName=it["name"])
        assert found["State"] == "ENABLED"
        assert found["EventSourceArn"] == it["event_source_arn"]
        assert found.get("RetentionDays", 0) == {world.asked(it, "retention_days") or 0!r}
        {f'assert json.loads(found["EventPattern"]) == {pattern!r}' if pattern else ""}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    return storable([test])


@probe("aws_cloudwatch_event_rule")
def rule(it: Resource, world: World) -> Iterable[Test]:
    """Return that a rule says what was asked for, and tells the events it is for from others."""
    return storable([*_described(it, world), *_telling_apart(it, world)])


def enabled(it: Resource) -> bool:
    """Whether a rule is to do anything; the provider's older versions call it `is_enabled`."""
    state = it.attributes.get("state")
    return (
        bool(state.startswith("ENABLED"))
        if isinstance(state, str)
        else it.attributes.get("is_enabled") is not False
    )


def bus_name(it: Resource) -> str:
    """The expression for the bus of a rule or a target, given as `it`."""
    return 'it["event_bus_name"]' if it.attributes.get("event_bus_name") else '"default"'


def _described(it: Resource, world: World) -> Iterator[Test]:
    wanted: dict[str, Any] = {"State": it.attributes.get("state") or ("ENABLED" if enabled(it) else "DISABLED")}
    for name, api in (("schedule_expression", "ScheduleExpression"), ("description", "Description")):
        if value := world.asked(it, name):
            wanted[api] = value
    pattern = asked_json(it, world, "event_pattern")
    yield Test(
        "rule_{}_says_what_was_asked_for",
        f"""
        it = {world.ref(it)}
        rule = events.describe_rule(Name=it["name"], EventBusName={bus_name(it)})
        wanted = {wanted!r}
        assert {{name: rule.get(name) for name in wanted}} == wanted
        {f'assert json.loads(rule["EventPattern"]) == {pattern!r}' if pattern else ""}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


def _telling_apart(it: Resource, world: World) -> Iterator[Test]:
    pattern = asked_json(it, world, "event_pattern")
    if not isinstance(pattern, dict):
        return
    try:
        hit, misses = whole(patterns.fitting(pattern)), [whole(event) for event in patterns.missing(pattern)]
    except patterns.Unknown:
        return
    if {"version", "id", "account", "region", "time"} & set(pattern):
        return
    yield Test(
        "rule_{}_tells_its_events_from_others",
        f"""
        it = {world.ref(it)}
        rule = events.describe_rule(Name=it["name"], EventBusName={bus_name(it)})
        assert suits(events, rule["EventPattern"], {hit!r}, it["arn"])
        for other in {misses!r}:
            assert not suits(events, rule["EventPattern"], other, it["arn"])
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


def whole(event: dict[str, Any]) -> dict[str, Any]:
    """An event whose resources are a list, as EventBridge has them."""
    resources = event.get("resources")
    return event if resources is None or isinstance(resources, list) else event | {"resources": [resources]}
