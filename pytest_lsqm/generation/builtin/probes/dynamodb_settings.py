"""What is set on tables: keys, capacity, encryption, time to live, backups, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, subset, tags
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


def key_of(it: Resource) -> list[str]:
    """The names of a table's keys, the hash key first."""
    return [str(name) for name in (it.attributes.get("hash_key"), it.attributes.get("range_key")) if name]


def kept(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a table describes itself as it was asked for."""
    key = world.by_arn((it.attributes.get("server_side_encryption") or [{}])[0].get("kms_key_arn"))
    encrypted = f'assert found["SSEDescription"]["KMSMasterKeyArn"] == {world.ref(key)}["arn"]' if key else ""
    yield made(
        "table_{}_is_described_as_asked",
        f"""
        found = dynamodb.describe_table(TableName={world.ref(it)}["name"])["Table"]
        {subset("found", _description(it, world))}
        {encrypted}
        """,
        it,
        world,
        *([key] if key else []),
    )
    if world.asked(it, "ttl", 0, "enabled"):
        yield made(
            "table_{}_lets_items_expire",
            f"""
            reply = dynamodb.describe_time_to_live(TableName={world.ref(it)}["name"])
            found = reply["TimeToLiveDescription"]
            assert found["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
            assert found["AttributeName"] == {world.asked(it, "ttl", 0, "attribute_name")!r}
            """,
            it,
            world,
        )
    if world.asked(it, "point_in_time_recovery", 0, "enabled"):
        yield made(
            "table_{}_can_go_back_in_time",
            f"""
            reply = dynamodb.describe_continuous_backups(TableName={world.ref(it)}["name"])
            found = reply["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            assert found["PointInTimeRecoveryStatus"] == "ENABLED"
            """,
            it,
            world,
        )
    if wanted := tags(it, world):
        yield made(
            "table_{}_has_its_tags",
            f"""
            found = dynamodb.list_tags_of_resource(ResourceArn={world.ref(it)}["arn"])["Tags"]
            assert {{tag["Key"]: tag["Value"] for tag in found}} == {wanted!r}
            """,
            it,
            world,
        )


def _description(it: Resource, world: World) -> dict[str, Any]:
    wanted: dict[str, Any] = {"TableStatus": "ACTIVE", "KeySchema": _schema(key_of(it))}
    for kind in ("global", "local"):
        indexes = [_index(index, key_of(it)[:1]) for index in it.attributes.get(f"{kind}_secondary_index") or []]
        if indexes:
            wanted[f"{kind.capitalize()}SecondaryIndexes"] = indexes
    if world.asked(it, "billing_mode") == "PAY_PER_REQUEST":
        wanted["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST"}
    elif capacity := _capacity(it, world):
        wanted["ProvisionedThroughput"] = capacity
    if world.asked(it, "stream_enabled"):
        wanted["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": world.asked(it, "stream_view_type"),
        }
    if world.asked(it, "server_side_encryption", 0, "enabled"):
        wanted["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS"}
    return wanted


def _capacity(it: Resource, world: World) -> dict[str, Any]:
    names = {"read_capacity": "ReadCapacityUnits", "write_capacity": "WriteCapacityUnits"}
    # Where capacity follows the load, it may by now be another.
    scaled = any(
        "dynamodb" in str(one.attributes.get("service_namespace")) for one in world.of("aws_appautoscaling_target")
    )
    return {} if scaled else {api: value for name, api in names.items() if (value := world.asked(it, name))}


def _schema(names: list[str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def _index(index: Mapping[str, Any], hash_key: list[str]) -> dict[str, Any]:
    names = [index.get("hash_key") or next(iter(hash_key), ""), index.get("range_key")]
    projection: dict[str, Any] = {"ProjectionType": index.get("projection_type")}
    if more := index.get("non_key_attributes"):
        projection["NonKeyAttributes"] = sorted(more)
    return {
        "IndexName": index.get("name"),
        "KeySchema": _schema([str(name) for name in names if name]),
        "Projection": projection,
    }


@probe("aws_dynamodb_global_table")
def global_table(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a table of the first generation of global tables is in all the regions asked for."""
    regions = sorted(str(replica.get("region_name")) for replica in world.asked(it, "replica") or [])
    yield made(
        "global_table_{}_is_in_its_regions",
        f"""
        reply = dynamodb.describe_global_table(GlobalTableName={world.ref(it)}["name"])
        found = reply["GlobalTableDescription"]["ReplicationGroup"]
        assert sorted(replica["RegionName"] for replica in found) == {regions!r}
        """,
        it,
        world,
    )
