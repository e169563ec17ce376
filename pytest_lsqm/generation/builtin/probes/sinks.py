"""Where messages end up: what a test can read to see that one has arrived, and whether AWS would let it arrive."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.writing import Test, helper
from pytest_lsqm.generation.checks import objections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SOURCE_CONDITIONS = {"arnequals", "arnlike", "stringequals", "stringlike"}

helper('''
def gather(read, wanted, seconds=20, after=1):
    """What is read until the wanted text is in it, and for a moment after that."""
    found = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        new = read()
        found += new
        if any(wanted in str(one) for one in new):
            deadline = min(deadline, time.monotonic() + after)
        if not new:
            time.sleep(0.2)
    return found
''')

helper('''
def take(sqs, url):
    """Take the messages off a queue that are there."""
    reply = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,
        MessageAttributeNames=["All"],
    )
    messages = reply.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages
''')

helper('''
def lines(logs, group):
    """The messages in a log group."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]
''')

helper('''
def inputs(stepfunctions, machine):
    """What the last executions of a state machine were started with."""
    runs = stepfunctions.list_executions(stateMachineArn=machine, maxResults=20)
    arns = [run["executionArn"] for run in runs["executions"]]
    return [stepfunctions.describe_execution(executionArn=arn)["input"] for arn in arns]
''')

helper('''
def records(kinesis, stream):
    """The data of every record in a stream."""
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        place = kinesis.get_shard_iterator(
            StreamName=stream,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        while place:
            reply = kinesis.get_records(ShardIterator=place)
            found += [record["Data"] for record in reply["Records"]]
            done = not reply["Records"] and not reply.get("MillisBehindLatest")
            place = None if done else reply.get("NextShardIterator")
    return found
''')


@dataclass(frozen=True)
class Sink:
    """The end of a delivery: `read` is the expression that gives what has arrived, as a list."""

    resource: Resource
    read: str
    lines: tuple[str, ...] = ()
    """What must be said before `read` can be."""
    wrapped: bool = False
    """Whether something on the way puts the message into an envelope of its own."""
    via: tuple[Resource, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The resources whose behaviour it takes to arrive here."""
        return (*(resource.address for resource in self.via), self.resource.address)


def queue_sink(queue: Resource, world: World, region: str) -> Sink:
    """Return a queue as a test of this region reads it."""
    own = world.region_of(queue)
    client = () if own == region else (f'sqs = boto3.client("sqs", region_name={own!r})',)
    return Sink(queue, 'take(sqs, queue["id"])', (*client, f"queue = {world.ref(queue)}"))


def consumed(queue: Resource, world: World) -> bool:
    """Whether something else takes messages off a queue, so that a test could not count on seeing its own."""
    arn = queue.attributes.get("arn")
    return bool(
        world.where("aws_lambda_event_source_mapping", event_source_arn=arn)
        or world.where("aws_pipes_pipe", source=arn)
    )


def receives(queue: Resource, world: World, service: str, source: object) -> bool:
    """Whether AWS would deliver what this source sends to a queue, and leave it there for a test to see."""
    return (
        queue.type == "aws_sqs_queue"
        and not consumed(queue, world)
        and not queue.attributes.get("delay_seconds")
        and any(allows(text, service, "sqs:SendMessage", source) for text in _queue_policies(queue, world))
        and _key_allows(queue.attributes.get("kms_master_key_id"), world, service)
    )


def publishes(topic: Resource, world: World, service: str, source: object) -> bool:
    """Whether AWS would let a service publish to a topic."""
    own = [topic.attributes.get("policy")]
    own += [
        policy.attributes.get("policy")
        for policy in world.where("aws_sns_topic_policy", arn=topic.attributes["arn"])
    ]
    return any(allows(text, service, "sns:Publish", source) for text in own) and _key_allows(
        topic.attributes.get("kms_master_key_id"), world, service
    )


def subscribed_sinks(topic: Resource, world: World, region: str) -> Iterator[Sink]:
    """Go through the queues to which a topic passes on everything that it is told."""
    for subscription in world.where("aws_sns_topic_subscription", topic_arn=topic.attributes.get("arn")):
        queue = world.by_arn(subscription.attributes.get("endpoint"))
        if queue is None or subscription.attributes.get("filter_policy"):
            continue
        if receives(queue, world, "sns.amazonaws.com", topic.attributes.get("arn")):
            plain = queue_sink(queue, world, region)
            wrapped = not subscription.attributes.get("raw_message_delivery")
            yield Sink(queue, plain.read, plain.lines, wrapped=wrapped, via=(topic, subscription))


def allows(text: object, service: str, action: str, source: object) -> bool:
    """Whether a resource's policy lets a service act for a source; no, where it has conditions not known here."""
    try:
        statements = json.loads(str(text))["Statement"]
    except (ValueError, KeyError, TypeError):
        return False
    return any(
        statement.get("Effect") == "Allow"
        and _principal(statement.get("Principal"), service)
        and any(fnmatch.fnmatchcase(action.lower(), str(one).lower()) for one in listed(statement.get("Action")))
        and _conditions(statement.get("Condition", {}), source)
        for statement in listed(statements)
    )


def listed(value: Any) -> list[Any]:
    """A list, of one where it is not one; policies and definitions may have either."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _principal(principal: Any, service: str) -> bool:
    if isinstance(principal, dict):
        return service in listed(principal.get("Service")) or "*" in listed(principal.get("AWS"))
    return bool(principal == "*")


def _conditions(conditions: Any, source: object) -> bool:
    for operator, tests in conditions.items():
        for key, wanted in tests.items():
            if key.lower() == "aws:sourceaccount" and operator.lower() in SOURCE_CONDITIONS:
                continue
            if key.lower() != "aws:sourcearn" or operator.lower() not in SOURCE_CONDITIONS:
                return False
            if not any(fnmatch.fnmatchcase(str(source), one) for one in listed(wanted)):
                return False
    return True


def _queue_policies(queue: Resource, world: World) -> list[object]:
    separate = world.where("aws_sqs_queue_policy", queue_url=queue.attributes.get("id"))
    return [queue.attributes.get("policy"), *(policy.attributes.get("policy") for policy in separate)]


def _key_allows(name: object, world: World, service: str) -> bool:
    """Whether a service may use the key with which a queue or topic encrypts; AWS's own keys let none."""
    if not name:
        return True
    for alias in [*world.where("aws_kms_alias", name=name), *world.where("aws_kms_alias", arn=name)]:
        name = alias.attributes.get("target_key_id")
    keys = [
        key for key in world.of("aws_kms_key") if name in (key.attributes.get("arn"), key.attributes.get("key_id"))
    ]
    return any(allows(key.attributes.get("policy"), service, "kms:Decrypt", None) for key in keys)


def code(value: object) -> str:
    """Write a value as Python code; `@wanted@` in it stands for the variable of that name."""
    return re.sub(r"['\"]@(\w+)@['\"]", r"\1", repr(value))


def storable(tests: Iterable[Test]) -> Iterator[Test]:
    """Leave out the tests that say what only the deployment may know, such as an account in an event."""
    for test in tests:
        if not objections({"app.py": dedent(test.body)}):
            yield test


def parsed(text: object) -> Any:
    """Return what a JSON text says; None where it is none."""
    try:
        return json.loads(str(text))
    except ValueError:
        return None


def asked_json(it: Resource, world: World, name: str) -> Any:
    """Return the JSON that the configuration asks of an attribute, or else what was deployed there."""
    wanted = world.asked(it, name)
    return parsed(wanted if wanted is not None else it.attributes.get(name))
