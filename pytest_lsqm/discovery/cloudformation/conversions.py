"""How a property's value becomes an argument's: the words behind `|` in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation.hcl import Expr, Json, Text, call, inline
from pytest_lsqm.discovery.cloudformation.values import NO_VALUE, Lost, function

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.discovery.cloudformation.building import Builder

    Conversion = Callable[[Builder, Any, str], Any]


def plain(builder: Builder, value: Any, path: str) -> Any:
    """Take the value as it is."""
    return builder.resolver.resolve(value)


def document(builder: Builder, value: Any, path: str) -> Any:
    """Write an object as JSON; a text is JSON already."""
    found = builder.resolver.resolve(value)
    return Json(found) if isinstance(found, dict | list) else found


def tags(builder: Builder, value: Any, path: str) -> Any:
    """Turn a list of keys and values into a map."""
    found: dict[str, Any] = {}
    value = builder.resolver.peel(value)
    if isinstance(value, dict) and not function(value):
        return mapping(builder, value, path)
    for entry in builder.entries(value, path):
        if not isinstance(entry, dict) or "Key" not in entry:
            raise Lost("its tags cannot be read")
        key = builder.resolver.resolve(entry["Key"])
        if not isinstance(key, str):
            raise Lost("the name of a tag is known only once it is deployed")
        found |= mapping(builder, {key: entry.get("Value", "")}, path)
    return found


def mapping(builder: Builder, value: Any, path: str) -> Any:
    """Take a map entry by entry, so that one that cannot be had does not cost the others."""
    value = builder.resolver.peel(value)
    if not isinstance(value, dict) or function(value):
        return builder.resolver.resolve(value)
    found = {}
    for key, each in value.items():
        try:
            entry = builder.resolver.resolve(each)
        except Lost as error:
            builder.lose(f"{path}.{key}", error)
            continue
        if entry is not NO_VALUE:
            # Within one map all values are texts, whatever YAML took them for.
            found[str(key)] = _text(entry)
    return found


def listed(builder: Builder, value: Any, path: str) -> Any:
    """Make a list of one thing; entries that cannot be had do not cost the others."""
    value = builder.resolver.peel(value)
    if not isinstance(value, list):
        found = builder.resolver.resolve(value)
        return found if isinstance(found, list) or _gives_list(builder, value, found) else [found]
    kept = []
    for entry in value:
        try:
            found = builder.resolver.resolve(entry)
        except Lost as error:
            builder.lose(path, error)
            continue
        if found is not NO_VALUE:
            kept.append(found)
    if value and not kept:
        raise Lost("none of its entries can be had")
    return kept


def _gives_list(builder: Builder, value: Any, found: Any) -> bool:
    """Whether what is known only later is a list: a parameter's, or what a function makes."""
    name = function(value)
    if not isinstance(found, Expr) or name is None:
        return False
    if name == "Fn::If":
        return all(isinstance(each, list) or _gives_list(builder, each, found) for each in value[name][1:])
    return name in {"Fn::Split", "Fn::GetAZs", "Fn::Cidr"} or (
        name == "Ref" and builder.resolver.is_list_parameter(value[name])
    )


def first(builder: Builder, value: Any, path: str) -> Any:
    """Take the only entry of a list."""
    found = listed(builder, value, path)
    if isinstance(found, Expr):
        return call("element", found, 0)
    if len(found) != 1:
        raise Lost("it has more than one entry")
    return found[0]


def names(builder: Builder, value: Any, path: str) -> Any:
    """Take the names out of a list of objects that have nothing else."""
    entries = builder.entries(value, path)
    if any(not isinstance(each, dict) or each.keys() != {"Name"} for each in entries):
        raise Lost("its names cannot be read")
    return [builder.resolver.resolve(each["Name"]) for each in entries]


def ordered(builder: Builder, value: Any, path: str) -> Any:
    """Put a queue's environments in the order that they say."""
    entries = builder.entries(value, path)
    if any(not isinstance(each, dict) or not str(each.get("Order")).isdigit() for each in entries):
        raise Lost("the order of its environments cannot be read")
    found = sorted(entries, key=lambda each: int(each["Order"]))
    return [builder.resolver.resolve(each.get("ComputeEnvironment")) for each in found]


def pairs(builder: Builder, value: Any, path: str) -> Any:
    """Turn a list of names and values into a map."""
    entries = builder.entries(value, path)
    if any(not isinstance(each, dict) or not isinstance(each.get("Name"), str) for each in entries):
        raise Lost("its names and values cannot be read")
    return {each["Name"]: builder.resolver.resolve(each.get("Value")) for each in entries}


def enabled(builder: Builder, value: Any, path: str) -> Any:
    """Tell whether a word for a state is the one for being at work."""
    found = builder.resolver.resolve(value)
    if isinstance(found, Expr | Text):
        return Expr(f'upper({inline(found)}) == "ENABLED"')
    return str(found).upper() in {"ENABLED", "ACTIVE", "TRUE"}


def lower(builder: Builder, value: Any, path: str) -> Any:
    """Write a text in small letters."""
    found = builder.resolver.resolve(value)
    return found.lower() if isinstance(found, str) else call("lower", found)


def camel(builder: Builder, value: Any, path: str) -> Any:
    """Write an object as JSON with names as the API has them, which begin with a small letter."""
    return Json(_camel(builder.resolver.resolve(value)))


_FREE_KEYS = frozenset({"Options", "DockerLabels", "DriverOpts", "Labels"})
"""Objects whose keys are the author's own."""


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key[:1].lower() + key[1:]: each if key in _FREE_KEYS else _camel(each) for key, each in value.items()
        }
    return [_camel(each) for each in value] if isinstance(value, list) else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        raise Lost("a text is wanted where there is none")
    return str(value) if isinstance(value, int | float) else value


BY_NAME: dict[str, Conversion] = {
    "plain": plain,
    "json": document,
    "tags": tags,
    "map": mapping,
    "list": listed,
    "first": first,
    "names": names,
    "ordered": ordered,
    "pairs": pairs,
    "enabled": enabled,
    "lower": lower,
    "camel": camel,
}
