"""Images, catalogues and queries: ECR, Glue and Athena."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, same_policy, subset, tidy
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_ecr_repository")
def repository(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a repository has an address, and treats images as was asked."""
    wanted: dict[str, Any] = {
        "imageTagMutability": world.asked(it, "image_tag_mutability"),
        "imageScanningConfiguration": {
            "scanOnPush": world.asked(it, "image_scanning_configuration", 0, "scan_on_push")
        },
        "encryptionConfiguration": {
            "encryptionType": world.asked(it, "encryption_configuration", 0, "encryption_type")
        },
    }
    yield made(
        "repository_{}_treats_images_as_asked",
        f"""
        it = {world.ref(it)}
        (found,) = ecr.describe_repositories(repositoryNames=[it["name"]])["repositories"]
        assert found["repositoryUri"] == it["repository_url"]
        {subset("found", tidy(wanted))}
        assert isinstance(ecr.list_images(repositoryName=it["name"])["imageIds"], list)
        """,
        it,
        world,
    )


@probe("aws_ecr_repository_policy")
def repository_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy says what was asked."""
    yield made(
        "repository_{}_has_the_policy_asked_for",
        f"""
        found = ecr.get_repository_policy(repositoryName={world.ref(it)}["repository"])
        {same_policy('found["policyText"]', it, world)}
        """,
        it,
        world,
    )


@probe("aws_ecr_lifecycle_policy")
def lifecycle_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that images are forgotten as was asked."""
    try:
        wanted = json.loads(world.asked(it, "policy") or "null")
    except (TypeError, ValueError):
        wanted = None
    source = repr(wanted) if wanted and sayable(wanted) else f'json.loads({world.ref(it)}["policy"])'
    yield made(
        "repository_{}_forgets_images_as_asked",
        f"""
        found = ecr.get_lifecycle_policy(repositoryName={world.ref(it)}["repository"])
        assert agrees(json.loads(found["lifecyclePolicyText"]), {source})
        """,
        it,
        world,
    )


@probe("aws_glue_catalog_database")
def database(it: Resource, world: World) -> Iterator[Test]:
    """Yield that tables can be kept in the database."""
    yield made(
        "catalog_{}_keeps_tables",
        f"""
        database = {world.ref(it)}["name"]
        name = f"lsqm_{{uuid4().hex}}"
        columns = [{{"Name": "id", "Type": "bigint"}}, {{"Name": "note", "Type": "string"}}]
        assert glue.get_database(Name=database)["Database"]["Name"] == database
        table = {{"Name": name, "StorageDescriptor": {{"Columns": columns}}}}
        glue.create_table(DatabaseName=database, TableInput=table)
        try:
            found = glue.get_table(DatabaseName=database, Name=name)["Table"]
            assert found["DatabaseName"] == database
            assert agrees(found["StorageDescriptor"]["Columns"], columns)
        finally:
            glue.delete_table(DatabaseName=database, Name=name)
        with pytest.raises(ClientError, match="EntityNotFound"):
            glue.get_table(DatabaseName=database, Name=name)
        """,
        it,
        world,
    )


@probe("aws_glue_catalog_table")
def table(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the table has its columns, and keeps partitions where it has keys for them."""
    columns = [_column(one) for one in world.asked(it, "storage_descriptor", 0, "columns") or []]
    keys = [_column(one) for one in world.asked(it, "partition_keys") or []]
    wanted = {
        "StorageDescriptor": {"Columns": columns},
        "PartitionKeys": keys,
        "TableType": world.asked(it, "table_type"),
    }
    wanted = tidy(wanted)
    yield made(
        "catalog_table_{}_has_its_columns",
        f"""
        it = {world.ref(it)}
        found = glue.get_table(DatabaseName=it["database_name"], Name=it["name"])["Table"]
        {subset("found", wanted if sayable(wanted) else {})}
        """,
        it,
        world,
    )
    if keys and all(key["Type"] == "string" for key in keys):
        yield made(
            "catalog_table_{}_keeps_partitions",
            f"""
            it = {world.ref(it)}
            values = [uuid4().hex for _ in it["partition_keys"]]
            where = {{"DatabaseName": it["database_name"], "TableName": it["name"]}}
            assert glue.get_table(DatabaseName=it["database_name"], Name=it["name"])["Table"]
            glue.create_partition(**where, PartitionInput={{"Values": values}})
            try:
                found = glue.get_partition(**where, PartitionValues=values)["Partition"]
                assert found["Values"] == values
            finally:
                glue.delete_partition(**where, PartitionValues=values)
            with pytest.raises(ClientError, match="EntityNotFound"):
                glue.get_partition(**where, PartitionValues=values)
            """,
            it,
            world,
        )


def _column(one: Any) -> dict[str, Any]:
    return {"Name": one.get("name"), "Type": one.get("type")}


@probe("aws_athena_workgroup")
def workgroup(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the workgroup keeps queries and writes results where was asked."""
    configuration = world.asked(it, "configuration", 0, "result_configuration", 0, "output_location")
    wanted: dict[str, Any] = {"State": world.asked(it, "state"), "Description": world.asked(it, "description")}
    if configuration and sayable(configuration):
        wanted["Configuration"] = {"ResultConfiguration": {"OutputLocation": configuration}}
    yield made(
        "workgroup_{}_is_as_asked",
        f"""
        it = {world.ref(it)}
        found = athena.get_work_group(WorkGroup=it["name"])["WorkGroup"]
        {subset("found", tidy(wanted) or {"State": "ENABLED"})}
        """,
        it,
        world,
    )


@probe("aws_athena_named_query")
def named_query(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the query is kept under its name, in its workgroup."""
    yield made(
        "named_query_{}_is_kept",
        f"""
        it = {world.ref(it)}
        found = athena.get_named_query(NamedQueryId=it["id"])["NamedQuery"]
        assert (found["Name"], found["Database"]) == (it["name"], it["database"])
        assert found["QueryString"] == it["query"]
        assert it["id"] in athena.list_named_queries(WorkGroup=it["workgroup"])["NamedQueryIds"]
        """,
        it,
        world,
    )


@probe("aws_glue_crawler")
def crawler(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a crawler looks where was asked, and fills the database asked for."""
    yield made(
        "crawler_{}_looks_where_was_asked",
        f"""
        it = {world.ref(it)}
        found = glue.get_crawler(Name=it["name"])["Crawler"]
        assert found["DatabaseName"] == it["database_name"]
        targets = [target["Path"] for target in found["Targets"].get("S3Targets", [])]
        assert sorted(targets) == sorted(target["path"] for target in it["s3_target"])
        """,
        it,
        world,
    )
