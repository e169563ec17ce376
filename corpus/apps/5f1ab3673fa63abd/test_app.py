"""A film studio's render machines behind one bastion: instances with a launch
template's settings, security groups that refer to each other in both directions,
a fixed public address and disks that outlive the machines."""

import hashlib
import ipaddress

import pytest
from botocore.exceptions import ClientError

from app import (
    admitted,
    new_address,
    part,
    running,
    table_of,
    try_subnet,
    user_data,
    way_to,
)


def test_security_group_studio_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_default_security_group.studio"]
    assert admitted(ec2, group) == set()


@pytest.mark.parametrize(
    "address",
    [
        "aws_ebs_volume.frames[0]",
        "aws_ebs_volume.frames[1]",
        "aws_ebs_volume.frames[2]",
    ],
)
def test_every_volume_is_as_it_was_asked_to_be(ec2, deployed, address):
    volume = deployed[address]
    [found] = ec2.describe_volumes(VolumeIds=[volume["id"]])["Volumes"]
    wanted = {
        "Size": 40,
        "VolumeType": "gp2",
        "Encrypted": True,
        "AvailabilityZone": deployed[address]["availability_zone"],
        "KmsKeyId": deployed[address]["kms_key_id"],
    }
    assert part(found, wanted) == wanted
    assert found["State"] in ("available", "in-use")


def test_address_bastion_is_held(ec2, deployed):
    address = deployed["aws_eip.bastion"]
    answer = ec2.describe_addresses(AllocationIds=[address["id"]])
    [found] = answer["Addresses"]
    wanted = {
        "InstanceId": deployed["aws_instance.bastion"]["id"],
        "NetworkInterfaceId": deployed["aws_instance.bastion"][
            "primary_network_interface_id"
        ],
        "Domain": "vpc",
    }
    assert part(found, wanted) == wanted
    assert found["PublicIp"] == address["public_ip"]


def test_instance_bastion_runs_as_it_was_asked_to(ec2, deployed):
    instance = deployed["aws_instance.bastion"]
    found = running(ec2, instance["id"])
    assert found["State"]["Name"] == "running"
    assert found["ImageId"] == instance["ami"]
    wanted = {
        "InstanceType": "t3.micro",
        "SourceDestCheck": True,
        "SubnetId": deployed['aws_subnet.this["door"]']["id"],
        "KeyName": deployed["aws_key_pair.artists"]["id"],
    }
    assert part(found, wanted) == wanted


def test_instance_bastion_is_told_what_to_do(ec2, deployed):
    instance = deployed["aws_instance.bastion"]
    assert (
        hashlib.sha1(user_data(ec2, instance["id"])).hexdigest()
        == "81342f1827a3e54f81b55254cc9e737ae5d868cb"
    )


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        ("aws_instance.renderer[0]", "aws_key_pair.artists", 'aws_subnet.this["farm"]'),
        ("aws_instance.renderer[1]", "aws_key_pair.artists", 'aws_subnet.this["farm"]'),
        ("aws_instance.renderer[2]", "aws_key_pair.artists", 'aws_subnet.this["farm"]'),
    ],
)
def test_every_instance_runs_as_it_was_asked_to(ec2, deployed, address, other, third):
    instance = deployed[address]
    found = running(ec2, instance["id"])
    assert found["State"]["Name"] == "running"
    assert found["ImageId"] == instance["ami"]
    wanted = {
        "InstanceType": "c5.large",
        "SourceDestCheck": True,
        "SubnetId": deployed[third]["id"],
        "KeyName": deployed[other]["id"],
    }
    assert part(found, wanted) == wanted


def test_internet_gateway_studio_is_the_way_out_of_its_network(ec2, deployed):
    gateway = deployed["aws_internet_gateway.studio"]
    answer = ec2.describe_internet_gateways(InternetGatewayIds=[gateway["id"]])
    [found] = answer["InternetGateways"]
    assert [joined["VpcId"] for joined in found["Attachments"]] == [
        deployed["aws_vpc.studio"]["id"]
    ]


def test_key_pair_artists_is_there_once(ec2, deployed):
    pair = deployed["aws_key_pair.artists"]
    answer = ec2.describe_key_pairs(KeyNames=[pair["key_name"]])
    [found] = answer["KeyPairs"]
    assert found["KeyFingerprint"] == pair["fingerprint"]
    with pytest.raises(ClientError, match="InvalidKeyPair.Duplicate"):
        ec2.create_key_pair(KeyName=pair["key_name"])


def test_launch_template_renderer_says_how_instances_are_made(ec2, deployed):
    template = deployed["aws_launch_template.renderer"]
    answer = ec2.describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=["$Latest"]
    )
    [version] = answer["LaunchTemplateVersions"]
    found = version["LaunchTemplateData"]
    wanted = {
        "InstanceType": "c5.large",
        "KeyName": "render-snow-owl",
        "ImageId": deployed["aws_launch_template.renderer"]["image_id"],
        "SecurityGroupIds": [deployed['aws_security_group.this["renderer"]']["id"]],
    }
    assert part(found, wanted) == wanted
    with pytest.raises(ClientError, match="AlreadyExists"):
        ec2.create_launch_template(
            LaunchTemplateName=template["name"],
            LaunchTemplateData={"InstanceType": "t3.micro"},
        )


