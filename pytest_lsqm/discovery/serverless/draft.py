"""A template that grows, function by function and event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_lsqm.discovery.serverless.naming import arn_of, function_id, normal
from pytest_lsqm.models import LostResource

ROLE = "IamRoleLambdaExecution"


class Cannot(Exception):
    """A function or an event cannot be brought into the template; the message says why."""


@dataclass
class Draft:
    """The resources of a service so far, what was lost of it, and what its shared role may do."""

    service: str
    stage: str
    provider: dict[str, Any]
    given: dict[str, dict[str, Any]]
    """The resources that the service itself writes out."""

    functions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Those that can be deployed, by their name in the service."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    statements: list[dict[str, Any]] = field(default_factory=list)
    lost: list[LostResource] = field(default_factory=list)

    def add(self, name: str, kind: str, properties: dict[str, Any], **attributes: Any) -> None:
        """Add a resource; properties and attributes that are None are left out."""
        kept = {key: value for key, value in properties.items() if value is not None}
        more = {key: value for key, value in attributes.items() if value}
        self.resources[name] = {"Type": kind, "Properties": kept, **more}

    def lose(self, name: str, kind: str, reason: str) -> None:
        """Take note of what is left out."""
        self.lost.append(LostResource(name=name, type=kind, reason=reason))

    def allow(self, actions: list[str], resource: Any) -> None:
        """Let the shared role do something; what it may do already for others is one statement."""
        for statement in self.statements:
            if statement["Action"] == actions:
                if resource not in statement["Resource"]:
                    statement["Resource"].append(resource)
                return
        self.statements.append({"Effect": "Allow", "Action": list(actions), "Resource": [resource]})

    def permit(self, name: str, function: str, principal: Any, source: Any = None, **more: Any) -> None:
        """Let a service invoke a function."""
        properties = {
            "FunctionName": arn_of(function_id(function)),
            "Action": "lambda:InvokeFunction",
            "Principal": principal,
            "SourceArn": source,
            **more,
        }
        self.add(f"{normal(function)}LambdaPermission{name}", "AWS::Lambda::Permission", properties)


def mapping(value: Any) -> dict[str, Any]:
    """Return a value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return a value as a list: nothing as an empty one, one thing as a list of it, lists in it as one."""
    if not isinstance(value, list):
        return [] if value is None else [value]
    return [inner for entry in value for inner in (entry if isinstance(entry, list) else [entry])]


def required(value: Any, what: str) -> Any:
    """Return a value that is there; raises Cannot where it is not."""
    if value is None or value in ("", [], {}):
        raise Cannot(f"it does not say {what}")
    return value


def text(value: Any, what: str) -> str:
    """Return a value that is a text; raises Cannot where it is none."""
    if not isinstance(required(value, what), str):
        raise Cannot(f"{what} is no text")
    return str(value)
