"""The fallback for types without a probe: read a resource back by the API that describes its kind.

The call is found in botocore's own model of the service: an operation that describes, gets or lists what the
type is called, and whose inputs the resource's attributes can fill. Where there is none, nothing is claimed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pytest_lsqm.analysis import services
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

Inputs = tuple[tuple[str, str, bool], ...]
"""An operation's inputs: name, the attribute that fills it, and whether it is a list of such."""

VERBS = ("Describe", "Get", "List")
KEYS = ("arn", "id", "name")
"""What may name a resource in an answer, the surest first."""

ENDINGS = {"arn": ("arn",), "identifier": ("identifier", "id"), "id": ("id",), "name": ("name", "id")}
"""How an input's name ends that wants the resource itself, and the attributes that may fill it."""

PYTHON_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool}

helper('''
def holding(answer, value):
    """The innermost object of an answer that has this value, or None."""
    inside = answer.values() if isinstance(answer, dict) else answer
    for part in inside:
        if isinstance(part, dict | list) and (found := holding(part, value)):
            return found
    if isinstance(answer, dict) and value in answer.values():
        return answer
    return value if value in inside else None
''')


@dataclass(frozen=True)
class Call:
    """An operation that reads a kind of resource."""

    method: str
    inputs: Inputs
    outputs: Mapping[str, str]
    """The members of what it answers with, and their types."""


def read_back(resource: Resource, world: World) -> Iterator[Test]:
    """Yield a test that finds the resource in the service's own answer, with the attributes it gives there."""
    (service, *_) = services.services_of([resource.type]) or (None,)
    if service is None or (call := _call(service, resource)) is None:
        return
    if (key := _key(call, resource)) is None:
        return
    client = "lambda_" if service == "lambda" else service.replace("-", "_")
    inputs = ", ".join(
        f"{name}=[it[{attribute!r}]]" if many else f"{name}=it[{attribute!r}]"
        for name, attribute, many in call.inputs
    )
    compared = [
        f"assert found.get({member!r}) == it[{attribute!r}]"
        for member, attribute in _comparable(call, resource)
        if attribute != key
    ]
    taken = "found = " if compared else "assert "
    lines = [
        f"it = {world.ref(resource)}",
        f"answer = {client}.{call.method}({inputs})",
        f"{taken}holding(answer, it[{key!r}])",
        *compared,
    ]
    yield Test(
        name=f"{_noun(resource.type)}_{{}}_reads_back",
        body="\n".join(lines),
        covers=(resource.address,),
        label=world.label(resource),
        region=world.other_region(resource),
    )


def _key(call: Call, resource: Resource) -> str | None:
    """The attribute by which the resource is found in the answer: one that the answer has, and that is no list."""
    endings = {_snake(member).split("_")[-1] for member, kind in call.outputs.items() if kind == "string"}
    for key in KEYS:
        value = resource.attributes.get(key)
        if key in endings and isinstance(value, str) and value and not _put_together(key, value):
            return key
    asked_with = {attribute for _, attribute, _ in call.inputs}
    others = [attribute for _, attribute in _comparable(call, resource) if attribute not in asked_with]
    return next((name for name in others if isinstance(resource.attributes[name], str)), None)


def _put_together(attribute: str, value: object) -> bool:
    """Whether the provider made an id of several parts, which no answer holds as it is."""
    return attribute == "id" and bool(set(str(value)) & set(",|/:"))


def _noun(type_: str) -> str:
    return type_.removeprefix("aws_")


def _comparable(call: Call, resource: Resource) -> list[tuple[str, str]]:
    """The members of the answer that the provider keeps by the same name, with what it has read there."""
    found = []
    for member, kind in call.outputs.items():
        value: Any = resource.attributes.get(attribute := _snake(member))
        if (
            type(value) is PYTHON_TYPES.get(kind)
            and value not in ("", 0, False)
            and not _put_together(attribute, value)
        ):
            found.append((member, attribute))
    return sorted(found)[:6]


def _call(service: str, resource: Resource) -> Call | None:
    for words in _nouns(resource.type, service):
        for verb in VERBS:
            for noun in _plurals(words):
                for operation in _operations(service).get(f"{verb}{noun}".lower(), ()):
                    if (inputs := _inputs(service, operation, words, resource)) is not None:
                        return Call(_snake(operation), inputs, _outputs(service, operation, resource))
    return None


def _nouns(type_: str, service: str) -> Iterator[str]:
    """What a type may be called in its API: `aws_glue_catalog_database` is a CatalogDatabase or a Database."""
    words = _noun(type_).split("_")
    if words[0] in {service, service.replace("-", ""), *service.split("-")} and len(words) > 1:
        words = words[1:]
    for start in range(len(words)):
        yield "".join(words[start:])


def _plurals(noun: str) -> tuple[str, ...]:
    return (noun, f"{noun}s", f"{noun}es", f"{noun[:-1]}ies")


@cache
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


@cache
def _operations(service: str) -> Mapping[str, tuple[str, ...]]:
    try:
        names = _model(service).operation_names
    except Exception:  # a service that this botocore does not know, whatever it says of it
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        found[name.lower()] = (*found.get(name.lower(), ()), name)
    return found


def _inputs(service: str, operation: str, noun: str, resource: Resource) -> Inputs | None:
    shape = _model(service).operation_model(operation).input_shape
    members = shape.members if shape else {}
    required = list(shape.required_members) if shape else []
    if required:
        filled = [(name, _filling(name, members[name], noun, resource)) for name in required]
        if any(attribute is None for _, attribute in filled):
            return None
        return tuple((name, str(found), members[name].type_name == "list") for name, found in filled)
    for name, member in members.items():
        if (found := _filling(name, member, noun, resource)) is not None:
            return ((name, found, member.type_name == "list"),)
    return ()


def _filling(name: str, member: Any, noun: str, resource: Resource) -> str | None:
    """The attribute that fills an input: one of its name, or the resource's own arn, id or name."""
    if member.type_name == "list":
        if member.member.type_name != "string":
            return None
    elif member.type_name != "string":
        return None
    plain = _snake(name)
    singular = plain.removesuffix("s") if member.type_name == "list" else plain
    own = noun.lower()
    for candidate in (plain, singular):
        if candidate != "marker" and isinstance(resource.attributes.get(candidate), str):
            return candidate
    squeezed = singular.replace("_", "")
    for ending, keys in ENDINGS.items():
        if squeezed.endswith(ending) and own.endswith(squeezed.removesuffix(ending) or "-"):
            return next((key for key in keys if isinstance(resource.attributes.get(key), str)), None)
    if squeezed == own:  # ecs.describe_clusters(clusters=[…])
        return next((key for key in ("arn", "name", "id") if isinstance(resource.attributes.get(key), str)), None)
    return None


def _outputs(service: str, operation: str, resource: Resource) -> Mapping[str, str]:
    """The members of the object in the answer that names the resource and has most in common with it."""
    shape = _model(service).operation_model(operation).output_shape
    best: dict[str, str] = {}
    most = 1
    for structure in _structures(shape, 3) if shape else ():
        members = {name: member.type_name for name, member in structure.members.items()}
        if not any(_snake(name).split("_")[-1] in KEYS for name in members):
            continue
        common = sum(_snake(name) in resource.attributes for name in members)
        if common > most:
            best, most = members, common
    return best


def _structures(shape: Any, depth: int) -> Iterator[Any]:
    if shape.type_name == "list":
        yield from _structures(shape.member, depth)
    elif shape.type_name == "structure" and depth:
        yield shape
        for member in shape.members.values():
            yield from _structures(member, depth - 1)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
