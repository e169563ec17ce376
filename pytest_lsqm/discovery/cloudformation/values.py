"""What a template's values are before any function is resolved: parameters, and what is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation.hcl import Expr, join, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping


class Lost(Exception):
    """A value cannot be had in Terraform; the message says why, as the end of a sentence."""


class _NoValue:
    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Any = _NoValue()
"""What `AWS::NoValue` stands for: as if the property were not there."""

PSEUDO: dict[str, Any] = {
    "AWS::AccountId": Expr("data.aws_caller_identity.current.account_id"),
    "AWS::Partition": Expr("data.aws_partition.current.partition"),
    "AWS::Region": Expr("data.aws_region.current.name"),
    "AWS::URLSuffix": Expr("data.aws_partition.current.dns_suffix"),
    "AWS::StackName": Expr("local.stack_name"),
    "AWS::NoValue": NO_VALUE,
}
PSEUDO["AWS::StackId"] = join(
    [
        "arn:",
        PSEUDO["AWS::Partition"],
        ":cloudformation:",
        PSEUDO["AWS::Region"],
        ":",
        PSEUDO["AWS::AccountId"],
        ":stack/",
        PSEUDO["AWS::StackName"],
        "/51af3dc0-da77-11e4-872e-1234567db123",
    ]
)
KNOWN = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": NO_VALUE}
"""What can be said of pseudo parameters before anything is deployed, anywhere but in China and in GovCloud."""

_LISTS = ("CommaDelimitedList", "List<")


def is_list(parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter's value is a list."""
    return str(parameter.get("Type", "")).startswith(_LISTS)


def default_of(parameter: Mapping[str, Any]) -> Any:
    """Return a parameter's value where none is given; NO_VALUE where it has none, or it is a name of another."""
    if "Default" not in parameter or str(parameter.get("Type", "")).startswith("AWS::SSM::"):
        return NO_VALUE
    default = parameter["Default"]
    if is_list(parameter):
        return [part.strip() for part in scalar(default).split(",")] if default not in ("", None) else []
    return default


def parameters(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a template's parameters by their names; one that says nothing is a text without a default."""
    found = section(template, "Parameters")
    return {name: each if isinstance(each, dict) else {} for name, each in found.items()}


def section(template: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a section of a template by its names; an empty one where it is none."""
    found = template.get(name)
    return {str(key): each for key, each in found.items()} if isinstance(found, dict) else {}


def function(value: Any) -> str | None:
    """Return the name of the function that a value is, None where it is none."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if isinstance(name, str) and (
            name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach"))
        ):
            return name
    return None
