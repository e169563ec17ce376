"""A botanical garden's way into its account: build jobs and gardeners' tablets by
OpenID Connect, staff by groups, everybody below one permissions boundary, and
rules for passwords."""

from uuid import uuid4

import pytest

from app import agrees, attached, meaning


def test_account_is_called_garden(iam, deployed):
    found = iam.list_account_aliases()["AccountAliases"]
    assert found == [deployed["aws_iam_account_alias.garden"]["account_alias"]]


def test_passwords_must_be_as_garden_asks(iam):
    found = iam.get_account_password_policy()["PasswordPolicy"]
    assert agrees(
        found,
        {
            "MinimumPasswordLength": 20,
            "RequireLowercaseCharacters": True,
            "RequireUppercaseCharacters": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "AllowUsersToChangePassword": True,
            "MaxPasswordAge": 365,
            "PasswordReusePrevention": 12,
        },
    )


@pytest.mark.parametrize(
    "address", ['aws_iam_group.staff["curators"]', 'aws_iam_group.staff["gardeners"]']
)
def test_every_group_takes_users_in(iam, deployed, address):
    group = deployed[address]["name"]
    user = f"lsqm-{uuid4()}"
    assert iam.get_group(GroupName=group)["Group"]["Path"] == "/garden/"
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


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_group_membership.staff["curators"]',
        'aws_iam_group_membership.staff["gardeners"]',
    ],
)
def test_every_group_has_the_users_asked_for(iam, deployed, address):
    it = deployed[address]
    found = iam.get_group(GroupName=it["group"])["Users"]
    assert set(it["users"]) <= {user["UserName"] for user in found}


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_group_policy_attachment.own_credentials["curators"]',
        'aws_iam_group_policy_attachment.own_credentials["gardeners"]',
    ],
)
def test_every_group_has_its_policy(iam, deployed, address):
    it = deployed[address]
    assert it["policy_arn"] in attached(iam, "group", it["group"])
    found = iam.list_entities_for_policy(
        PolicyArn=it["policy_arn"], EntityFilter="Group"
    )
    holders = [one["GroupName"] for one in found["PolicyGroups"]]
    assert it["group"] in holders


def test_instance_profile_glasshouse_gives_its_role(iam, deployed):
    it = deployed["aws_iam_instance_profile.glasshouse"]
    found = iam.get_instance_profile(InstanceProfileName=it["name"])["InstanceProfile"]
    assert [role["RoleName"] for role in found["Roles"]] == [it["role"]]
    assert agrees(found, {"Path": "/garden/"})


def test_identity_provider_this_builds_is_trusted_as_asked(iam, deployed):
    it = deployed['aws_iam_openid_connect_provider.this["builds"]']
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=it["arn"])
    assert found["Url"] == it["url"].removeprefix("https://")
    assert sorted(found["ClientIDList"]) == ["sts.amazonaws.com"]
    assert sorted(found["ThumbprintList"]) == [
        "0123456789abcdef0123456789abcdef01234567"
    ]


def test_identity_provider_this_tablets_is_trusted_as_asked(iam, deployed):
    it = deployed['aws_iam_openid_connect_provider.this["tablets"]']
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=it["arn"])
    assert found["Url"] == it["url"].removeprefix("https://")
    assert sorted(found["ClientIDList"]) == ["bloom-diary", "bloom-diary-beta"]
    assert sorted(found["ThumbprintList"]) == [
        "89abcdef0123456789abcdef0123456789abcdef"
    ]


