"""Topics: what is published arrives where it should, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import patterns
from pytest_lsqm.generation.builtin.probes.policies import same_policy
from pytest_lsqm.generation.builtin.probes.sinks import asked_json, code, queue_sink, receives, storable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SETTINGS = {
    "display_name": "DisplayName",
    "fifo_topic": "FifoTopic",
    "content_based_deduplication": "ContentBasedDeduplication",
    "signature_version": "SignatureVersion",
    "tracing_config": "TracingConfig",
}
MOST_MISSES = 4
"""How many messages that must not arrive a test publishes: one for each condition of a filter policy."""

helper('''
def publish(sns, topic, text, attributes=None):
    """Publish a message, in a group of its own where the topic is a FIFO topic."""
    more = {"MessageAttributes": attributes or {}}
    if topic["fifo_topic"]:
        more |= {"MessageGroupId": "probe", "MessageDeduplicationId": str(uuid4())}
    return sns.publish(TopicArn=topic["arn"], Message=text, **more)
''')

helper('''
def overhear(sns, sqs, topic, text):
    """Publish to a topic while a queue of the test's own is subscribed: what arrives there."""
    fifo = {"FifoQueue": "true"} if topic["fifo_topic"] else {}
    name = f"probe-{uuid4()}{'.fifo' if fifo else ''}"
    url = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    subscription = None
    try:
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = reply["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        subscription = sns.subscribe(
            TopicArn=topic["arn"],
            Protocol="sqs",
            Endpoint=arn,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        publish(sns, topic, text)
        return gather(lambda: take(sqs, url), text, after=0)
    finally:
        if subscription:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)
