"""Targets of rules: an event that a rule is for arrives where it sends it, in the form that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import patterns
from pytest_lsqm.generation.builtin.probes.events import bus_name, enabled, whole
from pytest_lsqm.generation.builtin.probes.forms import Form, form, marked
from pytest_lsqm.generation.builtin.probes.sinks import (
    Sink,
    allows,
    asked_json,
    code,
    publishes,
    queue_sink,
    receives,
    storable,
    subscribed_sinks,
)
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SERVICE = "events.amazonaws.com"
SENDABLE = {"source", "detail-type", "detail", "resources"}
"""What an event's sender may say; the rest EventBridge fills in."""

MOST_MISSES = 4

helper('''
def emit(events, bus, *sent):
    """Put events on a bus, each of which must be accepted."""
    entries = [
        {
            "EventBusName": bus,
            "Source": event.get("source", "lsqm.probe"),
            "DetailType": event.get("detail-type", "Probe"),
            "Detail": json.dumps(event.get("detail", {})),
            "Resources": event.get("resources", []),
        }
        for event in sent
    ]
    reply = events.put_events(Entries=entries)
    assert reply["FailedEntryCount"] == 0, reply["Entries"]
''')


@probe("aws_cloudwatch_event_target")
def target(it: Resource, world: World) -> Iterable[Test]:
    """Return that a target is listed as asked for, and that the events of its rule arrive there."""
    return storable([_listed(it, world), *_deliveries(it, world)])


def _listed(it: Resource, world: World) -> Test:
    checks = ['assert found["Arn"] == it["arn"]']
    for name, api in (("input", "Input"), ("input_path", "InputPath")):
        if (value := world.asked(it, name)) is not None and value != "":
            checks.append(f'assert found.get("{api}") == {value!r}')
    if template := world.asked(it, "input_transformer", 0, "input_template"):
        checks.append(f'assert found["InputTransformer"]["InputTemplate"].strip() == {template.strip()!r}')
    if retries := world.asked(it, "retry_policy", 0, "maximum_retry_attempts"):
        checks.append(f'assert found["RetryPolicy"]["MaximumRetryAttempts"] == {retries!r}')
    if it.attributes.get("dead_letter_config"):
        checks.append('assert found["DeadLetterConfig"]["Arn"] == it["dead_letter_config"][0]["arn"]')
    lines = [
        f"it = {world.ref(it)}",
        f'reply = events.list_targets_by_rule(Rule=it["rule"], EventBusName={bus_name(it)})',
        '(found,) = [each for each in reply["Targets"] if each["Id"] == it["target_id"]]',
        *checks,
    ]
    rule = rule_of(it, world)
    region = world.other_region(rule) if rule else None
    return Test("target_{}_is_listed_as_asked", "\n".join(lines), (it.address,), world.label(it), region)


def _deliveries(it: Resource, world: World) -> Iterator[Test]:
    rule = rule_of(it, world)
    pattern = asked_json(rule, world, "event_pattern") if rule else None
    if rule is None or not isinstance(pattern, dict) or not enabled(rule) or not set(pattern) <= SENDABLE:
        return
    try:
        hit = whole(patterns.fitting(pattern))
        misses = [whole(event) for event in patterns.missing(pattern)]
    except patterns.Unknown:
        return
    if not _own(hit):
        return  # only AWS may send these
    for sink in sinks_of(it, rule, world):
        shape, event = form(it, hit)
        if shape is None:
            continue
        others = [other for other in misses if _own(other) and not _elsewhere(other, it, rule, sink, world)]
        sent = [*(marked(other, "@unwanted@") for other in others[:MOST_MISSES]), event]
        yield _delivery(it, rule, world, sink=sink, shape=shape, sent=sent)
    if it.attributes.get("input"):
        yield from _constant(it, rule, hit, world)


def _own(event: dict[str, Any]) -> bool:
    return not str(event.get("source", "")).startswith("aws.") and event.get("source") != ""


