"""Who works at the theatre, and what they may do."""

import boto3


def members(iam, group):
    return sorted(user["UserName"] for user in iam.get_group(GroupName=group)["Users"])


def groups_of(iam, user):
    groups = iam.list_groups_for_user(UserName=user)["Groups"]
    return sorted(group["GroupName"] for group in groups)


def statements(iam, policy_arn):
    """The statements of a policy's default version, by sid."""
    version = iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy_arn, VersionId=version)
    return {
        statement["Sid"]: statement
        for statement in document["PolicyVersion"]["Document"]["Statement"]
    }


def take_over(sts, role_arn, session):
    """An STS client that acts as the role."""
    credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName=session)[
        "Credentials"
    ]
    return boto3.client(
        "sts",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