''')


@probe("aws_sns_topic")
def topic(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a topic must do by itself: keep its settings, and tell those who listen."""
    label, ref, region = world.label(it), world.ref(it), world.other_region(it)
    wanted = {
        api: str(value).lower() if isinstance(value, bool) else str(value)
        for name, api in SETTINGS.items()
        if (value := world.asked(it, name)) not in (None, "", False)
    }
    if wanted:
        yield Test(
            "topic_{}_has_the_settings_that_were_asked_for",
            f"""
            topic = {ref}
            reply = sns.get_topic_attributes(TopicArn=topic["arn"])
            wanted = {wanted!r}
            assert {{name: reply["Attributes"].get(name) for name in wanted}} == wanted
            """,
            (it.address,),
            label,
            region,
        )
    subscriptions = world.where("aws_sns_topic_subscription", topic_arn=it.attributes.get("arn"))
    if world.asked(it, "policy"):
        yield same_policy(it, it, world, read=_READ_POLICY)
    if any(_delivery(each, world) for each in subscriptions) or any(_calls_out(each) for each in subscriptions):
        return
    yield Test(
        "topic_{}_tells_a_subscriber",
        f"""
        topic = {ref}
        text = str(uuid4())
        found = overhear(sns, sqs, topic, text)
        notes = [json.loads(message["Body"]) for message in found]
        assert {{(note["Message"], note["TopicArn"]) for note in notes}} == {{(text, topic["arn"])}}
        """,
        (it.address,),
        label,
        region,
    )


_READ_POLICY = 'sns.get_topic_attributes(TopicArn=it["arn"])["Attributes"].get("Policy")'


@probe("aws_sns_topic_policy")
def topic_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield a look at what the policy of a topic allows and denies."""
    for own in world.where("aws_sns_topic", arn=it.attributes.get("arn")):
        yield same_policy(it, own, world, read=_READ_POLICY)


@probe("aws_sns_topic_subscription")
def subscription(it: Resource, world: World) -> Iterable[Test]:
    """Return that a subscription is listed as asked, and that it lets through what it should."""
    return storable([*_listed(it, world), *_delivery(it, world)])


def _calls_out(it: Resource) -> bool:
    """Whether a message would leave for an address that is not the emulator's."""
    return str(it.attributes.get("protocol")).startswith("http")


def _listed(it: Resource, world: World) -> Iterator[Test]:
    policy = asked_json(it, world, "filter_policy")
    checks = []
    if world.asked(it, "raw_message_delivery"):
        checks.append('assert reply["Attributes"]["RawMessageDelivery"] == "true"')
    if isinstance(policy, dict):
        checks.append(f'assert json.loads(reply["Attributes"]["FilterPolicy"]) == {policy!r}')
    if (scope := world.asked(it, "filter_policy_scope")) and policy:
        checks.append(f'assert reply["Attributes"]["FilterPolicyScope"] == {scope!r}')
    if it.attributes.get("redrive_policy"):
        text = f'json.loads({world.ref(it)}["redrive_policy"])'
        checks.append(f'assert json.loads(reply["Attributes"]["RedrivePolicy"]) == {text}')
    arn = str(it.attributes.get("arn"))
    if arn.count(":") < 6:  # its owner has yet to confirm it: it has no attributes then
        checks = []
    lines = [
        f"it = {world.ref(it)}",
        'pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=it["topic_arn"])',
        'found = [(each["Protocol"], each["Endpoint"]) for page in pages for each in page["Subscriptions"]]',
        'assert (it["protocol"], it["endpoint"]) in found',
        *(['reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])'] if checks else []),
        *checks,
    ]
    region = _region(it, world)
    other = None if region == world.region else region
    yield Test("subscription_{}_is_listed_as_asked", "\n".join(lines), (it.address,), world.label(it), other)


def _region(it: Resource, world: World) -> str:
    topic_arn = str(it.attributes.get("topic_arn")).split(":")
    return topic_arn[3] if len(topic_arn) > 3 else world.region


def _delivery(it: Resource, world: World) -> list[Test]:
    """What a queue hears of a topic, where AWS would let the one tell the other."""
    own, queue = world.by_arn(it.attributes.get("topic_arn")), world.by_arn(it.attributes.get("endpoint"))
    if own is None or own.type != "aws_sns_topic" or queue is None:
        return []
    if not receives(queue, world, "sns.amazonaws.com", own.attributes.get("arn")):
        return []
    region = _region(it, world)
    sink = queue_sink(queue, world, region)
    policy = asked_json(it, world, "filter_policy") or {}
    in_body = it.attributes.get("filter_policy_scope") == "MessageBody"
    try:
        hit, misses = _published(policy, "@wanted@", in_body), _misses(policy, in_body)
    except patterns.Unknown:
        return []
    if hit is None:
        return []
    raw = bool(it.attributes.get("raw_message_delivery"))
    expected = f"json.dumps({code(hit[0])})" if in_body and policy else "wanted"
    lines = [
        *sink.lines,
        f"topic = {world.ref(own)}",
        "wanted = str(uuid4())",
        *(["unwanted = str(uuid4())"] if misses else []),
        *(f"publish(sns, topic, {_arguments(*miss, policy=bool(policy and in_body))})" for miss in misses),
        f"publish(sns, topic, {_arguments(*hit, policy=bool(policy and in_body))})",
        f"found = gather(lambda: {sink.read}, wanted, after={1 if misses else 0})",
        'bodies = [message["Body"] for message in found]',
    ]
    if raw:
        lines.append(f"assert {expected} in bodies")
    else:
        told = f'{{("Notification", topic["arn"], {expected})}}'
        lines += [
            "notes = [json.loads(body) for body in bodies if wanted in body]",
            f'assert {{(note["Type"], note["TopicArn"], note["Message"]) for note in notes}} == {told}',
        ]
    if misses:
        lines.append("assert not any(unwanted in body for body in bodies)")
    if raw and hit[1]:
        lines += [
            "attributes = found[bodies.index(wanted)]['MessageAttributes']",
            f"sent = { {name: value['StringValue'] for name, value in sorted(hit[1].items())}!r}",
            "assert {name: attributes[name]['StringValue'] for name in sent} == sent",
        ]
    name = "subscription_{}_lets_through_what_its_filter_wants" if misses else "subscription_{}_passes_messages_on"
    covers = (it.address, own.address, queue.address)
    other = None if region == world.region else region
    return [Test(name, "\n".join(lines), covers, world.label(it), other)]


def _arguments(text: Any, attributes: dict[str, Any] | None, *, policy: bool) -> str:
    written = f"json.dumps({code(text)})" if policy else code(text)
    return f"{written}, {attributes!r}" if attributes else written


def _published(policy: dict[str, Any], marker: str, in_body: bool) -> tuple[Any, dict[str, Any] | None] | None:
    """The message and the attributes that fit a filter policy; None where attributes cannot say that."""
    if not policy:
        return marker, None
    return _message(patterns.fitting(policy), marker, in_body)


def _misses(policy: dict[str, Any], in_body: bool) -> list[tuple[Any, dict[str, Any] | None]]:
    if not policy:
        return []
    found = [_message(event, "@unwanted@", in_body) for event in patterns.missing(policy)]
    return [each for each in found if each is not None][:MOST_MISSES]


def _message(event: dict[str, Any], marker: str, in_body: bool) -> tuple[Any, dict[str, Any] | None] | None:
    if in_body:
        return event | {"probe": marker}, None
    attributes = {}
    for name, value in event.items():
        if isinstance(value, str):
            attributes[name] = {"DataType": "String", "StringValue": value}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            attributes[name] = {"DataType": "Number", "StringValue": str(value)}
        else:
            return None
    return marker, attributes
