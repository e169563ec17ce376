"""What tables do with items: by their keys, by their indexes, on their streams, in other regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.dynamodb_settings import kept, key_of
from pytest_lsqm.generation.builtin.probes.making import made
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

REMARK = "lsqm_remark"  # an attribute that only the tests' own items have

UNIQUE = {"S": '{"S": str(uuid4())}', "N": '{"N": str(time.time_ns())}', "B": '{"B": uuid4().bytes}'}
"""A value of each key type that nothing else has."""

ORDERED = {
    "S": ('{"S": "1"}', '{"S": "2"}'),
    "N": ('{"N": "9"}', '{"N": "10"}'),
    "B": ('{"B": b"1"}', '{"B": b"2"}'),
}
"""Two values of each key type, the smaller first; as text, 10 would come before 9."""

helper('''
def query_until(dynamodb, seconds=15, **query):
    """Query until something is found: an index may lag behind its table."""
    deadline = time.monotonic() + seconds
    while True:
        items = dynamodb.query(**query)["Items"]
        if items or time.monotonic() > deadline:
            return items
        time.sleep(0.2)
''')

helper('''
def changes(dynamodbstreams, stream, key, wanted, seconds=30):
    """Read a stream until it has told of so many changes to an item."""
    deadline = time.monotonic() + seconds
    found, iterators = [], {}
    while len(found) < wanted and time.monotonic() < deadline:
        described = dynamodbstreams.describe_stream(StreamArn=stream)["StreamDescription"]
        for shard in [shard["ShardId"] for shard in described["Shards"]]:
            if shard not in iterators:
                iterators[shard] = dynamodbstreams.get_shard_iterator(
                    StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
            if iterators[shard]:
                reply = dynamodbstreams.get_records(ShardIterator=iterators[shard])
                iterators[shard] = reply.get("NextShardIterator")
                found += [it for it in reply["Records"] if it["dynamodb"]["Keys"] == key]
        time.sleep(0.2)
    return found
''')


@probe("aws_dynamodb_table")
def table(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a table must do: keep items by key, find them by index, tell of changes, keep its settings."""
    types = {part["name"]: part["type"] for part in it.attributes.get("attribute") or []}
    names = key_of(it)
    if names and all(types.get(name) in UNIQUE for name in names):
        yield _kept(it, world, names, types)
        if len(names) == 2:
            yield _queried(it, world, names, types)
        for kind in ("global", "local"):
            for index in it.attributes.get(f"{kind}_secondary_index") or []:
                yield from _indexed(it, world, names, types, index)
        if world.asked(it, "stream_enabled"):
            yield _streamed(it, world, names, types)
        for replica in world.asked(it, "replica") or []:
            yield _replicated(it, world, names, types, replica.get("region_name"))
    yield from kept(it, world)


def _item(types: Mapping[str, str], names: list[str]) -> str:
    values = [f"{name!r}: {UNIQUE[types[name]]}" for name in names]
    return "{" + ", ".join(values) + "}"


def _kept(it: Resource, world: World, names: list[str], types: Mapping[str, str]) -> Test:
    return made(
        "table_{}_keeps_items_by_their_key",
        f"""
        table = {world.ref(it)}["name"]
        key = {_item(types, names)}
        item = key | {{{REMARK!r}: {{"S": "first"}}, "lsqm_parts": {{"L": [{{"N": "1"}}, {{"BOOL": True}}]}}}}
        try:
            dynamodb.put_item(TableName=table, Item=item)
            got = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
            assert got["Item"] == item
            with pytest.raises(ClientError, match="ConditionalCheckFailed"):
                dynamodb.put_item(
                    TableName=table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(#key)",
                    ExpressionAttributeNames={{"#key": {names[0]!r}}},
                )
            updated = dynamodb.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="SET {REMARK} = :remark REMOVE lsqm_parts",
                ExpressionAttributeValues={{":remark": {{"S": "second"}}}},
                ReturnValues="ALL_NEW",
            )
            assert updated["Attributes"] == key | {{{REMARK!r}: {{"S": "second"}}}}
        finally:
            dynamodb.delete_item(TableName=table, Key=key)
        assert "Item" not in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        """,
        it,
        world,
    )


