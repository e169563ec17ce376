"""YAML as the Serverless Framework reads it: version 1.2, where `yes` is a word, with CloudFormation's tags."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.discovery import tags
from pytest_lsqm.errors import DiscoveryError

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
        return yaml.load(text, tags.loader(_PLAIN))  # noqa: S506  # it is a safe one
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise DiscoveryError(f"{name} is no YAML: {reason[:300]}") from error
    except (RecursionError, ValueError, TypeError) as error:
        raise DiscoveryError(f"{name} is no YAML that can be read: {type(error).__name__}") from error
