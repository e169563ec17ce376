"""CloudFormation templates as they are written: YAML or JSON, with the short words for functions."""

from __future__ import annotations

import json
import re
from typing import Any

from pytest_lsqm.discovery import tags
from pytest_lsqm.errors import DiscoveryError

MAX_NODES = 300_000
"""What a template may hold once its aliases are written out: the largest that AWS takes has 1 MB."""

_MARKS = (
    re.compile(r"^AWSTemplateFormatVersion\s*:|[\"']AWSTemplateFormatVersion[\"']\s*:", re.MULTILINE),
    re.compile(
        r"^Transform\s*:\s*[\"']?AWS::Serverless|[\"']Transform[\"']\s*:\s*[\"']AWS::Serverless", re.MULTILINE
    ),
)
_RESOURCES = re.compile(r"^Resources\s*:|[\"']Resources[\"']\s*:\s*\{", re.MULTILINE)
_TYPE = re.compile(r"[\s{,][\"']?Type[\"']?\s*:\s*[\"']?AWS::[A-Z]")

_PLAIN = (
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    # A number that begins with a zero is an account's, and one with colons a pair of ports.
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+)?\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
"""What a plain word is besides a text, with the signs that it may begin with; a date stays a text."""


def is_template(text: str) -> bool:
    """Whether a file looks like a template, at a glance."""
    return any(mark.search(text) for mark in _MARKS) or bool(_RESOURCES.search(text) and _TYPE.search(text))


def read(text: str, named: str) -> dict[str, Any]:
    """Read a template, in which the short words for functions become the long ones; `named` is its file.

    Raises DiscoveryError for what is neither YAML nor JSON, or no template.
    """
    try:
        found = _load(text, named)
    except RecursionError as error:
        raise DiscoveryError(f"{named} is nested too deep to be read") from error
    if not isinstance(found, dict) or not isinstance(found.get("Resources"), dict):
        raise DiscoveryError(f"{named} is no template: it has no resources")
    return found


def _load(text: str, named: str) -> Any:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            return json.loads(text.lstrip("\ufeff"))
        except ValueError:
            pass  # YAML may begin with a brace, too
    return _yaml(text.lstrip("\ufeff"), named)


def _yaml(text: str, named: str) -> Any:
    import yaml

    loader = None
    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > MAX_NODES:
            raise DiscoveryError(f"{named} is too large once its aliases are written out")
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise DiscoveryError(
            f"{named}{where} is neither YAML nor JSON: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise DiscoveryError(f"{named} is neither YAML nor JSON: {' '.join(str(error).split())[:200]}") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise DiscoveryError(f"{named} holds what cannot be read: {str(error)[:200]}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _size(node: Any, known: dict[int, int]) -> int:
    """Count the nodes below one, each as often as aliases repeat it."""
    if id(node) in known:
        return known[id(node)]
    # What contains itself has no end.
    known[id(node)] = MAX_NODES + 1
    inner = node.value if isinstance(node.value, list) else []
    pairs = (each for entry in inner for each in (entry if isinstance(entry, tuple) else (entry,)))
    known[id(node)] = 1 + sum(_size(each, known) for each in pairs)
    return known[id(node)]


def _loader() -> Any:
    return tags.loader(_PLAIN)
