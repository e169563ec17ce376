"""What the tables cannot say: properties that become several arguments, and last words on a resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import code, elastic
from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, Json, Text, call, join, scalar
from pytest_lsqm.discovery.cloudformation.intrinsics import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.discovery.cloudformation.building import Builder

    Call = Callable[[Builder, Any, str], dict[str, Any]]
    Finish = Callable[[Builder, dict[str, Any]], dict[str, Any]]

SUBSTITUTIONS = "(substitutions)"
"""No argument: what a state machine's definition is to have in its places."""


def nothing(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Take note of what Terraform says by another argument, or does by itself."""
    return {}


def key_schema(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the keys of a table or an index."""
    found = {}
    for entry in builder.objects(value, path):
        kind = {"HASH": "hash_key", "RANGE": "range_key"}.get(str(entry.get("KeyType", "")).upper())
        if kind is None or "AttributeName" not in entry:
            raise Lost("its keys cannot be read")
        found[kind] = builder.resolver.resolve(entry["AttributeName"])
    return found


def sort_key(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return what sorts a local index, whose other key is the table's."""
    found = key_schema(builder, value, path)
    return {"range_key": found["range_key"]} if "range_key" in found else {}


def object_lock(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the block that locks a bucket's objects."""
    found = builder.resolver.resolve(value)
    return {"object_lock_configuration": Block({"object_lock_enabled": "Enabled"})} if scalar(found) == "true" else {}


def s3_filter(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the prefix and the suffix of the objects that a notification is about."""
    key = builder.resolver.peel(value.get("S3Key")) if isinstance(value, dict) else None
    found = {}
    for rule in builder.objects(key.get("Rules") if isinstance(key, dict) else [], path):
        name = str(rule.get("Name", "")).lower()
        if name not in {"prefix", "suffix"}:
            raise Lost("its filter cannot be read")
        found[f"filter_{name}"] = builder.resolver.resolve(rule.get("Value", ""))
    return found


def canned_acl(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a canned access list by the name that S3 itself has for it: `PublicRead` is `public-read`."""
    found = builder.resolver.resolve(value)
    if not isinstance(found, str):
        raise Lost("it is known only once it is deployed")
    return {"acl": re.sub(r"(?<=[a-z])(?=[A-Z])", "-", found).lower()}


def log_destination(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the only log group of a state machine."""
    (first, *more) = builder.entries(value, path) or [{}]
    group = first.get("CloudWatchLogsLogGroup") if isinstance(first, dict) else None
    if more or not isinstance(group, dict) or "LogGroupArn" not in group:
        raise Lost("its log groups cannot be read")
    return {"log_destination": builder.resolver.resolve(group["LogGroupArn"])}


def method_settings(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Give each method's settings on a stage a resource of its own."""
    words = {
        "CacheDataEncrypted": "cache_data_encrypted",
        "CacheTtlInSeconds": "cache_ttl_in_seconds",
        "CachingEnabled": "caching_enabled",
        "DataTraceEnabled": "data_trace_enabled",
        "LoggingLevel": "logging_level",
        "MetricsEnabled": "metrics_enabled",
        "ThrottlingBurstLimit": "throttling_burst_limit",
        "ThrottlingRateLimit": "throttling_rate_limit",
    }
    for entry in builder.entries(value, path):
        given = builder.resolver.resolve(entry)
        if not isinstance(given, dict):
            raise Lost("its settings cannot be read")
        where, method = given.get("ResourcePath", "/*"), given.get("HttpMethod", "*")
        if not isinstance(where, str) or not isinstance(method, str):
            raise Lost("its methods are known only once they are deployed")
        # A slash within the path is written `~1`.
        path_of = where.lstrip("/").replace("~1", "/").lstrip("/")
        settings = {words[key]: each for key, each in given.items() if key in words}
        for key in given.keys() - words.keys() - {"ResourcePath", "HttpMethod"}:
            builder.lose(f"{path}.{key}", Lost("it has no counterpart"))
        builder.own(
            "aws_api_gateway_method_settings",
            {
                "rest_api_id": builder.attribute("rest_api_id"),
                "stage_name": builder.attribute("stage_name"),
                "method_path": f"{path_of}/{method}",
                "settings": Block(settings),
            },
        )
    return {}


def definition_file(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a state machine's definition that lies beside the template."""
    return {"definition": _file(builder, value, "its definition")}


def body_file(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return an API's description that lies beside the template."""
    return {"body": _file(builder, value, "its description")}


def _file(builder: Builder, value: Any, what: str) -> Expr:
    place = builder.resolver.peel(value)
    asset = code.local(builder, place) if isinstance(place, dict) else None
    if asset is None:
        raise Lost(f"{what} lies in a bucket of somebody's account")
    builder.assets.append(asset)
    read = call("file", code.in_module(asset))
    return call("jsonencode", call("yamldecode", read)) if asset.endswith((".yaml", ".yml")) else read


def unsupported(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Refuse what a newer provider has in no way that these tables know."""
    raise Lost("the provider that the others want has no counterpart")


def enabled_mfas(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return what Terraform has as a block, the tokens; that messages are sent it sees from their configuration."""
    wanted = [builder.resolver.resolve(each) for each in builder.entries(value, path)]
    tokens = "SOFTWARE_TOKEN_MFA" in wanted
    return {"software_token_mfa_configuration": Block({"enabled": True})} if tokens else {}


def cluster_mode(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the block of what is spread over groups of nodes."""
    replicas = builder.resolver.resolve(builder.properties.get("ReplicasPerNodeGroup", 0))
    groups = {"num_node_groups": builder.resolver.resolve(value), "replicas_per_node_group": replicas}
    return {"cluster_mode": Block(groups)}


def parameters(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the parameters of a group, each a block."""
    found = builder.resolver.resolve(value)
    if not isinstance(found, dict):
        raise Lost(builder.late(found))
    return {"parameter": [Block({"name": name, "value": each}) for name, each in found.items()]}


def generated_secret(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Give a secret a value of its own: a digest of its ARN, since Terraform draws no lots without another provider.

    The ARN ends in letters that are drawn at its creation.
    """
    given = builder.resolver.resolve(value)
    if not isinstance(given, dict):
        raise Lost(builder.late(given))
    length = given.get("PasswordLength", 32)
    if not str(length).isdigit() or int(length) > 64:
        length = 64
    secret: Any = call("substr", call("sha256", builder.attribute("arn")), 0, int(length))
    if "GenerateStringKey" in given:
        template = call("jsondecode", given.get("SecretStringTemplate", "{}"))
        secret = call("jsonencode", call("merge", template, {given["GenerateStringKey"]: secret}))
    builder.own("aws_secretsmanager_secret_version", {"secret_id": builder.attribute("id"), "secret_string": secret})
    return {}


def substitutions(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Take note of what goes into the places of a definition."""
    found = builder.resolver.resolve(value)
    if not isinstance(found, dict):
        raise Lost(builder.late(found))
    return {SUBSTITUTIONS: found}


# Last words


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
    return body if name is None else {**body, "identifier": name.lower() if isinstance(name, str) else call("lower", name)}


CALLS: Mapping[str, Call] = {
    "nothing": nothing,
    "key_schema": key_schema,
    "sort_key": sort_key,
    "object_lock": object_lock,
    "unsupported": unsupported,
    "enabled_mfas": enabled_mfas,
    "parameters": parameters,
    "cluster_mode": cluster_mode,
    "generated_secret": generated_secret,
    "s3_filter": s3_filter,
    "canned_acl": canned_acl,
    "log_destination": log_destination,
    "method_settings": method_settings,
    "definition_file": definition_file,
    "body_file": body_file,
    "substitutions": substitutions,
    "function_code": code.function_code,
    "layer_content": code.layer_content,
    "layers": code.layers,
    "runtime": code.runtime,
    "runtimes": code.runtimes,
    "flow_log_group": elastic.flow_log_group,
    "flow_log_resource": elastic.flow_log_resource,
    "launch_template_tags": elastic.launch_template_tags,
    "load_balancer_attributes": elastic.load_balancer_attributes,
    "scheme": elastic.scheme,
    "target_group_attributes": elastic.target_group_attributes,
    "listener_certificate": elastic.listener_certificate,
    "listener_condition": elastic.listener_condition,
}
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
