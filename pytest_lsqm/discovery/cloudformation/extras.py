"""What the tables cannot say: properties that become several arguments, or resources of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import code, elastic
from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, call, scalar
from pytest_lsqm.discovery.cloudformation.values import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.discovery.cloudformation.building import Builder

    Call = Callable[[Builder, Any, str], dict[str, Any]]

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
    return (
        {"object_lock_configuration": Block({"object_lock_enabled": "Enabled"})} if scalar(found) == "true" else {}
    )


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
    """Return what Terraform has as a block, the tokens; messages it knows from their own configuration."""
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
    """Give a secret a value of its own: a digest of its ARN, which ends in letters drawn at its creation.

    Terraform by itself draws no lots that stay the same from plan to plan.
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
    builder.own(
        "aws_secretsmanager_secret_version", {"secret_id": builder.attribute("id"), "secret_string": secret}
    )
    return {}


def substitutions(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Take note of what goes into the places of a definition."""
    found = builder.resolver.resolve(value)
    if not isinstance(found, dict):
        raise Lost(builder.late(found))
    return {SUBSTITUTIONS: found}


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
    "classic_listener": elastic.classic_listener,
    "listener_condition": elastic.listener_condition,
}
