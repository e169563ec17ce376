from uuid import uuid4

import pytest
from app import groups_of, members, statements, take_over
from botocore.exceptions import ClientError


def test_each_crew_has_its_members_and_no_others(iam, outputs):
    assert members(iam, outputs["groups"]["lights"]) == ["theatre-iris", "theatre-otto"]
    assert members(iam, outputs["groups"]["tickets"]) == ["theatre-mabel"]
    assert groups_of(iam, outputs["users"]["iris"]) == ["theatre-lights"]


def test_a_crews_policy_allows_its_work_and_denies_housekeeping(iam, outputs):
    policy = statements(iam, outputs["policy_arns"]["lights"])
    assert policy["Work"]["Effect"] == "Allow"
    assert sorted(policy["Work"]["Action"]) == ["s3:GetObject", "s3:ListBucket"]
    assert policy["NoHousekeeping"]["Effect"] == "Deny"


def test_whoever_takes_over_the_stage_acts_as_its_manager(sts, iam, outputs):
    assert iam.get_role(RoleName=outputs["role_name"])
    session = f"show-{uuid4().hex[:12]}"
    identity = take_over(sts, outputs["role_arn"], session).get_caller_identity()
    assert identity["Arn"].endswith(f":assumed-role/{outputs['role_name']}/{session}")
    assert identity["Account"] == sts.get_caller_identity()["Account"]


def test_the_stage_managers_role_stays_within_its_boundary(iam, outputs):
    role = iam.get_role(RoleName=outputs["role_name"])["Role"]
    boundary = role["PermissionsBoundary"]
    assert boundary["PermissionsBoundaryArn"] == outputs["boundary_arn"]
    assert role["MaxSessionDuration"] == 7200
    attached = iam.list_attached_role_policies(RoleName=outputs["role_name"])
    arns = {policy["PolicyArn"] for policy in attached["AttachedPolicies"]}
    assert arns == set(outputs["policy_arns"].values())


def test_a_guest_can_join_a_crew_for_one_night(iam, outputs):
    guest, group = f"theatre-guest-{uuid4().hex[:8]}", outputs["groups"]["tickets"]
    iam.create_user(UserName=guest)
    try:
        iam.add_user_to_group(GroupName=group, UserName=guest)
        assert guest in members(iam, group)
        iam.remove_user_from_group(GroupName=group, UserName=guest)
        assert guest not in members(iam, group)
    finally:
        iam.delete_user(UserName=guest)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_user(UserName=guest)


def test_machines_get_the_role_by_their_profile(iam, outputs):
    profile = iam.get_instance_profile(InstanceProfileName=outputs["instance_profile"])
    roles = [role["RoleName"] for role in profile["InstanceProfile"]["Roles"]]
    assert roles == [outputs["role_name"]]
