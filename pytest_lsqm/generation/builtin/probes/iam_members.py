"""Users, groups and keys of IAM, whom it trusts beyond the account, and the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.iam import bounded, tagged
from pytest_lsqm.generation.builtin.probes.making import made, settings, subset, tags
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_iam_user")
def user(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a user is there, with path, boundary and tags."""
    wanted = settings(it, world, {"path": "Path"})
    yield made(
        "user_{}_is_as_asked",
        f"""
        user = {world.ref(it)}
        found = iam.get_user(UserName=user["name"])["User"]
        assert (found["Arn"], found["UserId"]) == (user["arn"], user["unique_id"])
        {subset("found", wanted) if wanted else ""}
        """,
        it,
        world,
    )
    yield from bounded(it, world, "user")
    if labels := tags(it, world):
        yield tagged(it, world, "user", labels)


@probe("aws_iam_group")
def group(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a group takes a user in and lets it go again."""
    yield made(
        "group_{}_takes_users_in",
        f"""
        group = {world.ref(it)}["name"]
        user = f"lsqm-{{uuid4()}}"
        assert iam.get_group(GroupName=group)["Group"]["Path"] == {it.asked.get("path") or "/"!r}
        iam.create_user(UserName=user)
        try:
            iam.add_user_to_group(GroupName=group, UserName=user)
            found = iam.list_groups_for_user(UserName=user)["Groups"]
            assert [one["GroupName"] for one in found] == [group]
            iam.remove_user_from_group(GroupName=group, UserName=user)
            members = iam.get_group(GroupName=group)["Users"]
            assert user not in [member["UserName"] for member in members]
        finally:
            for one in iam.list_groups_for_user(UserName=user)["Groups"]:
                iam.remove_user_from_group(GroupName=one["GroupName"], UserName=user)
            iam.delete_user(UserName=user)
        """,
        it,
        world,
    )


@probe("aws_iam_user_group_membership")
def memberships(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the user is in the groups that were asked for."""
    yield made(
        "user_{}_is_in_the_groups_asked_for",
        f"""
        it = {world.ref(it)}
        found = iam.list_groups_for_user(UserName=it["user"])["Groups"]
        assert set(it["groups"]) <= {{group["GroupName"] for group in found}}
        """,
        it,
        world,
    )


@probe("aws_iam_group_membership")
def members(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the group has the users that were asked for."""
    yield made(
        "group_{}_has_the_users_asked_for",
        f"""
        it = {world.ref(it)}
        found = iam.get_group(GroupName=it["group"])["Users"]
        assert set(it["users"]) <= {{user["UserName"] for user in found}}
        """,
        it,
        world,
    )


@probe("aws_iam_access_key")
def access_key(it: Resource, world: World) -> Iterator[Test]:
    """Yield that who has the key is its user, or nobody where it is inactive."""
    wanted = world.asked(it, "status") or "Active"
    as_user = ""
    if it.attributes.get("secret") and wanted == "Active":
        as_user = """assert identity(it["id"], it["secret"]).endswith(f"/{it['user']}")"""
    yield made(
        "access_key_{}_is_its_users",
        f"""
        it = {world.ref(it)}
        listed = iam.list_access_keys(UserName=it["user"])["AccessKeyMetadata"]
        found = {{key["AccessKeyId"]: key["Status"] for key in listed}}
        assert found.get(it["id"]) == {wanted!r}
        {as_user}
        """,
        it,
        world,
    )


@probe("aws_iam_openid_connect_provider")
def open_id(it: Resource, world: World) -> Iterator[Test]:
    """Yield that tokens of the issuer are trusted, for the audiences that were asked for."""
    clients = world.asked(it, "client_id_list") or []
    same = f"assert sorted(found['ClientIDList']) == {sorted(clients)!r}" if sayable(clients) else ""
    prints = world.asked(it, "thumbprint_list") or []
    signed = f"assert sorted(found['ThumbprintList']) == {sorted(prints)!r}" if prints and sayable(prints) else ""
    yield made(
        "identity_provider_{}_is_trusted_as_asked",
        f"""
        it = {world.ref(it)}
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=it["arn"])
        assert found["Url"] == it["url"].removeprefix("https://")
        {same}
        {signed}
        """,
        it,
        world,
    )


@probe("aws_iam_saml_provider")
def saml(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the provider's metadata are those that were asked for."""
    yield made(
        "saml_provider_{}_has_its_metadata",
        f"""
        it = {world.ref(it)}
        found = iam.get_saml_provider(SAMLProviderArn=it["arn"])
        assert found["SAMLMetadataDocument"].strip() == it["saml_metadata_document"].strip()
        """,
        it,
        world,
    )


@probe("aws_iam_account_alias")
def account_alias(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the account is called what was asked."""
    yield made(
        "account_is_called_{}",
        f"""
        found = iam.list_account_aliases()["AccountAliases"]
        assert found == [{world.ref(it)}["account_alias"]]
        """,
        it,
        world,
    )


PASSWORDS = {
    "minimum_password_length": "MinimumPasswordLength",
    "require_lowercase_characters": "RequireLowercaseCharacters",
    "require_uppercase_characters": "RequireUppercaseCharacters",
    "require_numbers": "RequireNumbers",
    "require_symbols": "RequireSymbols",
    "allow_users_to_change_password": "AllowUsersToChangePassword",
    "hard_expiry": "HardExpiry",
    "max_password_age": "MaxPasswordAge",
    "password_reuse_prevention": "PasswordReusePrevention",
}


@probe("aws_iam_account_password_policy")
def password_policy(it: Resource, world: World) -> Iterator[Test]:
    """Yield that passwords must be as was asked; an account without the policy has none to show."""
    wanted: dict[str, Any] = settings(it, world, PASSWORDS)
    yield made(
        "passwords_must_be_as_{}_asks",
        f"""
        found = iam.get_account_password_policy()["PasswordPolicy"]
        {subset("found", wanted)}
        """,
        it,
        world,
    )


@probe("aws_iam_service_linked_role")
def service_linked_role(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the service can become its role."""
    yield made(
        "service_linked_role_{}_trusts_its_service",
        f"""
        it = {world.ref(it)}
        found = iam.get_role(RoleName=it["name"])["Role"]
        assert found["Path"] == f"/aws-service-role/{{it['aws_service_name']}}/"
        assert it["aws_service_name"] in json.dumps(found["AssumeRolePolicyDocument"])
        """,
        it,
        world,
    )


@probe("aws_iam_server_certificate")
def server_certificate(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the certificate is the one that was given."""
    yield made(
        "server_certificate_{}_is_the_one_given",
        f"""
        it = {world.ref(it)}
        found = iam.get_server_certificate(ServerCertificateName=it["name"])["ServerCertificate"]
        assert found["CertificateBody"].strip() == it["certificate_body"].strip()
        assert found["ServerCertificateMetadata"]["Arn"] == it["arn"]
        """,
        it,
        world,
    )
