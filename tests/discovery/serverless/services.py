"""Services in a folder, as the tests write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery import serverless
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
service: shop
provider:
  name: aws
  runtime: nodejs20.x
"""


def read(folder: Path, text: str, **files: str) -> serverless.Service:
    """Read a service; `handler.js` is there, and so is what `files` names, `_dot_` and `_in_` for the signs."""
    named = {name.replace("_dot_", ".").replace("_in_", "/"): content for name, content in files.items()}
    write_tree(folder, {"handler.js": "exports.run = async () => 1\n", "serverless.yml": text, **named})
    return serverless.template(folder)


def with_event(folder: Path, event: str, more: str = "") -> serverless.Service:
    """Read a service of one function, `hello`, with one event."""
    text = f"{HEAD}functions:\n  hello:\n    handler: handler.run\n    events:\n      - {event}\n{more}"
    return read(folder, text)


def properties(service: serverless.Service, name: str) -> dict[str, Any]:
    """Return the properties of a resource."""
    found: dict[str, Any] = service.template["Resources"][name]["Properties"]
    return found


def names(service: serverless.Service, kind: str) -> list[str]:
    """Return the logical ids of the resources of a type."""
    return [name for name, each in service.template.get("Resources", {}).items() if each["Type"] == kind]


def lost(service: serverless.Service) -> dict[str, str]:
    """Return why each thing was lost, by its name."""
    return {each.name: each.reason for each in service.lost}