def test_policy_boundary_says_what_was_asked(iam, sts, deployed):
    arn = deployed["aws_iam_policy.boundary"]["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(
        found,
        {
            "Path": "/garden/",
            "Description": "The fence around every role and person of the garden",
        },
    )
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "WorkInOurRegions",
                    "Effect": "Allow",
                    "Action": ["s3:*", "dynamodb:*", "logs:*", "ssm:*"],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {
                            "aws:RequestedRegion": ["eu-west-1", "eu-central-1"]
                        }
                    },
                },
                {
                    "Sid": "OwnCredentials",
                    "Effect": "Allow",
                    "Action": [
                        "iam:ChangePassword",
                        "iam:*AccessKey*",
                        "iam:*MFADevice*",
                        "sts:*",
                    ],
                    "Resource": "*",
                },
                {
                    "Sid": "TheFenceStays",
                    "Effect": "Deny",
                    "Action": [
                        "iam:DeletePolicy",
                        "iam:CreatePolicyVersion",
                        "iam:DeleteRolePermissionsBoundary",
                        "iam:DeleteUserPermissionsBoundary",
                    ],
                    "Resource": "arn:aws:iam::<account>:policy/garden/garden-boundary",
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_policy_own_credentials_says_what_was_asked(iam, sts, deployed):
    arn = deployed["aws_iam_policy.own_credentials"]["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(found, {"Path": "/garden/"})
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OwnCredentials",
                    "Effect": "Allow",
                    "Action": [
                        "iam:ChangePassword",
                        "iam:*MFADevice*",
                        "iam:*AccessKey*",
                    ],
                    "Resource": "arn:aws:iam::<account>:user/garden/${aws:username}",
                },
                {
                    "Sid": "NothingElseWithoutSecondFactor",
                    "Effect": "Deny",
                    "NotAction": [
                        "sts:GetSessionToken",
                        "iam:EnableMFADevice",
                        "iam:CreateVirtualMFADevice",
                        "iam:ChangePassword",
                    ],
                    "Resource": "*",
                    "Condition": {
                        "BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_role.federated["preview-catalogue"]',
        'aws_iam_role.federated["publish-catalogue"]',
        'aws_iam_role.federated["record-bloom"]',
    ],
)
def test_every_role_trusts_whom_was_asked(iam, deployed, address):
    role = deployed[address]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        deployed[address]["assume_role_policy"]
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/garden/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_iam_role.federated["preview-catalogue"]', "aws_iam_policy.boundary"),
        ('aws_iam_role.federated["publish-catalogue"]', "aws_iam_policy.boundary"),
        ('aws_iam_role.federated["record-bloom"]', "aws_iam_policy.boundary"),
        ("aws_iam_role.glasshouse", "aws_iam_policy.boundary"),
    ],
)
def test_every_role_has_its_boundary(iam, deployed, address, other):
    found = iam.get_role(RoleName=deployed[address]["name"])["Role"]
    boundary = found["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == deployed[other]["arn"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_role.federated["preview-catalogue"]',
        'aws_iam_role.federated["publish-catalogue"]',
        'aws_iam_role.federated["record-bloom"]',
        "aws_iam_role.glasshouse",
    ],
)
def test_every_role_has_its_tags(iam, deployed, address):
    found = iam.list_role_tags(RoleName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Owner": "botanical-garden"}


def test_role_glasshouse_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.glasshouse"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/garden/", "MaxSessionDuration": 3600})


def test_role_policy_work_preview_catalogue_says_what_was_asked(iam, sts, deployed):
    it = deployed['aws_iam_role_policy.work["preview-catalogue"]']
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Work",
                    "Effect": "Allow",
                    "Action": ["s3:ListBucket", "s3:GetObject"],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {"aws:ResourceAccount": ["<account>"]}
                    },
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_role_policy_work_publish_catalogue_says_what_was_asked(iam, sts, deployed):
    it = deployed['aws_iam_role_policy.work["publish-catalogue"]']
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Work",
                    "Effect": "Allow",
                    "Action": ["s3:PutObject", "s3:DeleteObject"],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {"aws:ResourceAccount": ["<account>"]}
                    },
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_role_policy_work_record_bloom_says_what_was_asked(iam, sts, deployed):
    it = deployed['aws_iam_role_policy.work["record-bloom"]']
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Work",
                    "Effect": "Allow",
                    "Action": ["dynamodb:Query", "dynamodb:PutItem"],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {"aws:ResourceAccount": ["<account>"]}
                    },
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_role_glasshouse_has_its_policy(iam, deployed):
    it = deployed["aws_iam_role_policy_attachment.glasshouse"]
    assert it["policy_arn"] in attached(iam, "role", it["role"])
    found = iam.list_entities_for_policy(
        PolicyArn=it["policy_arn"], EntityFilter="Role"
    )
    holders = [one["RoleName"] for one in found["PolicyRoles"]]
    assert it["role"] in holders


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_user.staff["basil"]',
        'aws_iam_user.staff["flora"]',
        'aws_iam_user.staff["linnea"]',
    ],
)
def test_every_user_is_as_asked(iam, deployed, address):
    user = deployed[address]
    found = iam.get_user(UserName=user["name"])["User"]
    assert (found["Arn"], found["UserId"]) == (user["arn"], user["unique_id"])
    assert agrees(found, {"Path": "/garden/"})


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_iam_user.staff["basil"]', "aws_iam_policy.boundary"),
        ('aws_iam_user.staff["flora"]', "aws_iam_policy.boundary"),
        ('aws_iam_user.staff["linnea"]', "aws_iam_policy.boundary"),
    ],
)
def test_every_user_has_its_boundary(iam, deployed, address, other):
    found = iam.get_user(UserName=deployed[address]["name"])["User"]
    boundary = found["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == deployed[other]["arn"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_iam_user.staff["basil"]',
        'aws_iam_user.staff["flora"]',
        'aws_iam_user.staff["linnea"]',
    ],
)
def test_every_user_has_its_tags(iam, deployed, address):
    found = iam.list_user_tags(UserName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Owner": "botanical-garden"}
