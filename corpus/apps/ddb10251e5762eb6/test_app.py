"""Builds of a game studio: CodeBuild projects from one map with an artifact bucket,
caches, images in ECR, shared settings, and a CloudTrail trail that says who
changed them."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    below,
    log_and_read,
    log_group_settings,
    meaning,
    new_stream,
    remove_object,
)


def test_log_group_builds_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.builds"]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 30


def test_log_group_builds_gives_back_what_is_logged(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.builds"]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_repository_game_treats_images_as_asked(ecr, deployed):
    it = deployed["aws_ecr_repository.game"]
    (found,) = ecr.describe_repositories(repositoryNames=[it["name"]])["repositories"]
    assert found["repositoryUri"] == it["repository_url"]
    assert agrees(found, {"imageTagMutability": "MUTABLE"})
    assert isinstance(ecr.list_images(repositoryName=it["name"])["imageIds"], list)


def test_repository_game_has_the_policy_asked_for(ecr, deployed):
    found = ecr.get_repository_policy(
        repositoryName=deployed["aws_ecr_repository_policy.game"]["repository"]
    )
    assert meaning(found["policyText"]) == meaning(
        deployed["aws_ecr_repository_policy.game"]["policy"]
    )


def test_role_build_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.build"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "codebuild.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_policy_build_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.build"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.build"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


@pytest.mark.parametrize(
    "address", ['aws_s3_bucket.this["artifacts"]', 'aws_s3_bucket.this["trail"]']
)
def test_every_bucket_keeps_what_is_put(s3, deployed, address):
    bucket = deployed[address]["id"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    headers = {"ContentType": "text/x-lsqm", "Metadata": {"origin": "lsqm"}}
    try:
        put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == text
        assert {name: got[name] for name in headers} == headers
        assert got["ETag"] == put["ETag"]
        part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
        assert part["Body"].read() == text[2:6]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
    finally:
        remove_object(s3, bucket, key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize(
    "address", ['aws_s3_bucket.this["artifacts"]', 'aws_s3_bucket.this["trail"]']
)
def test_every_bucket_encrypts_by_default(s3, deployed, address):
    bucket = deployed[address]["bucket"]
    found = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    name = f"lsqm/{uuid4()}.txt"
    try:
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
        assert put["ServerSideEncryption"] == "AES256"

        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
    finally:
        remove_object(s3, bucket, name)


def test_bucket_this_artifacts_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed['aws_s3_bucket.this["artifacts"]']["bucket"]
    )["Rules"]
    assert agrees(
        found, [{"ID": "forget", "Expiration": {"Days": 90}, "Status": "Enabled"}]
    )


def test_bucket_this_trail_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed['aws_s3_bucket.this["trail"]']["bucket"]
    )["Rules"]
    assert agrees(
        found, [{"ID": "forget", "Expiration": {"Days": 400}, "Status": "Enabled"}]
    )


def test_bucket_policy_trail_says_what_was_asked(s3, deployed):
    found = s3.get_bucket_policy(
        Bucket=deployed["aws_s3_bucket_policy.trail"]["bucket"]
    )["Policy"]
    assert meaning(found) == meaning(deployed["aws_s3_bucket_policy.trail"]["policy"])


@pytest.mark.parametrize(
    "address",
    ['aws_ssm_parameter.setting["CHANNEL"]', 'aws_ssm_parameter.setting["ENGINE"]'],
)
def test_every_parameter_is_read(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("String", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


@pytest.mark.parametrize(
    "address",
    ['aws_ssm_parameter.setting["CHANNEL"]', 'aws_ssm_parameter.setting["ENGINE"]'],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    ['aws_ssm_parameter.setting["CHANNEL"]', 'aws_ssm_parameter.setting["ENGINE"]'],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})
