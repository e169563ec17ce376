"""Parameters, documents and maintenance windows of Systems Manager; no parameter's value stands in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, settings, subset, tags
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def below(ssm, path):
    """The values of all parameters below a path, by their names."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=True
    )
    return {it["Name"]: it["Value"] for page in pages for it in page["Parameters"]}
''')


@probe("aws_ssm_parameter")
def parameter(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a parameter is read by name, by version and by path, and is a secret where it should be."""
    kind = world.asked(it, "type") or it.attributes.get("type")
    secret = kind == "SecureString"
    sealed = 'assert ssm.get_parameter(Name=it["name"])["Parameter"]["Value"] != it["value"]'
    name = "parameter_{}_is_read_by_who_may_decrypt_it" if secret else "parameter_{}_is_read"
    yield made(
        name,
        f"""
        it = {world.ref(it)}
        found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
        assert (found["Type"], found["Value"]) == ({kind!r}, it["value"])
        versioned = f"{{it['name']}}:{{found['Version']}}"
        again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
        assert again["Value"] == it["value"]
        {sealed if secret else ""}
        """,
        it,
        world,
    )
    path = str(it.attributes.get("name")).rpartition("/")[0]
    if path:
        yield made(
            "parameter_{}_is_found_by_its_path",
            f"""
            it = {world.ref(it)}
            assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]
            """,
            it,
            world,
        )
    yield from _described(it, world)


DETAILS = {
    "description": "Description",
    "tier": "Tier",
    "allowed_pattern": "AllowedPattern",
    "data_type": "DataType",
}


def _described(it: Resource, world: World) -> Iterator[Test]:
    wanted: dict[str, Any] = settings(it, world, DETAILS)
    key = world.by_arn(it.attributes.get("key_id"))
    same = f'assert found["KeyId"].rpartition("/")[2] == {world.ref(key)}["key_id"]' if key else ""
    if wanted or key:
        yield made(
            "parameter_{}_is_described_as_asked",
            f"""
            name = {world.ref(it)}["name"]
            only = [{{"Key": "Name", "Option": "Equals", "Values": [name]}}]
            (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
            {subset("found", wanted) if wanted else ""}
            {same}
            """,
            it,
            world,
            *([key] if key else []),
        )
    if labels := tags(it, world):
        yield _tagged(it, world, "Parameter", labels)


def _tagged(it: Resource, world: World, kind: str, labels: dict[str, str]) -> Test:
    name = "id" if kind == "MaintenanceWindow" else "name"
    return made(
        f"{kind.lower().removeprefix('maintenance')}_{{}}_has_its_tags",
        f"""
        it = {world.ref(it)}
        found = ssm.list_tags_for_resource(ResourceType={kind!r}, ResourceId=it[{name!r}])["TagList"]
        assert {{tag["Key"]: tag["Value"] for tag in found}} == {labels!r}
        """,
        it,
        world,
    )


@probe("aws_ssm_document")
def document(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a document has the content and the kind asked for."""
    form = it.attributes.get("document_format") or "JSON"
    content = world.asked(it, "content")
    wanted = repr(content) if content and sayable(content) else f'{world.ref(it)}["content"]'
    read = "json.loads({})" if form == "JSON" else "{}.strip()"
    yield made(
        "document_{}_says_what_was_asked",
        f"""
        it = {world.ref(it)}
        found = ssm.get_document(Name=it["name"], DocumentFormat={form!r})
        assert {read.format('found["Content"]')} == {read.format(wanted)}
        assert found["DocumentType"] == {it.attributes.get("document_type")!r}
        described = ssm.describe_document(Name=it["name"])["Document"]
        assert described["Status"] == "Active"
        """,
        it,
        world,
    )
    if labels := tags(it, world):
        yield _tagged(it, world, "Document", labels)


WINDOW = {
    "name": "Name",
    "description": "Description",
    "schedule": "Schedule",
    "schedule_timezone": "ScheduleTimezone",
    "duration": "Duration",
    "cutoff": "Cutoff",
    "enabled": "Enabled",
}


@probe("aws_ssm_maintenance_window")
def window(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a window opens when asked, for as long as asked."""
    yield made(
        "window_{}_opens_as_asked",
        f"""
        found = ssm.get_maintenance_window(WindowId={world.ref(it)}["id"])
        {subset("found", settings(it, world, WINDOW))}
        """,
        it,
        world,
    )
    if labels := tags(it, world):
        yield _tagged(it, world, "MaintenanceWindow", labels)
