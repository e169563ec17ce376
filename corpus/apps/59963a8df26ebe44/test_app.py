import pytest
from app import claims
from botocore.exceptions import ClientError


def test_a_member_signs_in_and_the_token_says_who_it_is(club, outputs):
    email = club.admit("members")
    token = claims(club.sign_in(email)["IdToken"])
    assert token["email"] == email
    assert token["aud"] == outputs["web_client_id"]
    assert token["iss"].endswith("/" + outputs["user_pool_id"])


def test_a_token_lists_the_groups_of_its_owner(club):
    warden = claims(club.sign_in(club.admit("members", "wardens"))["IdToken"])
    assert set(warden["cognito:groups"]) == {"members", "wardens"}


def test_a_wrong_password_is_refused(club):
    email = club.admit("members")
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        club.sign_in(email, "Chalk-and-harness-1")


def test_every_group_brings_its_role_and_wardens_go_first(club, outputs):
    groups = club.groups_of(club.admit("members", "trainers", "wardens"))
    assert {n: g["RoleArn"] for n, g in groups.items()} == outputs["group_roles"]
    first = min(groups.values(), key=lambda group: group["Precedence"])
    assert first["GroupName"] == "wardens"


def test_nobody_signs_up_without_being_admitted(idp, outputs):
    pool = idp.describe_user_pool(UserPoolId=outputs["user_pool_id"])["UserPool"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_the_door_may_ask_for_scopes_of_the_hut_only(idp, outputs):
    door = idp.describe_user_pool_client(
        UserPoolId=outputs["user_pool_id"], ClientId=outputs["door_client_id"]
    )["UserPoolClient"]
    assert door["AllowedOAuthFlows"] == ["client_credentials"]
    assert sorted(door["AllowedOAuthScopes"]) == sorted(outputs["hut_scopes"])
    assert door["ClientSecret"]


def test_the_identity_pool_trusts_the_web_client_and_no_strangers(identity, outputs):
    pool = identity.describe_identity_pool(IdentityPoolId=outputs["identity_pool_id"])
    assert pool["AllowUnauthenticatedIdentities"] is False
    [provider] = pool["CognitoIdentityProviders"]
    assert provider["ClientId"] == outputs["web_client_id"]
    assert provider["ProviderName"].endswith(outputs["user_pool_id"])
