"""Roles and policies: they say what was asked, and who is trusted can become the role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import (
    ACCOUNT,
    accounts,
    made,
    same_policy,
    settings,
    subset,
    tags,
)
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def identity(key, secret, token=None):
    """Who one is with these credentials; new ones may take a moment to be known."""
    deadline = time.monotonic() + 15
    while True:
        try:
            return boto3.client(
                "sts",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
            ).get_caller_identity()["Arn"]
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
''')

helper('''
def attached(iam, to, name):
    """The ARNs of the managed policies of a role, a user or a group."""
    pages = iam.get_paginator(f"list_attached_{to}_policies").paginate(
        **{f"{to.title()}Name": name}
    )
    return {it["PolicyArn"] for page in pages for it in page["AttachedPolicies"]}
''')

ROLE = {"path": "Path", "description": "Description", "max_session_duration": "MaxSessionDuration"}


@probe("aws_iam_role")
def role(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a role trusts whom was asked, and that who is trusted can become it."""
    wanted: dict[str, Any] = settings(it, world, ROLE)
    yield made(
        "role_{}_trusts_whom_was_asked",
        f"""
        role = {world.ref(it)}
        found = iam.get_role(RoleName=role["name"])["Role"]
        {same_policy('found["AssumeRolePolicyDocument"]', it, world, "assume_role_policy")}
        assert found["Arn"] == role["arn"]
        {subset("found", wanted) if wanted else ""}
        """,
        it,
        world,
    )
    yield from bounded(it, world, "role")
    if _trusts_the_account(it, world):
        yield made(
            "role_{}_can_be_assumed",
            f"""
            role = {world.ref(it)}
            assert iam.get_role(RoleName=role["name"])["Role"]["Arn"] == role["arn"]
            reply = sts.assume_role(RoleArn=role["arn"], RoleSessionName="lsqm")
            given = reply["Credentials"]
            who = identity(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            assert who.endswith(f":assumed-role/{{role['name']}}/lsqm")
            assert reply["AssumedRoleUser"]["Arn"] == who
            """,
            it,
            world,
        )
    for inline in it.asked.get("inline_policy") or []:
        if isinstance(inline, dict) and inline.get("name"):
            yield _inline(it, world, str(inline["name"]))
    if labels := tags(it, world):
        yield tagged(it, world, "role", labels)


def _inline(it: Resource, world: World, name: str) -> Test:
    return made(
        "role_{}_has_its_inline_policy",
        f"""
        role = {world.ref(it)}
        found = iam.get_role_policy(RoleName=role["name"], PolicyName={name!r})
        (wanted,) = [part["policy"] for part in role["inline_policy"] if part["name"] == {name!r}]
        assert meaning(found["PolicyDocument"]) == meaning(wanted)
        """,
        it,
        world,
    )


def tagged(it: Resource, world: World, kind: str, labels: dict[str, str]) -> Test:
    """Make the test that a role or a user has the tags that were asked for."""
    return made(
        f"{kind}_{{}}_has_its_tags",
        f"""
        found = iam.list_{kind}_tags({kind.title()}Name={world.ref(it)}["name"])["Tags"]
        assert {{tag["Key"]: tag["Value"] for tag in found}} == {labels!r}
        """,
        it,
        world,
    )


def bounded(it: Resource, world: World, kind: str) -> Iterator[Test]:
    """Yield that a role or a user has the boundary that was asked for."""
    boundary = world.by_arn(it.attributes.get("permissions_boundary"))
    if boundary is not None:
        yield made(
            f"{kind}_{{}}_has_its_boundary",
            f"""
            found = iam.get_{kind}({kind.title()}Name={world.ref(it)}["name"])[{kind.title()!r}]
            boundary = found["PermissionsBoundary"]["PermissionsBoundaryArn"]
            assert boundary == {world.ref(boundary)}["arn"]
            """,
            it,
            world,
            boundary,
        )


def _trusts_the_account(it: Resource, world: World) -> bool:
    """Whether anybody in the account who is allowed to may become the role, without conditions."""
    text = str(it.attributes.get("assume_role_policy") or "{}")
    for account in accounts(world):
        text = text.replace(account, ACCOUNT)
    try:
        statements = json.loads(text).get("Statement", [])
    except (ValueError, AttributeError):
        return False
    statements = statements if isinstance(statements, list) else [statements]
    if any(part.get("Effect") != "Allow" for part in statements):
        return False
    for part in statements:
        principal = part.get("Principal")
        named = principal.get("AWS", []) if isinstance(principal, dict) else principal
        named = named if isinstance(named, list) else [named]
        actions = part.get("Action")
        actions = actions if isinstance(actions, list) else [actions]
        everybody = {"*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"} & set(named)
        if everybody and "sts:AssumeRole" in actions and not part.get("Condition"):
            return True
    return False


@probe("aws_iam_policy")
def policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the version in force says what was asked."""
    wanted = settings(it, world, {"path": "Path", "description": "Description"})
    yield made(
        "policy_{}_says_what_was_asked",
        f"""
        arn = {world.ref(it)}["arn"]
        found = iam.get_policy(PolicyArn=arn)["Policy"]
        {subset("found", wanted) if wanted else ""}
        version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
        assert version["IsDefaultVersion"]
        {same_policy('version["Document"]', it, world)}
        """,
        it,
        world,
    )


@probe("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")
def inline_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy of one role, user or group says what was asked."""
    holder = it.type.split("_")[2]
    yield made(
        f"{holder}_policy_{{}}_says_what_was_asked",
        f"""
        it = {world.ref(it)}
        found = iam.get_{holder}_policy({holder.title()}Name=it[{holder!r}], PolicyName=it["name"])
        {same_policy('found["PolicyDocument"]', it, world)}
        listed = iam.list_{holder}_policies({holder.title()}Name=it[{holder!r}])
        assert it["name"] in listed["PolicyNames"]
        """,
        it,
        world,
    )


@probe("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment")
def attachment(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy is the holder's, seen from both sides."""
    holder = it.type.split("_")[2]
    yield made(
        f"{holder}_{{}}_has_its_policy",
        f"""
        it = {world.ref(it)}
        assert it["policy_arn"] in attached(iam, {holder!r}, it[{holder!r}])
        found = iam.list_entities_for_policy(PolicyArn=it["policy_arn"], EntityFilter={holder.title()!r})
        holders = [one["{holder.title()}Name"] for one in found["Policy{holder.title()}s"]]
        assert it[{holder!r}] in holders
        """,
        it,
        world,
    )


@probe("aws_iam_policy_attachment")
def attachments(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy is that of all who were named."""
    yield made(
        "policy_{}_is_attached_to_all_who_were_named",
        f"""
        it = {world.ref(it)}
        assert it["roles"] or it["users"] or it["groups"]
        for holder in ("role", "user", "group"):
            for name in it[f"{{holder}}s"] or []:
                assert it["policy_arn"] in attached(iam, holder, name)
        """,
        it,
        world,
    )


@probe("aws_iam_instance_profile")
def instance_profile(it: Resource, world: World) -> Iterator[Test]:
    """Yield that instances get the role that was asked for."""
    wanted = settings(it, world, {"path": "Path"})
    yield made(
        "instance_profile_{}_gives_its_role",
        f"""
        it = {world.ref(it)}
        found = iam.get_instance_profile(InstanceProfileName=it["name"])["InstanceProfile"]
        assert [role["RoleName"] for role in found["Roles"]] == [it["role"]]
        {subset("found", wanted) if wanted else ""}
        """,
        it,
        world,
    )
