"""What the tables cannot say of networks and load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import conversions
from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, join, scalar
from pytest_lsqm.discovery.cloudformation.values import PSEUDO, Lost

if TYPE_CHECKING:
    from pytest_lsqm.discovery.cloudformation.building import Builder


def security_group(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Allow what leaves a group that says nothing of it: Terraform takes that rule away."""
    if "SecurityGroupEgress" not in builder.properties:
        anywhere: dict[str, Any] = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}
        body_of = {"security_group_id": builder.attribute("id"), "type": "egress", **anywhere}
        builder.own("aws_security_group_rule", body_of)
    return body


def elastic_ip(builder: Builder, body: dict[str, Any]) -> dict[str, Any]:
    """Say that an address is one for VPCs: there are no others left."""
    return {**body, **({"vpc": True} if builder.stack.major < 5 else {"domain": "vpc"})}


def flow_log_group(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a log group by its ARN: only older providers know it by its name."""
    where = ["arn:", PSEUDO["AWS::Partition"], ":logs:", PSEUDO["AWS::Region"], ":", PSEUDO["AWS::AccountId"]]
    return {"log_destination": join([*where, ":log-group:", builder.resolver.resolve(value)])}


def flow_log_resource(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return what is watched, under the name of its kind."""
    kinds = {"VPC": "vpc_id", "Subnet": "subnet_id", "NetworkInterface": "eni_id"}
    kind = builder.properties.get("ResourceType")
    if not isinstance(kind, str) or kind not in kinds:
        raise Lost("what it watches cannot be read")
    return {kinds[kind]: builder.resolver.resolve(value)}


def launch_template_tags(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the tags of the template itself."""
    found: dict[str, Any] = {}
    for entry in builder.objects(value, path):
        found |= conversions.tags(builder, entry.get("Tags", []), path)
    return {"tags": found}


def scheme(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return whether a load balancer is of the inside."""
    found = builder.resolver.resolve(value)
    return {"internal": Expr(f'{found.code} == "internal"') if isinstance(found, Expr) else found == "internal"}


_LOAD_BALANCER = {
    "deletion_protection.enabled": "enable_deletion_protection",
    "idle_timeout.timeout_seconds": "idle_timeout",
    "routing.http2.enabled": "enable_http2",
    "routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields",
    "load_balancing.cross_zone.enabled": "enable_cross_zone_load_balancing",
}
_TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "deregistration_delay",
    "slow_start.duration_seconds": "slow_start",
}
_STICKINESS = {
    "stickiness.enabled": "enabled",
    "stickiness.type": "type",
    "stickiness.lb_cookie.duration_seconds": "cookie_duration",
}


def load_balancer_attributes(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a load balancer's attributes as arguments."""
    return _attributes(builder, value, path, _LOAD_BALANCER)


def target_group_attributes(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a target group's attributes as arguments, those of its cookies as a block."""
    found = _attributes(builder, value, path, {**_TARGET_GROUP, **_STICKINESS})
    sticky = {key: found.pop(key) for key in _STICKINESS.values() if key in found}
    return {**found, "stickiness": Block({"type": "lb_cookie", **sticky})} if sticky else found


def _attributes(builder: Builder, value: Any, path: str, known: dict[str, str]) -> dict[str, Any]:
    found = {}
    for entry in builder.objects(value, path):
        key = str(entry.get("Key"))
        if key in known:
            found[known[key]] = builder.resolver.resolve(entry.get("Value"))
        else:
            builder.lose(f"{path}.{key}", Lost("it has no counterpart"))
    return found


def listener_certificate(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return the only certificate of a listener."""
    (first, *more) = builder.entries(value, path) or [{}]
    if more or not isinstance(first, dict) or "CertificateArn" not in first:
        raise Lost("its certificates cannot be read")
    return {"certificate_arn": builder.resolver.resolve(first["CertificateArn"])}


def classic_listener(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a listener of a classic load balancer; its instances are spoken to in its own layer's protocol."""
    words = {
        "InstancePort": "instance_port",
        "InstanceProtocol": "instance_protocol",
        "LoadBalancerPort": "lb_port",
        "Protocol": "lb_protocol",
        "SSLCertificateId": "ssl_certificate_id",
    }
    given = builder.resolver.resolve(value)
    if not isinstance(given, dict) or not {"InstancePort", "LoadBalancerPort", "Protocol"} <= given.keys():
        raise Lost("its listener cannot be read")
    if "InstanceProtocol" not in given and not isinstance(given["Protocol"], str):
        raise Lost("its listener's protocol is known only once it is deployed")
    usual = "tcp" if str(given["Protocol"]).upper() in {"TCP", "SSL"} else "http"
    found = {words[key]: each for key, each in given.items() if key in words}
    for key in given.keys() - words.keys():
        builder.lose(f"{path}.{key}", Lost("it has no counterpart"))
    return {"instance_protocol": usual, **found}


_CONDITIONS = {
    "host-header": ("host_header", "HostHeaderConfig"),
    "http-header": ("http_header", "HttpHeaderConfig"),
    "http-request-method": ("http_request_method", "HttpRequestMethodConfig"),
    "path-pattern": ("path_pattern", "PathPatternConfig"),
    "source-ip": ("source_ip", "SourceIpConfig"),
}


def listener_condition(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return a condition of a listener's rule; its values stand beside its field or in that one's settings."""
    field = scalar(value.get("Field")) if isinstance(value, dict) else ""
    if field not in _CONDITIONS:
        raise Lost("its condition has no counterpart")
    name, key = _CONDITIONS[field]
    settings = builder.resolver.peel(value.get(key, value))
    if not isinstance(settings, dict):
        raise Lost(builder.late(settings))
    body = {"values": conversions.listed(builder, settings.get("Values", []), path)}
    if "HttpHeaderName" in settings:
        body["http_header_name"] = builder.resolver.resolve(settings["HttpHeaderName"])
    return {name: Block(body)}
