"""Secrets: their versions are read by stage and by id; no value stands in a test, only in the deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, same_policy, settings, subset, tags
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_secretsmanager_secret")
def secret(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a secret is found by its name, with its key, policy and tags."""
    wanted: dict[str, Any] = settings(it, world, {"description": "Description"})
    if labels := tags(it, world):
        wanted["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(labels.items())]
    key = world.by_arn(it.attributes.get("kms_key_id"))
    same = f'assert found["KmsKeyId"] in ({world.ref(key)}["arn"], {world.ref(key)}["key_id"])' if key else ""
    yield made(
        "secret_{}_is_found_by_its_name",
        f"""
        secret = {world.ref(it)}
        found = secretsmanager.describe_secret(SecretId=secret["name"])
        assert found["ARN"] == secret["arn"]
        assert "DeletedDate" not in found
        {subset("found", wanted) if wanted else ""}
        {same}
        """,
        it,
        world,
        *([key] if key else []),
    )
    if it.asked.get("policy"):
        yield _policy(it, world, "arn")


@probe("aws_secretsmanager_secret_policy")
def policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the secret's policy says what was asked."""
    yield _policy(it, world, "secret_arn")


def _policy(it: Resource, world: World, attribute: str) -> Test:
    return made(
        "secret_{}_has_the_policy_asked_for",
        f"""
        found = secretsmanager.get_resource_policy(SecretId={world.ref(it)}[{attribute!r}])
        {same_policy('found["ResourcePolicy"]', it, world)}
        """,
        it,
        world,
        home=_secret(it, world),
    )


def _secret(it: Resource, world: World) -> Resource | None:
    return world.by_arn(it.attributes.get("secret_id") or it.attributes.get("secret_arn"))


@probe("aws_secretsmanager_secret_version")
def version(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the version holds what was put into it, under each of its stages."""
    binary = bool(it.attributes.get("secret_binary"))
    value = 'base64.b64decode(it["secret_binary"])' if binary else 'it["secret_string"]'
    member = "SecretBinary" if binary else "SecretString"
    home = _secret(it, world)
    yield made(
        "secret_{}_is_read_by_version_and_stage",
        f"""
        it = {world.ref(it)}
        found = secretsmanager.get_secret_value(SecretId=it["secret_id"], VersionId=it["version_id"])
        assert found[{member!r}] == {value}
        assert sorted(found["VersionStages"]) == sorted(it["version_stages"])
        for stage in it["version_stages"]:
            found = secretsmanager.get_secret_value(SecretId=it["secret_id"], VersionStage=stage)
            assert found["VersionId"] == it["version_id"]
            assert found[{member!r}] == {value}
        listed = secretsmanager.list_secret_version_ids(SecretId=it["secret_id"])["Versions"]
        assert it["version_id"] in [version["VersionId"] for version in listed]
        """,
        it,
        world,
        home=home,
    )
    asked = world.asked(it, "version_stages")
    if asked:
        yield made(
            "secret_{}_has_the_stages_asked_for",
            f"""
            it = {world.ref(it)}
            found = secretsmanager.describe_secret(SecretId=it["secret_id"])["VersionIdsToStages"]
            assert set({sorted(asked)!r}) <= set(found[it["version_id"]])
            """,
            it,
            world,
            home=home,
        )
    elif home is not None:
        yield made(
            "secret_{}_is_read_by_its_name",
            f"""
            it, secret = {world.ref(it)}, {world.ref(home)}
            found = secretsmanager.get_secret_value(SecretId=secret["name"])
            assert (found["ARN"], found["VersionId"]) == (secret["arn"], it["version_id"])
            assert found[{member!r}] == {value}
            """,
            it,
            world,
            home,
            home=home,
        )


@probe("aws_secretsmanager_secret_rotation")
def rotation(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the secret is rotated as often as asked, by the function asked for."""
    days = world.asked(it, "rotation_rules", 0, "automatically_after_days")
    wanted: dict[str, Any] = {"RotationEnabled": True}
    if days:
        wanted["RotationRules"] = {"AutomaticallyAfterDays": days}
    yield made(
        "secret_{}_is_rotated_as_asked",
        f"""
        it = {world.ref(it)}
        found = secretsmanager.describe_secret(SecretId=it["secret_id"])
        {subset("found", wanted)}
        assert found["RotationLambdaARN"] == it["rotation_lambda_arn"]
        """,
        it,
        world,
        home=_secret(it, world),
    )
