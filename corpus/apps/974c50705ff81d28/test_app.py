"""A cider press's CloudFormation stacks inside Terraform: one per orchard rendered
from a list of apples, a market stack that nests another by URL and is fed their
outputs, all of which Terraform files in Parameter Store."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, below, part, remove_object, stack_resources


def test_stack_market_is_complete(cloudformation, deployed):
    stack = deployed["aws_cloudformation_stack.market"]
    [found] = cloudformation.describe_stacks(StackName=stack["id"])["Stacks"]
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    answers = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
    assert answers == (stack["outputs"] or {})


def test_stack_market_has_all_its_resources(cloudformation, deployed):
    stack = deployed["aws_cloudformation_stack.market"]
    found = stack_resources(cloudformation, stack["id"])
    wanted = ["Buyer", "Prices", "Topic"]
    assert sorted(found) == wanted
    assert all(state.endswith("_COMPLETE") for state in found.values())


def test_stack_orchard_hillside_is_complete(cloudformation, deployed):
    stack = deployed['aws_cloudformation_stack.orchard["hillside"]']
    [found] = cloudformation.describe_stacks(StackName=stack["id"])["Stacks"]
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    told = {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}
    wanted = {"KeepForHours": "24", "Season": "autumn"}
    assert part(told, wanted) == wanted
    answers = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
    assert answers == (stack["outputs"] or {})


def test_stack_orchard_riverbed_is_complete(cloudformation, deployed):
    stack = deployed['aws_cloudformation_stack.orchard["riverbed"]']
    [found] = cloudformation.describe_stacks(StackName=stack["id"])["Stacks"]
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    told = {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}
    wanted = {"KeepForHours": "336", "Season": "autumn"}
    assert part(told, wanted) == wanted
    answers = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
    assert answers == (stack["outputs"] or {})


def test_bucket_templates_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.templates"]["id"]
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


def test_bucket_templates_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.templates"]["bucket"]
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


def test_bucket_templates_keeps_old_versions(s3, deployed):
    bucket = deployed["aws_s3_bucket.templates"]["bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    key = f"lsqm/{uuid4()}.txt"
    try:
        first = s3.put_object(Bucket=bucket, Key=key, Body=b"first")["VersionId"]
        second = s3.put_object(Bucket=bucket, Key=key, Body=b"second")["VersionId"]
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"second"
        s3.delete_object(Bucket=bucket, Key=key)
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=bucket, Key=key)
        for version, text in [(first, b"first"), (second, b"second")]:
            got = s3.get_object(Bucket=bucket, Key=key, VersionId=version)
            assert got["Body"].read() == text
        listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
        assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
        assert len(listed["DeleteMarkers"]) == 1
    finally:
        remove_object(s3, bucket, key)


def test_bucket_templates_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.templates"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Press": "cider"}


def test_object_prices_is_as_asked(s3, deployed):
    it = deployed["aws_s3_bucket_object.prices"]
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert got["ETag"].strip('"') == it["etag"]
    assert agrees(got, {"ContentType": "application/yaml"})


@pytest.mark.parametrize(
    "address",
    [
        'aws_sns_topic_subscription.windfall["hillside"]',
        'aws_sns_topic_subscription.windfall["riverbed"]',
    ],
)
def test_every_subscription_is_listed_as_asked(sns, deployed, address):
    it = deployed[address]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert reply["Attributes"]["RawMessageDelivery"] == "true"


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.bin["hillside/foxwhelp"]',
        'aws_ssm_parameter.bin["hillside/kingston-black"]',
        'aws_ssm_parameter.bin["riverbed/dabinett"]',
        'aws_ssm_parameter.market["buyer"]',
        'aws_ssm_parameter.market["currency"]',
        'aws_ssm_parameter.market["topic"]',
    ],
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
    [
        'aws_ssm_parameter.bin["hillside/foxwhelp"]',
        'aws_ssm_parameter.bin["hillside/kingston-black"]',
        'aws_ssm_parameter.bin["riverbed/dabinett"]',
        'aws_ssm_parameter.market["buyer"]',
        'aws_ssm_parameter.market["currency"]',
        'aws_ssm_parameter.market["topic"]',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.bin["hillside/foxwhelp"]',
        'aws_ssm_parameter.bin["hillside/kingston-black"]',
        'aws_ssm_parameter.bin["riverbed/dabinett"]',
        'aws_ssm_parameter.market["buyer"]',
        'aws_ssm_parameter.market["currency"]',
        'aws_ssm_parameter.market["topic"]',
    ],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})


@pytest.mark.parametrize(
    "address",
    [
        'aws_ssm_parameter.bin["hillside/foxwhelp"]',
        'aws_ssm_parameter.bin["hillside/kingston-black"]',
        'aws_ssm_parameter.bin["riverbed/dabinett"]',
        'aws_ssm_parameter.market["buyer"]',
        'aws_ssm_parameter.market["currency"]',
        'aws_ssm_parameter.market["topic"]',
    ],
)
def test_every_parameter_has_its_tags(ssm, deployed, address):
    it = deployed[address]
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Press": "cider"}
