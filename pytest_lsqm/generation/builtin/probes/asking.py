"""What several families of probes share: references between resources, and the settings that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.writing import Test, helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

Sources = dict[str, str]
"""Members of an answer, and the Python source of the values that they must have."""

KEYS = ("id", "arn", "name", "zone_id", "invoke_arn", "primary_network_interface_id", "public_ip")
"""Attributes by which one resource names another, the surest first."""

helper('''
def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told
''')


def settings(it: Resource, world: World, names: Mapping[str, str]) -> Sources:
    """Return what was asked for, by what the API calls it; `names` are API member to attribute."""
    found = {}
    for member, attribute in names.items():
        value = world.asked(it, attribute)
        if isinstance(value, list):
            value = sorted(value) if all(isinstance(item, str) for item in value) else None
        if value not in (None, "", [], {}) and sayable(value):
            found[member] = repr(value)
    return found


def references(it: Resource, world: World, names: Mapping[str, str]) -> Sources:
    """Return expressions for what a resource refers to; `names` are API member to attribute."""
    found = {}
    for member, attribute in names.items():
        value = it.attributes.get(attribute)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            found[member] = pointers(it, world, value, attribute)
        elif isinstance(value, str) and value:
            found[member] = pointer(it, world, value, attribute)
    return found


def pointer(it: Resource, world: World, value: str, attribute: str) -> str:
    """The expression for an id or ARN: that of the resource whose it is, else of the attribute that holds it."""
    return named(world, value, besides=it) or f"{world.ref(it)}[{attribute!r}]"


def pointers(it: Resource, world: World, values: Iterable[str], attribute: str) -> str:
    """The expression for a list of ids or ARNs in order."""
    found = [named(world, value, besides=it) for value in values]
    if None in found:
        return f"sorted({world.ref(it)}[{attribute!r}])"
    plain = sorted(str(name) for name in found)
    return f"[{plain[0]}]" if len(plain) == 1 else f"sorted([{', '.join(plain)}])"


def named(world: World, value: object, besides: Resource | None = None) -> str | None:
    """The expression for the attribute of a resource that has this value, None where no resource has it."""
    owner = by_key(world, value, besides)
    return f"{world.ref(owner[0])}[{owner[1]!r}]" if owner else None


def by_key(world: World, value: object, besides: Resource | None = None) -> tuple[Resource, str] | None:
    """Find the resource that an id, an ARN or another key belongs to, and which key that is."""
    for key in KEYS if isinstance(value, str) and value else ():
        for resource in world.resources:
            if resource is not besides and resource.attributes.get(key) == value:
                return resource, key
    return None


def by_id(world: World, value: object, *types: str) -> Resource | None:
    """Find the resource with this id, of one of these types."""
    return next((r for r in world.of(*types) if value and r.attributes.get("id") == value), None)


def compared(wanted: Sources) -> list[str]:
    """The lines that hold `found` against what is wanted of it."""
    if not wanted:
        return ["assert found"]
    told = ", ".join(f"{name!r}: {source}" for name, source in wanted.items())
    return [f"wanted = {{{told}}}", "assert part(found, wanted) == wanted"]


def written(name: str, it: Resource, world: World, *lines: str, near: Resource | None = None) -> Test:
    """Make a test of these lines for all resources that they name; `near` tells the region where `it` cannot."""
    body = "\n".join(lines)
    others = (r.address for r in world.resources if r is not it and world.ref(r) in body)
    region = world.other_region(it) or (world.other_region(near) if near else None)
    return Test(name, body, (it.address, *others), world.label(it), region)
