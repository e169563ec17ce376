"""Last words on a resource, once its properties are arguments: what they lack, or why it cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import elastic
from pytest_lsqm.discovery.cloudformation.extras import SUBSTITUTIONS
from pytest_lsqm.discovery.cloudformation.hcl import Expr, Json, Text, call, join
from pytest_lsqm.discovery.cloudformation.values import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.discovery.cloudformation.building import Builder

    Finish = Callable[[Builder, dict[str, Any]], dict[str, Any]]


def state_machine(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Put the values into the places of the definition."""
    values = body.pop(SUBSTITUTIONS, {})
    if "definition" not in body:
        raise Lost("its definition cannot be had")
    for name, value in values.items():
        body["definition"] = _put(body["definition"], f"${{{name}}}", value)
    return body


def _put(value: Any, place: str, new: Any) -> Any:  # noqa: PLR0911  one kind of value a line
    if isinstance(value, str):
        first, *rest = value.split(place)
        return join([first, *(each for part in rest for each in (new, part))])
    if isinstance(value, Text):
        return join(_put(part, place, new) if isinstance(part, str) else part for part in value.parts)
    if isinstance(value, Json):
        return Json(_put(value.value, place, new))
    if isinstance(value, dict):
        return {key: _put(each, place, new) for key, each in value.items()}
    if isinstance(value, list):
        return [_put(each, place, new) for each in value]
    if isinstance(value, Expr) and value.code.startswith(("replace(", "file(", "jsonencode(")):
        return call("replace", value, place, new)
    return value


def method(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Let what answers come after what it answers: Terraform cannot see that from the arguments."""
    owned = [piece for piece in builder.pieces if piece.kind == "resource"][1:]
    order = ("aws_api_gateway_integration", "aws_api_gateway_method_response")
    before = [Expr(piece.address) for piece in owned if piece.labels[0] in order]
    for piece in owned:
        if piece.labels[0] == "aws_api_gateway_integration_response" and before:
            piece.body["depends_on"] = before
    return body


def http_api(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Name an API after its description, where it has one and no name of its own."""
    description = body.get("body")
    whole = description.value if isinstance(description, Json) else None
    about = whole.get("info") if isinstance(whole, dict) else None
    title = about.get("title") if isinstance(about, dict) else None
    if "Name" not in builder.properties and title:
        body["name"] = title
    return body


def firehose(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a stream that leads anywhere but to S3."""
    if "extended_s3_configuration" not in body:
        raise Lost("its destination has no counterpart")
    return body


def lambda_function(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a function without code."""
    if not {"filename", "image_uri"} & body.keys():
        raise Lost("it has no code")
    return body


def layer_version(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a layer without content."""
    if "filename" not in body:
        raise Lost("it has no content")
    return body


def lowercase(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Write in small letters a name that may have no others."""
    name = str(builder.table.named)
    found = body[name]
    if isinstance(found, Text):
        parts = [part.lower() if isinstance(part, str) else call("lower", part) for part in found.parts]
        return {**body, name: join(parts)}
    return {**body, name: found.lower() if isinstance(found, str) else call("lower", found)}


def model(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Name a model without signs, which the service allows in no name."""
    return body if "Name" in builder.properties else {**body, "name": re.sub(r"\W", "", builder.logical_id)}


def stream(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Give a stream its one shard, unless it grows by itself."""
    return body if {"shard_count", "stream_mode_details"} & body.keys() else {**body, "shard_count": 1}


def database(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a member of a cluster, which is of another type in Terraform, and write names in small letters."""
    if "DBClusterIdentifier" in builder.properties:
        raise Lost("it is an instance of a cluster")
    name = body.get("identifier")
    return (
        body
        if name is None
        else {**body, "identifier": name.lower() if isinstance(name, str) else call("lower", name)}
    )


FINISHES: Mapping[str, Finish] = {
    "state_machine": state_machine,
    "method": method,
    "security_group": elastic.security_group,
    "elastic_ip": elastic.elastic_ip,
    "layer_version": layer_version,
    "lowercase": lowercase,
    "model": model,
    "stream": stream,
    "database": database,
    "http_api": http_api,
    "firehose": firehose,
    "lambda_function": lambda_function,
}
