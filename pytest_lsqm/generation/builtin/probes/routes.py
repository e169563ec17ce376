"""Routes: for an address, where a packet goes that leaves a subnet."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, named, pointer, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

TARGETS = {
    "nat_gateway_id": "NatGatewayId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
    "transit_gateway_id": "TransitGatewayId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "instance_id": "InstanceId",
    "gateway_id": "GatewayId",
    "vpc_endpoint_id": "GatewayId",
}
"""What a route may lead to: the attribute, and what the API calls it."""

SOMEWHERE = ("203.0.113.80", "2001:db8::80")
"""Addresses of the internet, as far as a test is concerned."""

TABLES = ("aws_route_table", "aws_default_route_table")

helper('''
def table_of(ec2, subnet):
    """The route table of a subnet: its own, else the main one of its network."""
    own = [{"Name": "association.subnet-id", "Values": [subnet["id"]]}]
    main = [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [subnet["vpc_id"]]},
    ]
    for filters in (own, main):
        for table in ec2.describe_route_tables(Filters=filters)["RouteTables"]:
            return table
    return None
''')

helper('''
def way_to(table, address):
    """The route that a packet takes: of those to its address, the one with the longest prefix."""
    target, best, longest = ipaddress.ip_address(address), {}, -1
    for route in table["Routes"]:
        block = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
        network = ipaddress.ip_network(block) if block else None
        if network and target in network and network.prefixlen > longest:
            best, longest = route, network.prefixlen
    return best
''')


@probe(*TABLES)
def table(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a network's own traffic stays in it, and where the routes in the table itself lead."""
    vpc = by_id(world, it.attributes.get("vpc_id"), "aws_vpc", "aws_default_vpc")
    inside = _inside(vpc)
    if inside:
        yield written(
            "route_table_{}_keeps_traffic_of_the_network_in_it",
            it,
            world,
            f"wanted = {world.ref(it)}['id']",
            *_TABLE,
            f'assert way_to(table, {inside!r}).get("GatewayId") == "local"',
            near=vpc,
        )
    separate = {_destination(route) for route in world.where("aws_route", route_table_id=it.attributes.get("id"))}
    for number, route in enumerate(_inline(it)):
        if _destination(route) not in separate:
            yield from _leads(it, world, it, route, f"route_{number}_of_{{}}")


def _inline(it: Resource) -> list[Mapping[str, Any]]:
    found = it.attributes.get("route")
    routes = [route for route in found if isinstance(route, dict)] if isinstance(found, list) else []
    return sorted(routes, key=lambda route: str(_destination(route)))


@probe("aws_route")
def route(it: Resource, world: World) -> Iterator[Test]:
    """Yield where a route leads."""
    table = by_id(world, it.attributes.get("route_table_id"), *TABLES)
    yield from _leads(it, world, table, it.attributes, "route_{}")


@probe("aws_route_table_association", "aws_main_route_table_association")
def association(it: Resource, world: World) -> Iterator[Test]:
    """Yield which table decides over a subnet, or over those of a network that have none of their own."""
    attributes = it.attributes
    if (subnet := by_id(world, attributes.get("subnet_id"), "aws_subnet")) is not None:
        yield written(
            "subnet_of_{}_obeys_its_route_table",
            it,
            world,
            f"association = {world.ref(it)}",
            f"table = table_of(ec2, {world.ref(subnet)})",
            'assert table["RouteTableId"] == association["route_table_id"]',
            near=subnet,
        )
        return
    if key := next((key for key in ("vpc_id", "gateway_id", "subnet_id") if attributes.get(key)), None):
        joined = {"vpc_id": "Main", "gateway_id": "GatewayId", "subnet_id": "SubnetId"}[key]
        value = "True" if key == "vpc_id" else pointer(it, world, attributes[key], key)
        yield written(
            "route_table_of_{}_is_in_force",
            it,
            world,
            f"wanted = {world.ref(it)}['route_table_id']",
            *_TABLE,
            f"assert {value} in [joined.get({joined!r}) for joined in table['Associations']]",
            near=by_id(world, attributes.get("route_table_id"), *TABLES),
        )


