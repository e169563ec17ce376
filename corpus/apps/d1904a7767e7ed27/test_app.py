"""AWS Config records a pharmacy's resources into an encrypted bucket, tells a topic
about changes and checks them with managed rules that take parameters."""

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, meaning, overhear, part, remove_object


def test_rule_this_bucket_versioning_judges_what_it_was_asked_to(config, deployed):
    rule = deployed['aws_config_config_rule.this["bucket-versioning"]']
    answer = config.describe_config_rules(ConfigRuleNames=[rule["name"]])
    [found] = answer["ConfigRules"]
    wanted = {
        "Description": "Managed rule S3_BUCKET_VERSIONING_ENABLED",
        "ConfigRuleState": "ACTIVE",
    }
    assert part(found, wanted) == wanted
    assert found["Source"]["Owner"] == "AWS"
    assert found["Source"]["SourceIdentifier"] == "S3_BUCKET_VERSIONING_ENABLED"
    assert sorted(found["Scope"]["ComplianceResourceTypes"]) == ["AWS::S3::Bucket"]


def test_rule_this_encrypted_volumes_judges_what_it_was_asked_to(config, deployed):
    rule = deployed['aws_config_config_rule.this["encrypted-volumes"]']
    answer = config.describe_config_rules(ConfigRuleNames=[rule["name"]])
    [found] = answer["ConfigRules"]
    wanted = {
        "Description": "Managed rule ENCRYPTED_VOLUMES",
        "ConfigRuleState": "ACTIVE",
    }
    assert part(found, wanted) == wanted
    assert found["Source"]["Owner"] == "AWS"
    assert found["Source"]["SourceIdentifier"] == "ENCRYPTED_VOLUMES"
    assert sorted(found["Scope"]["ComplianceResourceTypes"]) == ["AWS::EC2::Volume"]


def test_rule_this_password_policy_judges_what_it_was_asked_to(config, deployed):
    rule = deployed['aws_config_config_rule.this["password-policy"]']
    answer = config.describe_config_rules(ConfigRuleNames=[rule["name"]])
    [found] = answer["ConfigRules"]
    wanted = {
        "Description": "Managed rule IAM_PASSWORD_POLICY",
        "ConfigRuleState": "ACTIVE",
    }
    assert part(found, wanted) == wanted
    assert found["Source"]["Owner"] == "AWS"
    assert found["Source"]["SourceIdentifier"] == "IAM_PASSWORD_POLICY"
    assert json.loads(found["InputParameters"]) == {
        "MinimumPasswordLength": "14",
        "RequireNumbers": "true",
    }


def test_rule_this_tagged_judges_what_it_was_asked_to(config, deployed):
    rule = deployed['aws_config_config_rule.this["tagged"]']
    answer = config.describe_config_rules(ConfigRuleNames=[rule["name"]])
    [found] = answer["ConfigRules"]
    wanted = {"Description": "Managed rule REQUIRED_TAGS", "ConfigRuleState": "ACTIVE"}
    assert part(found, wanted) == wanted
    assert found["Source"]["Owner"] == "AWS"
    assert found["Source"]["SourceIdentifier"] == "REQUIRED_TAGS"
    assert sorted(found["Scope"]["ComplianceResourceTypes"]) == [
        "AWS::EC2::Instance",
        "AWS::S3::Bucket",
    ]
    assert json.loads(found["InputParameters"]) == {
        "tag1Key": "Project",
        "tag2Key": "Owner",
    }


def test_aggregator_this_gathers_from_where_it_was_asked_to(config, deployed):
    aggregator = deployed["aws_config_configuration_aggregator.this"]
    answer = config.describe_configuration_aggregators(
        ConfigurationAggregatorNames=[aggregator["name"]]
    )
    [found] = answer["ConfigurationAggregators"]
    wanted = aggregator["account_aggregation_source"][0]
    source = found["AccountAggregationSources"][0]
    assert sorted(source["AccountIds"]) == sorted(wanted["account_ids"])
    assert sorted(source.get("AwsRegions", [])) == sorted(wanted["regions"] or [])


def test_recorder_this_records_what_it_was_asked_to(config, deployed):
    recorder = deployed["aws_config_configuration_recorder.this"]
    answer = config.describe_configuration_recorders(
        ConfigurationRecorderNames=[recorder["name"]]
    )
    [it] = answer["ConfigurationRecorders"]
    assert it["roleARN"] == deployed["aws_iam_role.recorder"]["arn"]
    found = it["recordingGroup"]
    wanted = {
        "allSupported": False,
        "includeGlobalResourceTypes": False,
        "resourceTypes": ["AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::S3::Bucket"],
    }
    assert part(found, wanted) == wanted


def test_recorder_of_this_is_at_work(config, deployed):
    status = deployed["aws_config_configuration_recorder_status.this"]
    answer = config.describe_configuration_recorder_status(
        ConfigurationRecorderNames=[status["name"]]
    )
    [found] = answer["ConfigurationRecordersStatus"]
    assert found["recording"] is True


def test_channel_this_delivers_where_it_was_asked_to(config, deployed):
    channel = deployed["aws_config_delivery_channel.this"]
    answer = config.describe_delivery_channels(DeliveryChannelNames=[channel["name"]])
    [found] = answer["DeliveryChannels"]
    wanted = {
        "s3KeyPrefix": "history",
        "s3BucketName": deployed["aws_s3_bucket.history"]["id"],
        "snsTopicARN": deployed["aws_sns_topic.changes"]["id"],
    }
    assert part(found, wanted) == wanted
    properties = found["configSnapshotDeliveryProperties"]
    assert properties["deliveryFrequency"] == "Six_Hours"


def test_role_recorder_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.recorder"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "config.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_recorder_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed["aws_iam_role.recorder"]["name"])[
        "Tags"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Owner": "dispensary",
        "Project": "pharmacy",
    }


def test_role_policy_recorder_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.recorder"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.recorder"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_bucket_history_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.history"]["id"]
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


def test_bucket_history_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.history"]["bucket"]
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


def test_bucket_history_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.history"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Owner": "dispensary",
        "Project": "pharmacy",
    }


def test_bucket_policy_history_says_what_was_asked(s3, deployed):
    found = s3.get_bucket_policy(
        Bucket=deployed["aws_s3_bucket_policy.history"]["bucket"]
    )["Policy"]
    assert meaning(found) == meaning(deployed["aws_s3_bucket_policy.history"]["policy"])


def test_bucket_history_has_the_public_access_block_asked_for(s3, deployed):
    found = s3.get_public_access_block(
        Bucket=deployed["aws_s3_bucket_public_access_block.history"]["bucket"]
    )["PublicAccessBlockConfiguration"]
    assert agrees(
        found,
        {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )


def test_topic_changes_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.changes"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }
