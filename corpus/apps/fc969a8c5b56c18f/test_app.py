"""An archive's network without any way to the internet: gateway and interface
endpoints with policies, a network ACL and flow logs to a bucket and a log group."""

import ipaddress
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    acl_entries,
    admitted,
    agrees,
    log_and_read,
    log_group_settings,
    meaning,
    new_address,
    new_stream,
    part,
    remove_object,
    table_of,
    try_subnet,
    way_to,
)


def test_log_group_refused_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.refused"]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 3


def test_log_group_refused_gives_back_what_is_logged(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.refused"]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_flow_log_all_records_what_it_was_asked_to(ec2, deployed):
    flow_log = deployed["aws_flow_log.all"]
    [found] = ec2.describe_flow_logs(FlowLogIds=[flow_log["id"]])["FlowLogs"]
    wanted = {
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "MaxAggregationInterval": 600,
        "LogDestination": deployed["aws_s3_bucket.flows"]["arn"],
        "ResourceId": deployed["aws_vpc.this"]["id"],
        "FlowLogStatus": "ACTIVE",
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    ("address", "other", "third", "fourth"),
    [
        (
            'aws_flow_log.refused["a"]',
            "aws_cloudwatch_log_group.refused",
            "aws_iam_role.flows",
            'aws_subnet.private["a"]',
        ),
        (
            'aws_flow_log.refused["b"]',
            "aws_cloudwatch_log_group.refused",
            "aws_iam_role.flows",
            'aws_subnet.private["b"]',
        ),
        (
            'aws_flow_log.refused["c"]',
            "aws_cloudwatch_log_group.refused",
            "aws_iam_role.flows",
            'aws_subnet.private["c"]',
        ),
    ],
)
def test_every_flow_log_records_what_it_was_asked_to(
    ec2, deployed, address, other, third, fourth
):
    flow_log = deployed[address]
    [found] = ec2.describe_flow_logs(FlowLogIds=[flow_log["id"]])["FlowLogs"]
    wanted = {
        "TrafficType": "REJECT",
        "LogDestinationType": "cloud-watch-logs",
        "MaxAggregationInterval": 600,
        "LogDestination": deployed[other]["arn"],
        "DeliverLogsPermissionArn": deployed[third]["arn"],
        "ResourceId": deployed[fourth]["id"],
        "FlowLogStatus": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_role_flows_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.flows"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_flows_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed["aws_iam_role.flows"]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Owner": "reading-room",
        "Project": "archive",
    }


def test_role_policy_flows_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.flows"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.flows"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_network_acl_private_decides_as_it_was_asked_to(ec2, deployed):
    acl = deployed["aws_network_acl.private"]
    assert acl_entries(ec2, acl) == {
        ("in", 100, "allow", "6", "172.20.0.0/20", 443, 443),
        ("in", 110, "allow", "6", "0.0.0.0/0", 1024, 65535),
        ("in", 50, "deny", "6", "0.0.0.0/0", 22, 22),
        ("out", 100, "allow", "6", "0.0.0.0/0", 443, 443),
        ("out", 110, "allow", "6", "172.20.0.0/20", 1024, 65535),
    }
    [found] = ec2.describe_network_acls(NetworkAclIds=[acl["id"]])["NetworkAcls"]
    guarded = sorted(joined["SubnetId"] for joined in found["Associations"])
    assert guarded == sorted(
        [
            deployed['aws_subnet.private["a"]']["id"],
            deployed['aws_subnet.private["b"]']["id"],
            deployed['aws_subnet.private["c"]']["id"],
        ]
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_route_table.private["a"]',
        'aws_route_table.private["b"]',
        'aws_route_table.private["c"]',
    ],
)
def test_every_route_table_keeps_traffic_of_the_network_in_it(ec2, deployed, address):
    wanted = deployed[address]["id"]
    [table] = ec2.describe_route_tables(RouteTableIds=[wanted])["RouteTables"]
    assert way_to(table, "172.20.0.10").get("GatewayId") == "local"


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_route_table_association.private["a"]', 'aws_subnet.private["a"]'),
        ('aws_route_table_association.private["b"]', 'aws_subnet.private["b"]'),
        ('aws_route_table_association.private["c"]', 'aws_subnet.private["c"]'),
    ],
)
def test_every_subnet_of_obeys_its_route_table(ec2, deployed, address, other):
    association = deployed[address]
    table = table_of(ec2, deployed[other])
    assert table["RouteTableId"] == association["route_table_id"]