def _leads(
    it: Resource, world: World, table: Resource | None, route: Mapping[str, Any], name: str
) -> Iterator[Test]:
    target = next((key for key in TARGETS if route.get(key)), None)
    address = _address(route, world, table)
    if target is None or address is None:
        return
    aim = named(world, route[target], besides=it)
    if aim is None:
        if it.type != "aws_route":
            return
        aim = f"{world.ref(it)}[{target!r}]"
    yield written(
        f"{name}_leads_where_it_was_asked_to",
        it,
        world,
        *(_found(table, world) if table else _found_by_id(it, world)),
        f"way = way_to(table, {address!r})",
        *_wins(it, world),
        f'assert (way.get("State"), way.get({TARGETS[target]!r})) == ("active", {aim})',
        near=table,
    )


def _wins(it: Resource, world: World) -> list[str]:
    """The lines that see that it is this very route, of several to the same target, that a packet takes."""
    keys = ("destination_cidr_block", "destination_ipv6_cidr_block")
    key = next((key for key in keys if it.attributes.get(key)), "")
    member = "DestinationIpv6CidrBlock" if "ipv6" in key else "DestinationCidrBlock"
    return [f"assert way.get({member!r}) == {world.ref(it)}[{key!r}]"] if key else []


def _found(table: Resource, world: World) -> list[str]:
    """The lines that find a table, by way of a subnet that it decides over where there is one."""
    for joined in world.where("aws_route_table_association", route_table_id=table.attributes.get("id")):
        subnet = by_id(world, joined.attributes.get("subnet_id"), "aws_subnet")
        if subnet is not None:
            return [f"table = table_of(ec2, {world.ref(subnet)})"]
    return [f"wanted = {world.ref(table)}['id']", *_TABLE]


def _found_by_id(it: Resource, world: World) -> list[str]:
    return [f"wanted = {pointer(it, world, it.attributes['route_table_id'], 'route_table_id')}", *_TABLE]


_TABLE = ("[table] = ec2.describe_route_tables(RouteTableIds=[wanted])['RouteTables']",)


def _destination(route: Any) -> str | None:
    attributes = getattr(route, "attributes", route)
    keys = ("destination_cidr_block", "cidr_block", "destination_ipv6_cidr_block", "ipv6_cidr_block")
    return next((str(attributes[key]) for key in keys if attributes.get(key)), None)


def _inside(vpc: Resource | None) -> str | None:
    block = vpc.attributes.get("cidr_block") if vpc else None
    return str(ipaddress.ip_network(block)[10]) if isinstance(block, str) and block else None


def _address(route: Mapping[str, Any], world: World, table: Resource | None) -> str | None:
    """An address to which this route leads, and no route that is more particular."""
    block = _destination(route)
    if block is None:
        return None
    network = ipaddress.ip_network(block, strict=False)
    others = []
    if table is not None:
        vpc = by_id(world, table.attributes.get("vpc_id"), "aws_vpc", "aws_default_vpc")
        others = [vpc.attributes.get("cidr_block")] if vpc else []
        others += [_destination(r) for r in world.where("aws_route", route_table_id=table.attributes.get("id"))]
        others += [_destination(r) for r in _inline(table)]
    nearer = [ipaddress.ip_network(text, strict=False) for text in others if text]
    nearer = [n for n in nearer if n.version == network.version and n.prefixlen > network.prefixlen]
    within = [network[min(10, network.num_addresses - 1)], network[network.num_addresses // 2], network[-1]]
    candidates = [a for text in SOMEWHERE if (a := ipaddress.ip_address(text)) in network]
    for address in (*candidates, *within):
        if not any(address in other for other in nearer):
            return str(address)
    return None
