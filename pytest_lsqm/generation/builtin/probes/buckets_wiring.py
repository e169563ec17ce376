"""Notifications of buckets: what happens to an object is told where it should be, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.sinks import (
    Sink,
    listed,
    parsed,
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

SERVICE = "s3.amazonaws.com"
KINDS = {
    "queue": ("QueueConfigurations", "QueueArn", "queue_arn"),
    "topic": ("TopicConfigurations", "TopicArn", "topic_arn"),
    "lambda_function": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda_function_arn"),
}
CREATED = ("s3:ObjectCreated:*", "s3:ObjectCreated:Put")
REMOVED = ("s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete")

helper('''
def wirings(reply, kind, arn):
    """What a bucket tells whom: events and filter by the id of the configuration."""
    found = {}
    for each in reply.get(kind, []):
        rules = each.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        words = {rule["Name"].lower(): rule["Value"] for rule in rules}
        found[each["Id"]] = [
            each[arn],
            sorted(each["Events"]),
            words.get("prefix") or "",
            words.get("suffix") or "",
        ]
    return found
''')


@probe("aws_s3_bucket_notification")
def notification(it: Resource, world: World) -> Iterable[Test]:
    """Return that a bucket's notifications are as asked, and that queues hear of what they should."""
    return storable([*_listed(it, world), *_told(it, world)])


def _listed(it: Resource, world: World) -> Iterator[Test]:
    checks = []
    for kind, (api, arn, own) in KINDS.items():
        blocks = _asked(it, world, kind)
        if not blocks:
            continue
        rows = [
            f"{_id(it, world, kind, place)}: [it[{kind!r}][{place}][{own!r}], {sorted(block['events'])!r}, "
            f"{block.get('filter_prefix') or ''!r}, {block.get('filter_suffix') or ''!r}]"
            for place, block in enumerate(blocks)
        ]
        checks.append(f"assert wirings(reply, {api!r}, {arn!r}) == {{{', '.join(rows)}}}")
    if it.attributes.get("eventbridge"):
        checks.append('assert "EventBridgeConfiguration" in reply')
    lines = [
        f"it = {world.ref(it)}",
        'reply = s3.get_bucket_notification_configuration(Bucket=it["bucket"])',
        *checks,
    ]
    if checks:
        yield Test(
            "notifications_of_{}_are_as_asked", "\n".join(lines), (it.address,), world.label(it), _far(it, world)
        )


def _asked(it: Resource, world: World, kind: str) -> list[dict[str, Any]]:
    """The blocks of a kind, with what was asked of them where that is known."""
    found = []
    for place, block in enumerate(it.attributes.get(kind) or []):
        asked = {name: world.asked(it, kind, place, name) for name in block}
        found.append({**block, **{name: value for name, value in asked.items() if value is not None}})
    return found


def _id(it: Resource, world: World, kind: str, place: int) -> str:
    """The expression for a block's id: one that nobody asked for is another in every deployment."""
    asked = world.asked(it, kind, place, "id")
    return repr(asked) if asked else f"it[{kind!r}][{place}]['id']"


def _far(it: Resource, world: World) -> str | None:
    for bucket in world.where("aws_s3_bucket", id=it.attributes.get("bucket")):
        region = str(bucket.attributes.get("region") or world.region)
        return None if region == world.region else region
    return None


def _blocks(it: Resource, world: World) -> Iterator[tuple[str, dict[str, Any], Sink]]:
    """Go through the notifications that end where a test can see them, with a word for each."""
    region = _far(it, world) or world.region
    for kind in ("queue", "topic"):
        for place, block in enumerate(_asked(it, world, kind)):
            word = _word(world.asked(it, kind, place, "id") or f"{world.label(it)} {place + 1}")
            found = world.by_arn(block.get(KINDS[kind][2]))
            source = next(
                (b.attributes.get("arn") for b in world.where("aws_s3_bucket", id=it.attributes["bucket"])), None
            )
            if found is None or source is None:
                continue
            if kind == "queue" and receives(found, world, SERVICE, source):
                yield word, block, queue_sink(found, world, region)
            elif kind == "topic" and publishes(found, world, SERVICE, source):
                yield from ((word, block, sink) for sink in subscribed_sinks(found, world, region))