@pytest.mark.parametrize("address", ["aws_s3_bucket.flows", "aws_s3_bucket.scans"])
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


@pytest.mark.parametrize("address", ["aws_s3_bucket.flows", "aws_s3_bucket.scans"])
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


@pytest.mark.parametrize("address", ["aws_s3_bucket.flows", "aws_s3_bucket.scans"])
def test_every_bucket_has_its_tags(s3, deployed, address):
    found = s3.get_bucket_tagging(Bucket=deployed[address]["id"])["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Owner": "reading-room",
        "Project": "archive",
    }


def test_bucket_flows_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed["aws_s3_bucket.flows"]["bucket"]
    )["Rules"]
    assert agrees(
        found, [{"ID": "forget", "Expiration": {"Days": 365}, "Status": "Enabled"}]
    )


def test_security_group_endpoints_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.endpoints"]
    assert admitted(ec2, group) == {("in", "tcp", 443, 443, "172.20.0.0/20")}


def test_subnet_private_a_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.private["a"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "172.20.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.private["a"]']["availability_zone"],
        "VpcId": deployed["aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_private_a_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.private["a"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("172.20.0.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.this"]["id"], "172.20.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_private_b_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.private["b"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "172.20.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.private["b"]']["availability_zone"],
        "VpcId": deployed["aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_private_b_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.private["b"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("172.20.1.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.this"]["id"], "172.20.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_private_c_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.private["c"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "172.20.2.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.private["c"]']["availability_zone"],
        "VpcId": deployed["aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_private_c_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.private["c"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("172.20.2.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.this"]["id"], "172.20.2.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_network_this_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["aws_vpc.this"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["172.20.0.0/20"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_this_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["aws_vpc.this"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"


def test_endpoint_gateway_dynamodb_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.gateway["dynamodb"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.dynamodb",
        "VpcEndpointType": "Gateway",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "RouteTableIds": sorted(
            [
                deployed['aws_route_table.private["a"]']["id"],
                deployed['aws_route_table.private["b"]']["id"],
                deployed['aws_route_table.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"


def test_endpoint_gateway_s3_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.gateway["s3"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.s3",
        "VpcEndpointType": "Gateway",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "RouteTableIds": sorted(
            [
                deployed['aws_route_table.private["a"]']["id"],
                deployed['aws_route_table.private["b"]']["id"],
                deployed['aws_route_table.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"


def test_endpoint_interface_kms_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.interface["kms"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.kms",
        "VpcEndpointType": "Interface",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "SubnetIds": sorted(
            [
                deployed['aws_subnet.private["a"]']["id"],
                deployed['aws_subnet.private["b"]']["id"],
                deployed['aws_subnet.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"


def test_endpoint_interface_logs_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.interface["logs"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.logs",
        "VpcEndpointType": "Interface",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "SubnetIds": sorted(
            [
                deployed['aws_subnet.private["a"]']["id"],
                deployed['aws_subnet.private["b"]']["id"],
                deployed['aws_subnet.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"


def test_endpoint_interface_secretsmanager_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.interface["secretsmanager"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.secretsmanager",
        "VpcEndpointType": "Interface",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "SubnetIds": sorted(
            [
                deployed['aws_subnet.private["a"]']["id"],
                deployed['aws_subnet.private["b"]']["id"],
                deployed['aws_subnet.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"


def test_endpoint_interface_sqs_serves_its_network(ec2, deployed):
    endpoint = deployed['aws_vpc_endpoint.interface["sqs"]']
    answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])
    [found] = answer["VpcEndpoints"]
    wanted = {
        "ServiceName": "com.amazonaws.eu-central-1.sqs",
        "VpcEndpointType": "Interface",
        "VpcId": deployed["aws_vpc.this"]["id"],
        "SubnetIds": sorted(
            [
                deployed['aws_subnet.private["a"]']["id"],
                deployed['aws_subnet.private["b"]']["id"],
                deployed['aws_subnet.private["c"]']["id"],
            ]
        ),
    }
    assert part(found, wanted) == wanted
    assert found["State"].lower() == "available"