def _delivery(it: Resource, rule: Resource, world: World, *, sink: Sink, shape: Form, sent: list[Any]) -> Test:
    *misses, event = sent
    lines = [
        f"it = {world.ref(it)}",
        *sink.lines,
        "wanted = str(uuid4())",
        *(["unwanted = str(uuid4())"] if misses else []),
        f"event = {code(event)}",
        *([f"others = {code(misses)}"] if misses else []),
        f"emit(events, {bus_name(it)}, {'*others, ' if misses else ''}event)",
        f"found = gather(lambda: {sink.read}, wanted, after={1 if misses else 0})",
        "assert any(wanted in str(one) for one in found)",
    ]
    if misses:
        lines.append("assert not any(unwanted in str(one) for one in found)")
    if shape.equals is not None and sink.resource.type == "aws_sqs_queue":
        text = 'json.loads(one["Body"])["Message"]' if sink.wrapped else 'one["Body"]'
        lines.append(f"told = next(json.loads({text}) for one in found if wanted in str(one))")
        lines.append(f"assert {shape.equals}")
    kind = sink.resource.type.removeprefix("aws_").removeprefix("cloudwatch_")
    return Test(
        f"event_for_{{}}_arrives_in_the_{kind}" + ("_and_others_do_not" if misses else ""),
        "\n".join(lines),
        (it.address, *sink.addresses, rule.address)[:4],
        world.label(it),
        world.other_region(rule),
    )


def _constant(it: Resource, rule: Resource, hit: dict[str, Any], world: World) -> Iterator[Test]:
    """What arrives looks the same whatever event it was: the queue is emptied first."""
    wanted = asked_json(it, world, "input")
    for sink in sinks_of(it, rule, world) if wanted is not None else ():
        if sink.resource.type != "aws_sqs_queue" or sink.wrapped:
            continue
        lines = [
            f"it = {world.ref(it)}",
            *sink.lines,
            f"while {sink.read}:",
            "    pass",
            f"emit(events, {bus_name(it)}, {hit!r})",
            f'found = gather(lambda: {sink.read}, "", after=0)',
            f'assert {wanted!r} in [json.loads(one["Body"]) for one in found]',
        ]
        covers = (it.address, *sink.addresses, rule.address)[:4]
        yield Test(
            "event_for_{}_arrives_as_its_input",
            "\n".join(lines),
            covers,
            world.label(it),
            world.other_region(rule),
        )


def rule_of(it: Resource, world: World) -> Resource | None:
    """The rule of a target; `event_bus_name` may be a name or an ARN, or missing for the default bus."""
    for rule in world.where("aws_cloudwatch_event_rule", name=it.attributes.get("rule")):
        if _bus(rule) == _bus(it):
            return rule
    return None


def _bus(it: Resource) -> str:
    return str(it.attributes.get("event_bus_name") or "default").split("/")[-1]


def sinks_of(it: Resource, rule: Resource, world: World) -> Iterator[Sink]:
    """Go through the places where a test can see that a target was reached."""
    found, source, region = (
        world.by_arn(it.attributes.get("arn")),
        rule.attributes.get("arn"),
        world.region_of(rule),
    )
    if found is None:
        group = str(it.attributes.get("arn")).removesuffix(":*")
        found = next((each for each in world.of("aws_cloudwatch_log_group") if _arn(each) == group), None)
    if found is None:
        return
    ref = world.ref(found)
    if found.type == "aws_sqs_queue" and receives(found, world, SERVICE, source):
        yield queue_sink(found, world, region)
    elif found.type == "aws_sns_topic" and publishes(found, world, SERVICE, source):
        yield from subscribed_sinks(found, world, region)
    elif found.type == "aws_cloudwatch_log_group":
        policies = world.of("aws_cloudwatch_log_resource_policy")
        if any(
            allows(each.attributes.get("policy_document"), SERVICE, "logs:PutLogEvents", source)
            for each in policies
        ):
            yield Sink(found, f'lines(logs, {ref}["name"])')
    elif found.type == "aws_sfn_state_machine" and it.attributes.get("role_arn"):
        if found.attributes.get("type") != "EXPRESS":
            yield Sink(found, f'inputs(stepfunctions, {ref}["arn"])')
    elif found.type == "aws_kinesis_stream" and it.attributes.get("role_arn"):
        yield Sink(found, f'records(kinesis, {ref}["name"])')


def _arn(it: Resource) -> str:
    return str(it.attributes.get("arn")).removesuffix(":*")


def _elsewhere(event: dict[str, Any], it: Resource, rule: Resource, sink: Sink, world: World) -> bool:
    """Whether an event that this rule is not for gets to the same place by another."""
    for other in world.of("aws_cloudwatch_event_target"):
        their = rule_of(other, world)
        if other is it or their is None or their is rule or _bus(their) != _bus(rule):
            continue
        pattern = asked_json(their, world, "event_pattern")
        arn = other.attributes.get("arn")
        reached = sink.resource.attributes.get("arn") == arn or any(
            via.attributes.get("arn") == arn for via in sink.via
        )
        leads = reached or any(each.resource is sink.resource for each in sinks_of(other, their, world))
        try:
            if leads and isinstance(pattern, dict) and patterns.matches(pattern, event):
                return True
        except patterns.Unknown:
            return True
    return False