def test_interface_storage_has_its_addresses_and_groups(ec2, deployed):
    interface = deployed["aws_network_interface.storage"]
    answer = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface["id"]])
    [found] = answer["NetworkInterfaces"]
    wanted = {
        "SourceDestCheck": True,
        "Description": "Storage of the farm",
        "SubnetId": deployed['aws_subnet.this["farm"]']["id"],
    }
    assert part(found, wanted) == wanted
    addresses = sorted(a["PrivateIpAddress"] for a in found["PrivateIpAddresses"])
    assert addresses == ["10.90.1.200"]
    groups = {group["GroupId"] for group in found["Groups"]}
    assert groups >= set(interface["security_groups"])


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("aws_network_interface_sg_attachment.bastion", "aws_instance.bastion"),
        ("aws_network_interface_sg_attachment.renderer[0]", "aws_instance.renderer[0]"),
        ("aws_network_interface_sg_attachment.renderer[1]", "aws_instance.renderer[1]"),
        ("aws_network_interface_sg_attachment.renderer[2]", "aws_instance.renderer[2]"),
    ],
)
def test_every_interface_of_is_guarded_by_its_group(ec2, deployed, address, other):
    attachment = deployed[address]
    answer = ec2.describe_network_interfaces(
        NetworkInterfaceIds=[deployed[other]["primary_network_interface_id"]]
    )
    [found] = answer["NetworkInterfaces"]
    groups = [group["GroupId"] for group in found["Groups"]]
    assert attachment["security_group_id"] in groups


def test_route_internet_leads_where_it_was_asked_to(ec2, deployed):
    table = table_of(ec2, deployed['aws_subnet.this["door"]'])
    way = way_to(table, "203.0.113.80")
    assert (
        way.get("DestinationCidrBlock")
        == deployed["aws_route.internet"]["destination_cidr_block"]
    )
    assert (way.get("State"), way.get("GatewayId")) == (
        "active",
        deployed["aws_internet_gateway.studio"]["id"],
    )


def test_route_table_door_keeps_traffic_of_the_network_in_it(ec2, deployed):
    wanted = deployed["aws_route_table.door"]["id"]
    [table] = ec2.describe_route_tables(RouteTableIds=[wanted])["RouteTables"]
    assert way_to(table, "10.90.0.10").get("GatewayId") == "local"


def test_subnet_of_door_obeys_its_route_table(ec2, deployed):
    association = deployed["aws_route_table_association.door"]
    table = table_of(ec2, deployed['aws_subnet.this["door"]'])
    assert table["RouteTableId"] == association["route_table_id"]


def test_security_group_this_bastion_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed['aws_security_group.this["bastion"]']
    assert admitted(ec2, group) == {
        ("in", "tcp", 22, 22, "198.51.100.0/24"),
        ("in", "tcp", 22, 22, "203.0.113.64/26"),
        (
            "in",
            "tcp",
            27000,
            27000,
            deployed['aws_security_group.this["renderer"]']["id"],
        ),
        ("out", "tcp", 22, 22, deployed['aws_security_group.this["renderer"]']["id"]),
    }


def test_security_group_this_renderer_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed['aws_security_group.this["renderer"]']
    assert admitted(ec2, group) == {
        (
            "in",
            "tcp",
            9400,
            9400,
            deployed['aws_security_group.this["renderer"]']["id"],
        ),
        ("in", "tcp", 22, 22, deployed['aws_security_group.this["bastion"]']["id"]),
        (
            "out",
            "tcp",
            9400,
            9400,
            deployed['aws_security_group.this["renderer"]']["id"],
        ),
        (
            "out",
            "tcp",
            27000,
            27000,
            deployed['aws_security_group.this["bastion"]']["id"],
        ),
    }


def test_subnet_this_door_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.this["door"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.90.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.this["door"]']["availability_zone"],
        "VpcId": deployed["aws_vpc.studio"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_this_door_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.this["door"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.90.0.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.studio"]["id"], "10.90.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_this_farm_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.this["farm"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.90.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.this["farm"]']["availability_zone"],
        "VpcId": deployed["aws_vpc.studio"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_this_farm_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.this["farm"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.90.1.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.studio"]["id"], "10.90.1.0/24")
        == "InvalidSubnet.Conflict"
    )


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("aws_volume_attachment.frames[0]", "aws_instance.renderer[0]"),
        ("aws_volume_attachment.frames[1]", "aws_instance.renderer[1]"),
        ("aws_volume_attachment.frames[2]", "aws_instance.renderer[2]"),
    ],
)
def test_every_volume_of_is_attached(ec2, deployed, address, other):
    attachment = deployed[address]
    answer = ec2.describe_volumes(VolumeIds=[attachment["volume_id"]])
    [found] = answer["Volumes"][0]["Attachments"]
    wanted = {
        "Device": "/dev/sdf",
        "InstanceId": deployed[other]["id"],
        "State": "attached",
    }
    assert part(found, wanted) == wanted


def test_network_studio_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["aws_vpc.studio"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.90.0.0/20"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True


def test_network_studio_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["aws_vpc.studio"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"
