"""Queues: what is sent comes out, what is refused too often goes to the dead-letter queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.policies import same_policy
from pytest_lsqm.generation.builtin.probes.sinks import consumed
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

helper('''
def receive(sqs, url, wanted, seconds=15):
    """Take messages off a queue until one has the wanted text in it, else None."""
    deadline = time.monotonic() + seconds
    while True:
        reply = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        for message in reply.get("Messages", []):
            handle = message["ReceiptHandle"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
            if wanted in message["Body"]:
                return message
        if time.monotonic() > deadline:
            return None
''')

helper('''
def send(sqs, queue, text, **more):
    """Send a message, in a group of its own where the queue is a FIFO queue."""
    if queue["fifo_queue"]:
        more |= {"MessageGroupId": text, "MessageDeduplicationId": text}
    return sqs.send_message(QueueUrl=queue["id"], MessageBody=text, **more)
''')

ATTRIBUTES = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "message_retention_seconds": "MessageRetentionPeriod",
    "max_message_size": "MaximumMessageSize",
    "delay_seconds": "DelaySeconds",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
}


@probe("aws_sqs_queue")
def queue(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a queue must do: keep its settings, give back what is sent, sort out what is refused."""
    label, ref, region = world.label(it), world.ref(it), world.other_region(it)
    wanted = {
        api: str(value) for name, api in ATTRIBUTES.items() if (value := world.asked(it, name)) not in (None, "")
    }
    if wanted:
        yield Test(
            "queue_{}_has_the_settings_that_were_asked_for",
            f"""
            queue = {ref}
            reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
            wanted = {wanted!r}
            assert {{name: reply["Attributes"].get(name) for name in wanted}} == wanted
            """,
            (it.address,),
            label,
            region,
        )
    if world.asked(it, "policy") or (
        it.attributes.get("policy") and not world.where("aws_sqs_queue_policy", queue_url=it.attributes.get("id"))
    ):
        yield _policy(it, it, world)
    if consumed(it, world):
        return
    delay = world.asked(it, "delay_seconds") or 0
    yield Test(
        "queue_{}_gives_back_what_is_sent",
        f"""
        queue = {ref}
        text = str(uuid4())
        send(sqs, queue, text)
        assert receive(sqs, queue["id"], text, seconds={15 + delay}) is not None
        """,
        (it.address,),
        label,
        region,
    )
    yield from _dead_letters(it, world)


@probe("aws_sqs_queue_policy")
def queue_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield a look at what the policy of a queue allows and denies."""
    for own in world.where("aws_sqs_queue", id=it.attributes.get("queue_url")):
        yield _policy(it, own, world)


def _policy(it: Resource, own: Resource, world: World) -> Test:
    return same_policy(
        it,
        own,
        world,
        read='sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])["Attributes"].get("Policy")',
    )


def _dead_letters(it: Resource, world: World) -> Iterator[Test]:
    policy = _redrive(it)
    target = world.by_arn(policy.get("deadLetterTargetArn"))
    times = int(policy.get("maxReceiveCount", 0))
    if target is None or not 0 < times <= 10 or consumed(target, world):
        return
    yield Test(
        f"queue_{{}}_sorts_out_what_is_refused_{times}_times",
        f"""
        queue = {world.ref(it)}
        dead_letters = {world.ref(target)}
        text = str(uuid4())
        send(sqs, queue, text)
        for _ in range({times}):
            assert refuse(sqs, queue["id"], text)
        assert refuse(sqs, queue["id"], text, seconds=2) is None
        assert receive(sqs, dead_letters["id"], text) is not None
        """,
        (it.address, target.address),
        world.label(it),
        world.other_region(it),
    )


def _redrive(it: Resource) -> dict[str, Any]:
    try:
        found = json.loads(it.attributes.get("redrive_policy") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


helper('''
def refuse(sqs, url, wanted, seconds=15):
    """Receive the wanted message and give it back at once; None if it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1)
        for message in reply.get("Messages", []):
            handle = message["ReceiptHandle"]
            sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0
            )
            if wanted in message["Body"]:
                return message
    return None
''')
