"""Items that were asked for by themselves: each is in its table as it was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.dynamodb_settings import key_of
from pytest_lsqm.generation.builtin.probes.making import made
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def typed(value):
    """An attribute of an item such that two are equal when they mean the same."""
    ((kind, inside),) = value.items()
    if kind == "N":
        return kind, float(inside)
    if kind == "L":
        return kind, [typed(it) for it in inside]
    if kind == "M":
        return kind, {name: typed(it) for name, it in inside.items()}
    if kind == "NS":
        return kind, sorted(float(it) for it in inside)
    return kind, sorted(inside) if kind in ("SS", "BS") else inside
''')


@probe("aws_dynamodb_table_item")
def item(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the item is there, with the attributes that were asked for."""
    names = key_of(it)
    home = _table_of(it, world)
    if not names or (
        home is None and len(world.where("aws_dynamodb_table", name=it.attributes.get("table_name"))) > 1
    ):
        return
    try:
        wanted = json.loads(asked := world.asked(it, "item") or "{}")
    except ValueError:
        wanted = {}
    # What JSON has in base64, the API gives as bytes.
    literal = wanted and sayable(wanted) and '"B"' not in asked
    source = repr(wanted) if literal else f'json.loads({world.ref(it)}["item"])'
    yield made(
        "table_item_{}_is_there",
        f"""
        wanted = {source}
        got = dynamodb.get_item(
            TableName={world.ref(it)}["table_name"],
            Key={{name: wanted[name] for name in {names!r}}},
            ConsistentRead=True,
        )
        for name, value in wanted.items():
            assert typed(got["Item"][name]) == typed(value)
        """,
        it,
        world,
        home=home,
    )


def _table_of(it: Resource, world: World) -> Resource | None:
    """The table that an item is in; of two with one name, in two regions, the one called like the item."""
    found = world.where("aws_dynamodb_table", name=it.attributes.get("table_name"))
    if len(found) > 1:
        found = [one for one in found if one.name == it.name]
    return found[0] if len(found) == 1 else None