def _queried(it: Resource, world: World, names: list[str], types: Mapping[str, str]) -> Test:
    first, second = ORDERED[types[names[1]]]
    return made(
        "table_{}_sorts_by_its_range_key",
        f"""
        table = {world.ref(it)}["name"]
        value = {UNIQUE[types[names[0]]]}
        keys = [{{{names[0]!r}: value, {names[1]!r}: place}} for place in [{first}, {second}]]
        query = {{
            "TableName": table,
            "KeyConditionExpression": "#hash = :hash",
            "ExpressionAttributeNames": {{"#hash": {names[0]!r}}},
            "ExpressionAttributeValues": {{":hash": value}},
            "ConsistentRead": True,
        }}
        try:
            for key in keys:
                dynamodb.put_item(TableName=table, Item=key)
            assert dynamodb.query(**query)["Items"] == keys
            assert dynamodb.query(**query, ScanIndexForward=False)["Items"] == keys[::-1]
            query["KeyConditionExpression"] += " AND #range > :range"
            query["ExpressionAttributeNames"]["#range"] = {names[1]!r}
            query["ExpressionAttributeValues"][":range"] = {first}
            assert dynamodb.query(**query)["Items"] == keys[1:]
        finally:
            for key in keys:
                dynamodb.delete_item(TableName=table, Key=key)
        """,
        it,
        world,
    )


def _indexed(
    it: Resource, world: World, names: list[str], types: Mapping[str, str], index: Mapping[str, Any]
) -> Iterator[Test]:
    hash_key = index.get("hash_key") or names[0]  # a local index has that of its table
    own = [name for name in (hash_key, index.get("range_key")) if name]
    if any(types.get(name) not in UNIQUE for name in own):
        return
    keys = list(dict.fromkeys([*names, *own]))
    more = [name for name in sorted(index.get("non_key_attributes") or []) if name not in keys]
    projection = index.get("projection_type")
    seen = "item" if projection == "ALL" else f"{{name: item[name] for name in {[*keys, *more]!r}}}"
    typed = [name for name in more if name in types]  # a key of another index
    rest = ", ".join(f'{name!r}: {{"S": "kept"}}' for name in [*more, REMARK] if name not in typed)
    condition = " AND ".join(f"#{place} = :{place}" for place, _ in enumerate(own))
    yield made(
        f"table_{{}}_is_found_{_word(index['name'])}",
        f"""
        table = {world.ref(it)}["name"]
        item = {_item(types, [*keys, *typed])} | {{{rest}}}
        try:
            dynamodb.put_item(TableName=table, Item=item)
            found = query_until(
                dynamodb,
                TableName=table,
                IndexName={index["name"]!r},
                KeyConditionExpression={condition!r},
                ExpressionAttributeNames={{{", ".join(f'"#{n}": {name!r}' for n, name in enumerate(own))}}},
                ExpressionAttributeValues={{{", ".join(f'":{n}": item[{name!r}]' for n, name in enumerate(own))}}},
            )
            assert found == [{seen}]
        finally:
            dynamodb.delete_item(TableName=table, Key={{name: item[name] for name in {names!r}}})
        """,
        it,
        world,
    )


def _word(name: str) -> str:
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name.lower()).strip("_")
    return plain if plain.startswith("by_") else f"by_{plain}"


def _streamed(it: Resource, world: World, names: list[str], types: Mapping[str, str]) -> Test:
    view = str(world.asked(it, "stream_view_type") or it.attributes.get("stream_view_type"))
    new = 'created["NewImage"] == item' if "NEW" in view else '"NewImage" not in created'
    old = 'deleted["OldImage"] == item' if "OLD" in view else '"OldImage" not in deleted'
    return made(
        "table_{}_tells_its_stream_of_changes",
        f"""
        table = {world.ref(it)}
        key = {_item(types, names)}
        item = key | {{{REMARK!r}: {{"S": "streamed"}}}}
        try:
            dynamodb.put_item(TableName=table["name"], Item=item)
            assert len(changes(dynamodbstreams, table["stream_arn"], key, 1)) == 1
        finally:
            dynamodb.delete_item(TableName=table["name"], Key=key)
        records = changes(dynamodbstreams, table["stream_arn"], key, 2)
        assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
        created, deleted = (record["dynamodb"] for record in records)
        assert {new}
        assert {old}
        """,
        it,
        world,
    )


def _replicated(it: Resource, world: World, names: list[str], types: Mapping[str, str], region: Any) -> Test:
    return made(
        f"table_{{}}_is_the_same_in_{str(region).replace('-', '_')}",
        f"""
        table = {world.ref(it)}["name"]
        key = {_item(types, names)}
        there = boto3.client("dynamodb", region_name={region!r})
        try:
            dynamodb.put_item(TableName=table, Item=key)
            found = query_until(
                there,
                TableName=table,
                KeyConditionExpression="#hash = :hash",
                ExpressionAttributeNames={{"#hash": {names[0]!r}}},
                ExpressionAttributeValues={{":hash": key[{names[0]!r}]}},
            )
            assert [{{name: item[name] for name in key}} for item in found] == [key]
        finally:
            dynamodb.delete_item(TableName=table, Key=key)
        """,
        it,
        world,
    )
