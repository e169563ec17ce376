"""Who may do what with a bucket: policies, blocks of public access, owners and grants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, same_policy, subset
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def fetch(s3, bucket, key):
    """Ask for an object as anybody could, without credentials; return status and body."""
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    request = AWSRequest("GET", url.split("?")[0]).prepare()
    reply = URLLib3Session().send(request)
    return reply.status_code, reply.content
''')


def bucket_of(it: Resource, world: World) -> Resource | None:
    """The bucket that a resource is a setting of, or an object in."""
    found = world.where("aws_s3_bucket", bucket=it.attributes.get("bucket"))
    return found[0] if found else None


def writable(it: Resource, world: World) -> bool:
    """Whether a test may put objects, and remove them again.

    Not where they would be retained, and not where a policy denies something: a condition could be about
    what the test does.
    """
    name = it.attributes.get("bucket")
    locks = [it, *world.where("aws_s3_bucket_object_lock_configuration", bucket=name)]
    if any(
        _retains(lock.attributes.get(part)) for lock in locks for part in ("object_lock_configuration", "rule")
    ):
        return False
    policies = [it, *world.where("aws_s3_bucket_policy", bucket=name)]
    return not any(_denies(policy.attributes.get("policy")) for policy in policies)


def _retains(block: Any) -> bool:
    if isinstance(block, dict):
        return bool(block.get("default_retention")) or any(_retains(part) for part in block.values())
    return isinstance(block, list) and any(_retains(part) for part in block)


def _statements(policy: Any) -> list[dict[str, Any]]:
    try:
        found = json.loads(policy or "{}").get("Statement", [])
    except (TypeError, ValueError, AttributeError):
        return []
    return [part for part in (found if isinstance(found, list) else [found]) if isinstance(part, dict)]


def _denies(policy: Any) -> bool:
    """Whether a policy denies more than what comes without TLS, which no test of a real bucket does."""
    return any(
        part.get("Effect") == "Deny" and "aws:SecureTransport" not in json.dumps(part.get("Condition"))
        for part in _statements(policy)
    )


@probe("aws_s3_bucket_policy")
def policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the policy says what was asked, and that who may read without credentials does."""
    home = bucket_of(it, world)
    yield made(
        "bucket_policy_{}_says_what_was_asked",
        f"""
        found = s3.get_bucket_policy(Bucket={world.ref(it)}["bucket"])["Policy"]
        {same_policy("found", it, world)}
        """,
        it,
        world,
        home=home,
    )
    if home is not None and _public(it, home, world) and writable(home, world):
        yield made(
            "bucket_{}_is_read_by_anybody",
            f"""
            bucket = {world.ref(it)}["bucket"]
            assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
            key, text = f"lsqm/{{uuid4()}}.txt", str(uuid4()).encode()
            try:
                s3.put_object(Bucket=bucket, Key=key, Body=text)
                assert fetch(s3, bucket, key) == (200, text)
            finally:
                remove_object(s3, bucket, key)
            """,
            it,
            world,
            home=home,
        )


def _public(it: Resource, home: Resource, world: World) -> bool:
    """Whether everybody may read every object: no condition, nothing that blocks it, no key of one's own."""
    name = home.attributes.get("bucket")
    blocks = world.where("aws_s3_bucket_public_access_block", bucket=name)
    keyed = [home, *world.where("aws_s3_bucket_server_side_encryption_configuration", bucket=name)]
    rules = [
        [one.attributes.get("server_side_encryption_configuration"), one.attributes.get("rule")] for one in keyed
    ]
    if any(block.attributes.get("restrict_public_buckets") for block in blocks) or "aws:kms" in json.dumps(rules):
        return False
    for part in _statements(it.attributes.get("policy")):
        reads = {"s3:GetObject", "s3:*", "*"} & set(_listed(part.get("Action")))
        everything = f"{home.attributes.get('arn')}/*" in _listed(part.get("Resource"))
        if (
            part.get("Effect") == "Allow"
            and part.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
            and not part.get("Condition")
            and reads
            and everything
        ):
            return True
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def setting(what: str, call: str, wanted: object, it: Resource, world: World, *, path: str = "") -> Test:
    """Make the test that a bucket answers a question about a setting with what was asked for."""
    return made(
        f"bucket_{{}}_has_the_{what}_asked_for",
        f"""
        found = s3.{call}(Bucket={world.ref(it)}["bucket"]){path}
        {subset("found", wanted)}
        """,
        it,
        world,
        home=bucket_of(it, world),
    )


BLOCKS = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


@probe("aws_s3_bucket_public_access_block")
def public_access(it: Resource, world: World) -> Iterator[Test]:
    """Yield that what the public may be given is as asked, each of the four."""
    wanted = {api: bool(world.asked(it, name)) for name, api in BLOCKS.items()}
    path = '["PublicAccessBlockConfiguration"]'
    yield setting("public_access_block", "get_public_access_block", wanted, it, world, path=path)


@probe("aws_s3_bucket_ownership_controls")
def ownership(it: Resource, world: World) -> Iterator[Test]:
    """Yield that objects belong to whom was asked."""
    if wanted := world.asked(it, "rule", 0, "object_ownership"):
        path = '["OwnershipControls"]["Rules"]'
        wanted = [{"ObjectOwnership": wanted}]
        yield setting("ownership", "get_bucket_ownership_controls", wanted, it, world, path=path)


GROUPS: dict[str, dict[str, list[str]]] = {
    "public-read": {"AllUsers": ["READ"]},
    "public-read-write": {"AllUsers": ["READ", "WRITE"]},
    "authenticated-read": {"AuthenticatedUsers": ["READ"]},
    "log-delivery-write": {"LogDelivery": ["READ_ACP", "WRITE"]},
    "private": {},
}
"""What a canned ACL grants beside the owner's own rights."""


@probe("aws_s3_bucket_acl")
def acl(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the groups that were asked for may do what was asked, and no others."""
    return granted(it, world)


def granted(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a canned ACL grants what it stands for; nothing for a bucket that is private anyhow."""
    wanted = GROUPS.get(str(world.asked(it, "acl")))
    if wanted is None or (it.type == "aws_s3_bucket" and not wanted):
        return
    yield made(
        "bucket_{}_grants_what_was_asked",
        f"""
        found = {{}}
        for grant in s3.get_bucket_acl(Bucket={world.ref(it)}["bucket"])["Grants"]:
            if grant["Grantee"]["Type"] == "Group":
                group = grant["Grantee"]["URI"].rsplit("/", 1)[-1]
                found[group] = sorted([*found.get(group, []), grant["Permission"]])
        assert found == {wanted!r}
        """,
        it,
        world,
        home=bucket_of(it, world),
    )
