"""Networks: what addresses they and their subnets have, and what they are joined to."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.asking import (
    by_id,
    compared,
    named,
    pointer,
    references,
    settings,
    written,
)
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

FOREIGN = ("192.0.2.0/28", "198.51.100.0/28")
"""Blocks for documentation: hardly any network has both."""

helper('''
def try_subnet(ec2, vpc_id, block):
    """Make a subnet and remove it again; why it was refused, None if it was not."""
    try:
        made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=block)["Subnet"]
    except ClientError as error:
        return error.response["Error"]["Code"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    return None
''')

helper('''
def new_address(ec2, subnet_id):
    """The address that a new network interface gets in a subnet; the interface is removed again."""
    made = ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]
    ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])
    return ipaddress.ip_address(made["PrivateIpAddress"])
''')


@probe("aws_vpc", "aws_default_vpc")
def network(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a network must do: keep its settings, and take no subnet from outside its addresses."""
    block = world.asked(it, "cidr_block") or it.attributes.get("cidr_block")
    names = {"enableDnsSupport": "enable_dns_support", "enableDnsHostnames": "enable_dns_hostnames"}
    dns = settings(it, world, names)
    lines = [
        f"vpc = {world.ref(it)}",
        'answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])',
        f"""assert [found["CidrBlock"] for found in answer["Vpcs"]] == [{block!r}]""",
    ]
    for name, value in dns.items():
        member = name[0].upper() + name[1:]
        lines += [
            f'answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute={name!r})',
            f'assert answer[{member!r}]["Value"] is {value}',
        ]
    yield written("network_{}_keeps_its_addresses_and_settings", it, world, *lines)
    outside = next((b for b in FOREIGN if not _overlap(b, block)), None)
    more = it.attributes.get("secondary_cidr_blocks") or world.where(
        "aws_vpc_ipv4_cidr_block_association", vpc_id=it.attributes.get("id")
    )
    if outside and not more:
        yield written(
            "network_{}_has_no_room_for_a_subnet_of_other_addresses",
            it,
            world,
            f"vpc = {world.ref(it)}",
            f'assert try_subnet(ec2, vpc["id"], {outside!r}) == "InvalidSubnet.Range"',
        )


def _overlap(one: str, other: object) -> bool:
    try:
        return ipaddress.ip_network(one).overlaps(ipaddress.ip_network(str(other), strict=False))
    except (ValueError, TypeError):
        return True


