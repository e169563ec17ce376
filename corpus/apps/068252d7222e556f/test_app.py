"""A harbour's cargo figures in a one-node Redshift cluster inside private subnets,
open to the analysts' network only and allowed to load from one bucket."""

import ipaddress
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import admitted, agrees, meaning, new_address, part, remove_object, try_subnet


def test_role_load_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.load"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "redshift.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_load_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed["aws_iam_role.load"]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Project": "harbour",
        "Purpose": "cargo figures",
    }


def test_role_policy_load_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.load"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.load"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_redshift_cluster_this_is_as_asked(redshift, deployed):
    it = deployed["aws_redshift_cluster.this"]
    found = redshift.describe_clusters(ClusterIdentifier=it["cluster_identifier"])[
        "Clusters"
    ][0]
    assert agrees(
        found,
        {
            "NodeType": "dc2.large",
            "DBName": "cargo",
            "MasterUsername": "harbourmaster",
            "ClusterSubnetGroupName": "harbour-cargo",
            "Encrypted": True,
            "PubliclyAccessible": False,
            "AutomatedSnapshotRetentionPeriod": 3,
            "PreferredMaintenanceWindow": "sun:02:00-sun:03:00",
            "NumberOfNodes": 1,
        },
    )
    assert found["ClusterStatus"] == "available"
    assert found["Endpoint"]["Port"] == it["port"]
    groups = {one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]}
    assert groups == set(it["vpc_security_group_ids"])


def test_parameter_group_this_is_for_its_engine(redshift, deployed):
    it = deployed["aws_redshift_parameter_group.this"]
    (found,) = redshift.describe_cluster_parameter_groups(
        ParameterGroupName=it["name"]
    )["ParameterGroups"]
    assert found["ParameterGroupFamily"] == it["family"]


def test_redshift_subnet_group_this_is_as_asked(redshift, deployed):
    it = deployed["aws_redshift_subnet_group.this"]
    found = redshift.describe_cluster_subnet_groups(ClusterSubnetGroupName=it["name"])[
        "ClusterSubnetGroups"
    ][0]
    assert agrees(found, {"Description": "Private subnets of the warehouse"})
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(
        it["subnet_ids"]
    )


def test_bucket_manifests_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.manifests"]["id"]
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


def test_bucket_manifests_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.manifests"]["bucket"]
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


def test_bucket_manifests_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.manifests"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Project": "harbour",
        "Purpose": "cargo figures",
    }


def test_security_group_warehouse_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.warehouse"]
    assert admitted(ec2, group) == {
        ("in", "tcp", 5440, 5440, "10.61.0.0/24"),
        ("in", "tcp", 5440, 5440, "10.62.0.0/24"),
    }


def test_subnet_warehouse_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.warehouse[0]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.60.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.warehouse[0]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_warehouse_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.warehouse[0]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.60.0.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.this"]["id"], "10.60.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_warehouse_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.warehouse[1]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.60.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.warehouse[1]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_warehouse_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.warehouse[1]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.60.1.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.this"]["id"], "10.60.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_network_this_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["aws_vpc.this"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.60.0.0/20"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_this_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["aws_vpc.this"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"
