"""YAML with CloudFormation's short words for functions, `!Ref` and its like, by a loader that makes no objects."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

PREFIX = "tag:yaml.org,2002:"

Plain = tuple[tuple[str, str, str], ...]
"""What a plain word is besides a text: its kind, its pattern, the signs that it may begin with (NUL: none)."""


@cache
def loader(plain: Plain) -> Any:
    """Return a safe loader for which `plain` says what a word without quotes is; every other word is a text."""
    import yaml

    Loader: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})  # noqa: N806
    for kind, pattern, first in plain:
        signs = ["" if sign == "\0" else sign for sign in first]
        Loader.add_implicit_resolver(PREFIX + kind, re.compile(f"(?:{pattern})$"), signs)
    Loader.add_multi_constructor("!", _function)
    # A date stays a text even where it says that it is one.
    Loader.add_constructor(f"{PREFIX}timestamp", lambda loader, node: loader.construct_scalar(node))
    return Loader


def _function(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    if node.id == "scalar":
        value: Any = loader.construct_scalar(node)
    elif node.id == "sequence":
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}
