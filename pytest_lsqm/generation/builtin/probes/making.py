"""What probes share: making a test of a resource, saying what was asked for, comparing policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.writing import Test, helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

ACCOUNT = "<account>"
"""Stands in a test for the account that it runs in."""

helper('''
def agrees(found, wanted):
    """Whether an answer says all that is wanted; it may say more, and lists in any order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            agrees(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(agrees(part, value) for part in found) for value in wanted)
        )
    return found == wanted
''')

helper('''
def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)
''')

helper('''
def unordered(value):
    """A part of a policy without what makes no difference: order, lists of one, nothing."""
    if isinstance(value, dict):
        if value.get("Principal") == "*":
            value = value | {"Principal": {"AWS": "*"}}
        return {name: unordered(it) for name, it in value.items() if it not in ("", [])}
    if isinstance(value, list):
        parts = sorted({json.dumps(unordered(it), sort_keys=True) for it in value})
        return json.loads(parts[0]) if len(parts) == 1 else [json.loads(it) for it in parts]
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"^arn:[\\w-]+:iam::([^:]+):root$", r"\\1", str(value))
''')


def made(
    name: str, body: str, it: Resource, world: World, *others: Resource, home: Resource | None = None
) -> Test:
    """Make a test of a resource, and of the others that its body names, in the region of `home` or its own."""
    covers = tuple(dict.fromkeys((it.address, *(other.address for other in others))))
    return Test(name, body, covers, world.label(it), abroad(home or it, world))


def abroad(it: Resource, world: World) -> str | None:
    """The region of a resource where it is another than the default provider's; a bucket's ARN does not tell."""
    region = it.attributes.get("region") if it.type == "aws_s3_bucket" else None
    return world.other_region(it) if region in (None, "", world.region) else region


def settings(it: Resource, world: World, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what was asked of these attributes, by the names that the API gives them."""
    found = {api: world.asked(it, name) for name, api in names.items()}
    return {api: value for api, value in found.items() if value not in (None, "", [], {}) and sayable(value)}


def tidy(block: Any) -> Any:
    """Drop what a block of the configuration leaves empty, all the way down."""
    if isinstance(block, dict):
        kept = {name: tidy(value) for name, value in block.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    return [tidy(part) for part in block] if isinstance(block, list) else block


def camel(block: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Give a block the names of the API, without what it leaves empty."""
    return {api: block[name] for name, api in names.items() if block.get(name) not in (None, "", [], {}, 0)}


def tags(it: Resource, world: World) -> dict[str, str]:
    """Return the tags that were asked for, none where no test may say them."""
    found = world.asked(it, "tags_all") or world.asked(it, "tags") or {}
    return found if sayable(found) else {}


def document(it: Resource, world: World, attribute: str) -> tuple[str, str]:
    """Return two expressions: the policy that was asked for, and the account that it is about.

    The first is a literal where the plan knew it; else it is taken from the deployment at run time. A body that
    uses the second names the client `sts`.
    """
    text = it.asked.get(attribute)
    for account in accounts(world):
        text = text.replace(account, ACCOUNT) if isinstance(text, str) else text
    try:
        found = json.loads(text or "")
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, dict) or "Statement" not in found or not sayable(found):
        return f"{world.ref(it)}[{attribute!r}]", ""
    return repr(found), 'sts.get_caller_identity()["Account"]' if ACCOUNT in str(text) else ""


def accounts(world: World) -> set[str]:
    """The accounts that the resources' own ARNs name."""
    arns = [str(resource.attributes.get("arn") or "") for resource in world.resources]
    found = {part for arn in arns for part in arn.split(":")[4:5]}
    return {account for account in found if len(account) == 12 and account.isdigit()}


def same_policy(found: str, it: Resource, world: World, attribute: str = "policy") -> str:
    """Return the line that compares the policy that an expression gives with the one that was asked for."""
    wanted, account = document(it, world, attribute)
    return f"assert meaning({found}) == meaning({wanted}{', ' + account if account else ''})"


def subset(found: str, wanted: object) -> str:
    """Return the line that asserts that an answer says all that is wanted."""
    return f"assert agrees({found}, {wanted!r})"
