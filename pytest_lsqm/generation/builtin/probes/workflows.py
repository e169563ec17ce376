"""State machines: an execution takes the way that its input leads, and does on it what the definition says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import machines
from pytest_lsqm.generation.builtin.probes.machines import MARK
from pytest_lsqm.generation.builtin.probes.sinks import (
    asked_json,
    code,
    consumed,
    parsed,
    queue_sink,
    storable,
    subscribed_sinks,
)
from pytest_lsqm.generation.builtin.probes.walking import OPAQUE
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.probes.sinks import Sink
    from pytest_lsqm.generation.builtin.world import World

MOST_RUNS = 5

helper('''
def execute(stepfunctions, machine, given, seconds=30):
    """Run a state machine to its end: how that went, and the states it entered."""
    arn = stepfunctions.start_execution(
        stateMachineArn=machine["arn"], name=str(uuid4()), input=json.dumps(given)
    )["executionArn"]
    deadline = time.monotonic() + seconds
    history, run, events = stepfunctions.get_paginator("get_execution_history"), {"status": "RUNNING"}, []
    while time.monotonic() < deadline:
        run = stepfunctions.describe_execution(executionArn=arn)
        if run["status"] != "RUNNING":
            events = [event for page in history.paginate(executionArn=arn) for event in page["events"]]
            if any(event["type"] in ("ExecutionSucceeded", "ExecutionFailed") for event in events):
                break
        time.sleep(0.2)
    details = [event.get("stateEnteredEventDetails") for event in events]
    states = json.loads(machine["definition"])["States"]
    return run, [each["name"] for each in details if each and each["name"] in states]
''')


@probe("aws_sfn_state_machine")
def state_machine(it: Resource, world: World) -> Iterable[Test]:
    """Return that a state machine has its definition, and which way its executions take."""
    return storable([_described(it, world), *_executed(it, world)])


def _described(it: Resource, world: World) -> Test:
    definition = asked_json(it, world, "definition")
    names = sorted(definition["States"]) if isinstance(definition, dict) and "States" in definition else []
    kind = world.asked(it, "type") or it.attributes.get("type") or "STANDARD"
    return Test(
        "state_machine_{}_has_its_definition",
        f"""
        it = {world.ref(it)}
        found = stepfunctions.describe_state_machine(stateMachineArn=it["arn"])
        assert (found["status"], found["type"]) == ("ACTIVE", {kind!r})
        assert found["roleArn"] == it["role_arn"]
        assert sorted(json.loads(found["definition"])["States"]) == {names!r}
        assert json.loads(found["definition"]) == json.loads(it["definition"])
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


def _executed(it: Resource, world: World) -> Iterator[Test]:
    definition = parsed(it.attributes.get("definition"))
    if not isinstance(definition, dict) or it.attributes.get("type") == "EXPRESS":
        return
    for walk in machines.walks(definition)[:MOST_RUNS]:
        sinks = list(_told(it, walk, world))
        marked = MARK in repr(walk.input)
        lines = [
            f"machine = {world.ref(it)}",
            *(["wanted = str(uuid4())"] if marked else []),
            f"run, entered = execute(stepfunctions, machine, {code(walk.input)})",
            f'assert (run["status"], entered) == ({walk.status!r}, {list(walk.states)!r})',
        ]
        if walk.status == "SUCCEEDED" and not _opaque(walk.output):
            lines.append(f'assert json.loads(run["output"]) == {code(walk.output)}')
        elif isinstance(walk.output, dict) and (known := {k: v for k, v in walk.output.items() if not _opaque(v)}):
            lines += ['output = json.loads(run["output"])', f"known = {code(known)}"]
            lines.append("assert {name: output[name] for name in known} == known")
        for sink in sinks:
            lines += [
                *sink.lines,
                f"found = gather(lambda: {sink.read}, wanted, after=0)",
                "assert any(wanted in str(one) for one in found)",
            ]
        covers = (it.address, *(sink.resource.address for sink in sinks))[:4]
        yield Test(
            f"execution_of_{{}}_ends_at_{_snake(walk.states[-1])}",
            "\n".join(lines),
            covers,
            world.label(it),
            world.other_region(it),
        )


def _told(it: Resource, walk: machines.Walk, world: World) -> Iterator[Sink]:
    """The queues in which a test can see what the tasks on the way have sent."""
    region = world.region_of(it)
    for task in walk.tasks:
        if MARK not in repr(task):
            continue
        for queue in world.where("aws_sqs_queue", id=task.get("QueueUrl")):
            if not consumed(queue, world) and not queue.attributes.get("delay_seconds"):
                yield queue_sink(queue, world, region)
        topic = world.by_arn(task.get("TopicArn"))
        if topic is not None and not task.get("MessageAttributes"):
            yield from subscribed_sinks(topic, world, region)


def _opaque(value: Any) -> bool:
    return repr(OPAQUE) in repr(value)


def _snake(name: str) -> str:
    return "_".join("".join(c.lower() if c.isalnum() else " " for c in _split(name)).split())


def _split(name: str) -> str:
    return "".join(f" {c}" if c.isupper() else c for c in name)


@probe("aws_sfn_activity")
def activity(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an activity is known by its ARN."""
    yield Test(
        "activity_{}_is_known_by_its_arn",
        f"""
        it = {world.ref(it)}
        found = stepfunctions.describe_activity(activityArn=it["id"])
        assert found["name"] == {world.source(it, "name")}
        """,
        (it.address,),
        world.label(it),
    )


@probe("aws_swf_domain")
def swf_domain(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a domain keeps what was asked for, and takes in a type of workflow."""
    days = str(world.asked(it, "workflow_execution_retention_period_in_days") or "")
    kept = 'found["configuration"]["workflowExecutionRetentionPeriodInDays"]'
    yield Test(
        "domain_{}_takes_in_a_type_of_workflow",
        f"""
        it = {world.ref(it)}
        found = swf.describe_domain(name=it["name"])
        assert found["domainInfo"]["status"] == "REGISTERED"
        {f"assert {kept} == {days!r}" if days else ""}
        kind = {{"name": "probe", "version": str(uuid4())}}
        swf.register_workflow_type(domain=it["name"], **kind)
        reply = swf.describe_workflow_type(domain=it["name"], workflowType=kind)
        assert reply["typeInfo"]["workflowType"] == kind
        swf.deprecate_workflow_type(domain=it["name"], workflowType=kind)
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
