"""YAML as the Serverless Framework reads it: version 1.2, where `yes` is a word, with CloudFormation's tags."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pytest_lsqm.errors import DiscoveryError

_PREFIX = "tag:yaml.org,2002:"

_PLAIN = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    # A number that begins with a zero is an account's.
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
"""What a plain word is besides a text, with the signs that it may begin with."""


def load(text: str, name: str) -> Any:
    """Read a document, in which the short words for CloudFormation's functions become the long ones.

    Raises DiscoveryError for what is no YAML.
    """
    import yaml

    try:
        return yaml.load(text, _loader())  # noqa: S506  # it is a safe one
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise DiscoveryError(f"{name} is no YAML: {reason[:300]}") from error
    except (RecursionError, ValueError, TypeError) as error:
        raise DiscoveryError(f"{name} is no YAML that can be read: {type(error).__name__}") from error


@cache
def _loader() -> Any:
    import yaml

    Loader: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})  # noqa: N806
    for kind, pattern, first in _PLAIN:
        signs = ["" if sign == "\0" else sign for sign in first]
        Loader.add_implicit_resolver(_PREFIX + kind, re.compile(f"(?:{pattern})$"), signs)
    Loader.add_multi_constructor("!", _function)
    return Loader


def _function(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    if hasattr(node, "value") and isinstance(node.value, str):
        value: Any = loader.construct_scalar(node)
    elif node.id == "sequence":
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}
