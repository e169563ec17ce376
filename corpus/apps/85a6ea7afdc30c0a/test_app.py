"""A shipyard's networks in two regions, peered from one side, accepted on the other
and routed both ways."""

import ipaddress

import boto3
import pytest

from app import admitted, new_address, part, table_of, try_subnet, way_to


def test_route_drydock_to_office_0_leads_where_it_was_asked_to(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    table = table_of(ec2, deployed["module.drydock.aws_subnet.this[0]"])
    way = way_to(table, "10.20.0.10")
    assert (
        way.get("DestinationCidrBlock")
        == deployed["aws_route.drydock_to_office[0]"]["destination_cidr_block"]
    )
    assert (way.get("State"), way.get("VpcPeeringConnectionId")) == (
        "active",
        deployed["aws_vpc_peering_connection.this"]["id"],
    )


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            "aws_route.office_to_drydock[0]",
            "aws_vpc_peering_connection.this",
            "module.office.aws_subnet.this[0]",
        ),
        (
            "aws_route.office_to_drydock[1]",
            "aws_vpc_peering_connection.this",
            "module.office.aws_subnet.this[1]",
        ),
    ],
)
def test_every_route_leads_where_it_was_asked_to(ec2, deployed, address, other, third):
    table = table_of(ec2, deployed[third])
    way = way_to(table, "10.30.0.10")
    assert (
        way.get("DestinationCidrBlock") == deployed[address]["destination_cidr_block"]
    )
    assert (way.get("State"), way.get("VpcPeeringConnectionId")) == (
        "active",
        deployed[other]["id"],
    )


def test_peering_this_asks_for_a_connection_of_two_networks(ec2, deployed):
    peering = deployed["aws_vpc_peering_connection.this"]
    answer = ec2.describe_vpc_peering_connections(
        VpcPeeringConnectionIds=[peering["id"]]
    )
    [found] = answer["VpcPeeringConnections"]
    assert found["Status"]["Code"] == "active"
    assert (
        found["RequesterVpcInfo"]["VpcId"]
        == deployed["module.office.aws_vpc.this"]["id"]
    )
    assert (
        found["AccepterVpcInfo"]["VpcId"]
        == deployed["module.drydock.aws_vpc.this"]["id"]
    )


def test_peering_this_accepts_a_connection_of_two_networks(ec2, deployed):
    peering = deployed["aws_vpc_peering_connection_accepter.this"]
    answer = ec2.describe_vpc_peering_connections(
        VpcPeeringConnectionIds=[peering["id"]]
    )
    [found] = answer["VpcPeeringConnections"]
    assert found["Status"]["Code"] == "active"


def test_route_table_drydock_this_0_keeps_traffic_of_the_network_in_it(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    wanted = deployed["module.drydock.aws_route_table.this[0]"]["id"]
    [table] = ec2.describe_route_tables(RouteTableIds=[wanted])["RouteTables"]
    assert way_to(table, "10.30.0.10").get("GatewayId") == "local"


def test_subnet_of_drydock_this_0_obeys_its_route_table(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    association = deployed["module.drydock.aws_route_table_association.this[0]"]
    table = table_of(ec2, deployed["module.drydock.aws_subnet.this[0]"])
    assert table["RouteTableId"] == association["route_table_id"]


def test_security_group_drydock_peer_lets_through_what_it_was_asked_to(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    group = deployed["module.drydock.aws_security_group.peer"]
    assert admitted(ec2, group) == {("in", "tcp", 443, 443, "10.20.0.0/18")}


def test_subnet_drydock_this_0_lies_where_it_was_asked_to(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    subnet = deployed["module.drydock.aws_subnet.this[0]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.30.0.0/22",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["module.drydock.aws_subnet.this[0]"][
            "availability_zone"
        ],
        "VpcId": deployed["module.drydock.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_drydock_this_0_gives_addresses_of_its_own(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    subnet = deployed["module.drydock.aws_subnet.this[0]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.30.0.0/22")
    assert (
        try_subnet(ec2, deployed["module.drydock.aws_vpc.this"]["id"], "10.30.0.0/22")
        == "InvalidSubnet.Conflict"
    )


def test_network_drydock_this_keeps_its_addresses_and_settings(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    vpc = deployed["module.drydock.aws_vpc.this"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.30.0.0/18"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_drydock_this_has_no_room_for_a_subnet_of_other_addresses(deployed):
    ec2 = boto3.client("ec2", region_name="eu-north-1")
    vpc = deployed["module.drydock.aws_vpc.this"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"


@pytest.mark.parametrize(
    "address",
    ["module.office.aws_route_table.this[0]", "module.office.aws_route_table.this[1]"],
)
def test_every_route_table_keeps_traffic_of_the_network_in_it(ec2, deployed, address):
    wanted = deployed[address]["id"]
    [table] = ec2.describe_route_tables(RouteTableIds=[wanted])["RouteTables"]
    assert way_to(table, "10.20.0.10").get("GatewayId") == "local"


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            "module.office.aws_route_table_association.this[0]",
            "module.office.aws_subnet.this[0]",
        ),
        (
            "module.office.aws_route_table_association.this[1]",
            "module.office.aws_subnet.this[1]",
        ),
    ],
)
def test_every_subnet_of_obeys_its_route_table(ec2, deployed, address, other):
    association = deployed[address]
    table = table_of(ec2, deployed[other])
    assert table["RouteTableId"] == association["route_table_id"]


def test_security_group_office_peer_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["module.office.aws_security_group.peer"]
    assert admitted(ec2, group) == {("in", "tcp", 443, 443, "10.30.0.0/18")}


def test_subnet_office_this_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["module.office.aws_subnet.this[0]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.20.0.0/22",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["module.office.aws_subnet.this[0]"][
            "availability_zone"
        ],
        "VpcId": deployed["module.office.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_office_this_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["module.office.aws_subnet.this[0]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.20.0.0/22")
    assert (
        try_subnet(ec2, deployed["module.office.aws_vpc.this"]["id"], "10.20.0.0/22")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_office_this_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["module.office.aws_subnet.this[1]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.20.4.0/22",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["module.office.aws_subnet.this[1]"][
            "availability_zone"
        ],
        "VpcId": deployed["module.office.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_office_this_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["module.office.aws_subnet.this[1]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.20.4.0/22")
    assert (
        try_subnet(ec2, deployed["module.office.aws_vpc.this"]["id"], "10.20.4.0/22")
        == "InvalidSubnet.Conflict"
    )


def test_network_office_this_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["module.office.aws_vpc.this"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.20.0.0/18"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_office_this_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["module.office.aws_vpc.this"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"