def _versioned(it: Resource, world: World) -> bool:
    """Whether deleting an object only puts a marker in its place."""
    name = it.attributes.get("bucket")
    inline = [
        one
        for bucket in world.where("aws_s3_bucket", id=name)
        for one in bucket.attributes.get("versioning") or []
    ]
    return any(one.get("enabled") for one in inline) or bool(world.where("aws_s3_bucket_versioning", bucket=name))


def _choosy(it: Resource, world: World) -> bool:
    """Whether the bucket's policy denies some uploads: not every object would be let in."""
    policies = world.where("aws_s3_bucket_policy", bucket=it.attributes.get("bucket"))
    documents = [parsed(each.attributes.get("policy")) for each in policies]
    statements = [each for one in documents if isinstance(one, dict) for each in listed(one.get("Statement"))]
    return any(each.get("Effect") == "Deny" and "s3:Put" in str(each.get("Action")) for each in statements)


def _told(it: Resource, world: World) -> Iterator[Test]:
    blocks = [] if _choosy(it, world) else list(_blocks(it, world))
    for word, block, sink in blocks:
        events = set(block["events"])
        created = events & set(CREATED)
        removed = events & set(REMOVED[:1] if _versioned(it, world) else REMOVED)
        if not created and not removed:
            continue
        others = [b for _, b, s in blocks if s.resource is sink.resource]
        key = _key(block)
        misses = [miss for miss in _misses(block) if not any(_hears(other, miss) for other in others)]
        what = "created" if created else "removed"
        keys = [f'f"{key}"', *(f'f"{miss}"' for miss in misses)]
        lines = [
            f"it = {world.ref(it)}",
            *sink.lines,
            "wanted = str(uuid4())",
            *(["unwanted = str(uuid4())"] if misses else []),
            f"keys = [{', '.join(reversed(keys))}]",
            "for key in keys:",
            '    s3.put_object(Bucket=it["bucket"], Key=key, Body=b"probe")',
            *(["    s3.delete_object(Bucket=it['bucket'], Key=key)"] if what == "removed" else []),
            f"found = gather(lambda: {sink.read}, wanted, after={1 if misses else 0})",
            "for key in keys:",
            '    erase(s3, it["bucket"], key)',
            f'assert any(wanted in str(one) and "Object{what.title()}:" in str(one) for one in found)',
            *(["assert not any(unwanted in str(one) for one in found)"] if misses else []),
        ]
        kind = "queue" if block.get("queue_arn") else "topic"
        also = "_and_of_no_other" if misses else ""
        yield Test(
            f"{kind}_{word}_hears_of_an_object_{what}{also}",
            "\n".join(lines),
            (it.address, *sink.addresses)[:4],
            world.label(it),
            _far(it, world),
        )


def _word(text: str) -> str:
    return "_".join("".join(c.lower() if c.isalnum() else " " for c in text).split())


def _key(block: dict[str, Any]) -> str:
    return f"{block.get('filter_prefix') or ''}{{wanted}}{block.get('filter_suffix') or ''}"


def _misses(block: dict[str, Any]) -> list[str]:
    """Keys that miss a filter, by their beginning or their end."""
    prefix, suffix = block.get("filter_prefix") or "", block.get("filter_suffix") or ""
    found = [f"not-{prefix}{{unwanted}}{suffix}"] if prefix else []
    return [*found, f"{prefix}{{unwanted}}{suffix}.not"] if suffix else found


def _hears(block: dict[str, Any], key: str) -> bool:
    return key.startswith(block.get("filter_prefix") or "") and key.endswith(block.get("filter_suffix") or "")
