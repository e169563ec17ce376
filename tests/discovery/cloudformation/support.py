"""Templates of a few resources, and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery import cloudformation

if TYPE_CHECKING:
    from pytest_lsqm.discovery.cloudformation import Converted


def convert(resources: dict[str, Any], **more: Any) -> Converted:
    """Convert a template of some resources, each `(type, properties)` or the whole of it; sections are `more`."""
    written = {
        name: {"Type": each[0], "Properties": each[1]} if isinstance(each, tuple) else each
        for name, each in resources.items()
    }
    assets = more.pop("assets", None)
    return cloudformation.convert({"Resources": written, **more}, name="it", assets=assets)


def main(resources: dict[str, Any], **more: Any) -> str:
    """Return the main file that they become."""
    return convert(resources, **more).files["main.tf"]


def value(given: Any, others: dict[str, Any] | None = None, **more: Any) -> str:
    """Return what a value becomes: it is a queue's name, and stands in one line."""
    text = main({"It": ("AWS::SQS::Queue", {"QueueName": given}), **(others or {})}, **more)
    body = text.partition('resource "aws_sqs_queue" "it" {\n')[2].partition("\n}\n")[0]
    name, _, found = body.strip().partition(" = ")
    assert name == "name", text
    return found


def lost(conversion: Converted) -> dict[str, str]:
    """Return why each resource was lost."""
    return {each.name: each.reason for each in conversion.conversion.lost}


def why(given: Any, others: dict[str, Any] | None = None, **more: Any) -> str:
    """Return why a value cannot be had: a queue of no other cannot be without it."""
    policy = {"Queue": given, "PolicyDocument": {}}
    conversion = convert({"It": ("AWS::SQS::QueueInlinePolicy", policy), **(others or {})}, **more)
    return lost(conversion)["It"]
