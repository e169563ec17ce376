"""Policies of resources: what is read back says the same as what was asked for, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import making
from pytest_lsqm.generation.builtin.probes.sinks import listed, parsed
from pytest_lsqm.generation.builtin.writing import Test, helper
from pytest_lsqm.generation.checks import ACCESS_KEY, ACCOUNT

if TYPE_CHECKING:
    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

helper('''
def verdicts(policy):
    """Who may or may not do what, by a policy: effect, services and actions."""
    statements = json.loads(policy or "{}").get("Statement", [])
    found = []
    for each in statements if isinstance(statements, list) else [statements]:
        principal = each.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        action = each.get("Action", [])
        found.append(
            [
                each["Effect"],
                sorted([services] if isinstance(services, str) else services),
                sorted([action] if isinstance(action, str) else action),
            ]
        )
    return sorted(found)
''')


def same_policy(it: Resource, own: Resource, world: World, *, read: str, what: str = "") -> Test:
    """Return a test that the policy which `it` puts on `own`, as `read` gets it, says what was asked."""
    named = what or own.type.removeprefix("aws_").split("_")[-1]
    wanted = verdicts_of(parsed(it.attributes.get("policy")))
    told = f"assert verdicts(policy) == {wanted!r}" if wanted else ""
    return Test(
        f"policy_of_{named}_{{}}_rules_as_asked",
        f"""
        it = {world.ref(own)}
        policy = {read}
        {told}
        {making.same_policy("policy", it, world)}
        """,
        (it.address,) if it is own else (it.address, own.address),
        world.label(it),
        world.other_region(own),
    )


def verdicts_of(policy: Any) -> list[list[Any]]:
    """Return what `verdicts` must say of a policy; nothing, where that names accounts."""
    statements = listed(policy.get("Statement")) if isinstance(policy, dict) else []
    found = []
    for each in statements:
        principal = each.get("Principal")
        services = listed(principal.get("Service")) if isinstance(principal, dict) else []
        found.append([each.get("Effect"), sorted(services), sorted(listed(each.get("Action")))])
    return [] if ACCOUNT.search(str(found)) or ACCESS_KEY.search(str(found)) else sorted(found)