@probe("aws_subnet", "aws_default_subnet")
def subnet(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a subnet must do: give addresses of its own block, which no other subnet may take."""
    names = {
        "CidrBlock": "cidr_block",
        "MapPublicIpOnLaunch": "map_public_ip_on_launch",
        "AssignIpv6AddressOnCreation": "assign_ipv6_address_on_creation",
    }
    # The names of zones may come from a data source, and then from the emulator.
    wanted = settings(it, world, names)
    wanted |= references(it, world, {"AvailabilityZone": "availability_zone", "VpcId": "vpc_id"})
    yield written(
        "subnet_{}_lies_where_it_was_asked_to",
        it,
        world,
        f"subnet = {world.ref(it)}",
        '[found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]',
        *compared(wanted),
    )
    block = world.asked(it, "cidr_block") or it.attributes.get("cidr_block")
    if not block:
        return
    yield written(
        "subnet_{}_gives_addresses_of_its_own",
        it,
        world,
        f"subnet = {world.ref(it)}",
        f'assert new_address(ec2, subnet["id"]) in ipaddress.ip_network({block!r})',
        f'assert try_subnet(ec2, {_vpc_of(it, world)}, {block!r}) == "InvalidSubnet.Conflict"',
    )


def _vpc_of(it: Resource, world: World) -> str:
    return pointer(it, world, it.attributes.get("vpc_id") or "", "vpc_id")


@probe("aws_internet_gateway", "aws_egress_only_internet_gateway", "aws_vpn_gateway")
def gateway(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a gateway is attached to its network."""
    if not it.attributes.get("vpc_id"):
        return
    what = {"aws_internet_gateway": "InternetGateway", "aws_vpn_gateway": "VpnGateway"}
    kind = what.get(it.type, "EgressOnlyInternetGateway")
    call = it.type.removeprefix("aws_").replace("egress_only_gateway", "egress_only_internet_gateway")
    attached = "VpcAttachments" if kind == "VpnGateway" else "Attachments"
    yield written(
        f"{it.type.removeprefix('aws_')}_{{}}_is_the_way_out_of_its_network",
        it,
        world,
        f"gateway = {world.ref(it)}",
        f'answer = ec2.describe_{call}s({kind}Ids=[gateway["id"]])',
        f'[found] = answer["{kind}s"]',
        f'assert [joined["VpcId"] for joined in found[{attached!r}]] == [{_vpc_of(it, world)}]',
        near=by_id(world, it.attributes.get("vpc_id"), "aws_vpc"),
    )


@probe("aws_nat_gateway")
def nat_gateway(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a NAT gateway works in its subnet, under its public address."""
    wanted = {"State": "'available'"} | references(it, world, {"SubnetId": "subnet_id"})
    lines = [
        f"gateway = {world.ref(it)}",
        '[found] = ec2.describe_nat_gateways(NatGatewayIds=[gateway["id"]])["NatGateways"]',
        *compared(wanted),
    ]
    if allocation := named(world, it.attributes.get("allocation_id")):
        lines += [
            '[address] = found["NatGatewayAddresses"]',
            f'assert address["AllocationId"] == {allocation}',
        ]
    near = by_id(world, it.attributes.get("subnet_id"), "aws_subnet")
    yield written("nat_gateway_{}_works_in_its_subnet", it, world, *lines, near=near)


@probe("aws_vpc_endpoint")
def endpoint(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an endpoint serves what it was asked to, to whom it was asked to."""
    wanted = settings(it, world, {"ServiceName": "service_name", "VpcEndpointType": "vpc_endpoint_type"})
    wanted |= references(
        it, world, {"VpcId": "vpc_id", "RouteTableIds": "route_table_ids", "SubnetIds": "subnet_ids"}
    )
    lines = [
        f"endpoint = {world.ref(it)}",
        'answer = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["id"]])',
        '[found] = answer["VpcEndpoints"]',
        *compared(wanted),
        'assert found["State"].lower() == "available"',
    ]
    if policy := world.asked_json(it, "policy"):
        lines.append(f'assert json.loads(found["PolicyDocument"]) == {policy!r}')
    near = by_id(world, it.attributes.get("vpc_id"), "aws_vpc")
    yield written("endpoint_{}_serves_its_network", it, world, *lines, near=near)


@probe("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter")
def peering(it: Resource, world: World) -> Iterator[Test]:
    """Yield which networks a peering joins, and whether it is accepted."""
    wanted = {}
    for side, attribute in (("Requester", "vpc_id"), ("Accepter", "peer_vpc_id")):
        value = it.attributes.get(attribute)
        if isinstance(value, str) and value and it.type == "aws_vpc_peering_connection":
            wanted[side] = pointer(it, world, value, attribute)
    accepted = any(
        r.attributes.get("auto_accept")
        for r in world.of("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter")
        if it.attributes.get("id") in (r.attributes.get("id"), r.attributes.get("vpc_peering_connection_id"))
    )
    lines = [
        f"peering = {world.ref(it)}",
        "answer = ec2.describe_vpc_peering_connections(",
        '    VpcPeeringConnectionIds=[peering["id"]]',
        ")",
        '[found] = answer["VpcPeeringConnections"]',
        f'assert found["Status"]["Code"] == {"active" if accepted else "pending-acceptance"!r}',
    ]
    lines += [f'assert found["{side}VpcInfo"]["VpcId"] == {source}' for side, source in wanted.items()]
    what = "asks_for" if it.type == "aws_vpc_peering_connection" else "accepts"
    near = by_id(world, it.attributes.get("vpc_id"), "aws_vpc")
    yield written(f"peering_{{}}_{what}_a_connection_of_two_networks", it, world, *lines, near=near)


@probe("aws_flow_log")
def flow_log(it: Resource, world: World) -> Iterator[Test]:
    """Yield of whom, what and where to a flow log records."""
    names = {
        "TrafficType": "traffic_type",
        "LogDestinationType": "log_destination_type",
        "MaxAggregationInterval": "max_aggregation_interval",
    }
    told = {"LogDestination": "log_destination", "DeliverLogsPermissionArn": "iam_role_arn"}
    watched = [key for key in ("vpc_id", "subnet_id", "eni_id") if it.attributes.get(key)]
    if watched:
        told["ResourceId"] = watched[0]
    wanted = settings(it, world, names) | references(it, world, told)
    yield written(
        "flow_log_{}_records_what_it_was_asked_to",
        it,
        world,
        f"flow_log = {world.ref(it)}",
        '[found] = ec2.describe_flow_logs(FlowLogIds=[flow_log["id"]])["FlowLogs"]',
        *compared(wanted | {"FlowLogStatus": "'ACTIVE'"}),
    )


DHCP = {
    "domain-name": "domain_name",
    "domain-name-servers": "domain_name_servers",
    "ntp-servers": "ntp_servers",
    "netbios-name-servers": "netbios_name_servers",
    "netbios-node-type": "netbios_node_type",
}


@probe("aws_vpc_dhcp_options")
def dhcp_options(it: Resource, world: World) -> Iterator[Test]:
    """Yield what the machines of a network are told of their surroundings."""
    asked = {key: world.asked(it, attribute) for key, attribute in DHCP.items()}
    told = {
        key: sorted(map(str, value)) if isinstance(value, list) else [str(value)]
        for key, value in asked.items()
        if value
    }
    yield written(
        "dhcp_options_{}_tell_machines_what_was_asked",
        it,
        world,
        f"options = {world.ref(it)}",
        'answer = ec2.describe_dhcp_options(DhcpOptionsIds=[options["id"]])',
        '[found] = answer["DhcpOptions"]',
        "assert {",
        '    told["Key"]: sorted(value["Value"] for value in told["Values"])',
        '    for told in found["DhcpConfigurations"]',
        f"}} == {told!r}",
    )


@probe("aws_vpc_dhcp_options_association")
def dhcp_association(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a network uses the options that were given to it."""
    yield written(
        "network_of_{}_uses_its_dhcp_options",
        it,
        world,
        f'[found] = ec2.describe_vpcs(VpcIds=[{_vpc_of(it, world)}])["Vpcs"]',
        f"assert found['DhcpOptionsId'] == {world.ref(it)}['dhcp_options_id']",
        near=by_id(world, it.attributes.get("vpc_id"), "aws_vpc"),
    )
