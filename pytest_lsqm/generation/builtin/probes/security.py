"""Security groups and network ACLs: who may talk to whom, and on which ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, named, pointer, pointers, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

GROUPS = ("aws_security_group", "aws_default_security_group")
SEPARATE = (
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)
ACLS = ("aws_network_acl", "aws_default_network_acl")
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
NUMBERS = {"icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58", "all": "-1"}
IN_BLOCKS = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
IN_ONE = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id", "source_security_group_id")

helper('''
def admitted(ec2, group):
    """What a security group lets through: direction, protocol, first and last port, and with whom."""
    [found] = ec2.describe_security_groups(GroupIds=[group["id"]])["SecurityGroups"]
    names = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
    rules = set()
    for way, key in (("in", "IpPermissions"), ("out", "IpPermissionsEgress")):
        for rule in found[key]:
            protocol = names.get(rule["IpProtocol"], rule["IpProtocol"])
            ports = (rule.get("FromPort"), rule.get("ToPort"))
            if protocol == "-1":
                ports = (None, None)
            others = [
                *(block["CidrIp"] for block in rule.get("IpRanges", [])),
                *(block["CidrIpv6"] for block in rule.get("Ipv6Ranges", [])),
                *(prefix["PrefixListId"] for prefix in rule.get("PrefixListIds", [])),
                *(pair["GroupId"] for pair in rule.get("UserIdGroupPairs", [])),
            ]
            rules |= {(way, protocol, *ports, other) for other in others}
    return rules
''')

helper('''
def acl_entries(ec2, acl):
    """The numbered rules of a network ACL: way, number, verdict, protocol, addresses, ports."""
    [found] = ec2.describe_network_acls(NetworkAclIds=[acl["id"]])["NetworkAcls"]
    entries = set()
    for entry in found["Entries"]:
        if entry["RuleNumber"] < 32767:
            way = "out" if entry["Egress"] else "in"
            block = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
            ports = entry.get("PortRange", {}) if entry["Protocol"] in ("6", "17") else {}
            first, last = ports.get("From"), ports.get("To")
            verdict = (entry["RuleAction"], entry["Protocol"], block, first, last)
            entries.add((way, entry["RuleNumber"], *verdict))
    return entries
''')


@probe(*GROUPS)
def security_group(it: Resource, world: World) -> Iterator[Test]:
    """Yield everything that a group lets through, from its own rules and those that stand apart."""
    rules = [*_inline(it, world)]
    for other in world.of(*SEPARATE):
        if it.attributes.get("id") and other.attributes.get("security_group_id") == it.attributes["id"]:
            rules += _separate(other, world)
    yield written(
        "security_group_{}_lets_through_what_it_was_asked_to",
        it,
        world,
        f"group = {world.ref(it)}",
        f"assert admitted(ec2, group) == {_set(rules)}",
    )


@probe(*SEPARATE)
def security_group_rule(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a rule adds to a group that is not of this deployment; others are their group's concern."""
    group = it.attributes.get("security_group_id")
    rules = _separate(it, world)
    if by_id(world, group, *GROUPS) is None and rules:
        yield written(
            "security_group_of_{}_lets_through_what_the_rule_says",
            it,
            world,
            f"group = {{'id': {pointer(it, world, str(group), 'security_group_id')}}}",
            f"assert admitted(ec2, group) >= {_set(rules)}",
        )


def _set(rules: list[str]) -> str:
    return f"{{{', '.join(dict.fromkeys(rules))}}}" if rules else "set()"


def _inline(it: Resource, world: World) -> Iterator[str]:
    for way, key in (("in", "ingress"), ("out", "egress")):
        real = [rule for rule in it.attributes.get(key) or () if isinstance(rule, dict)]
        asked = world.asked(it, key)
        # A rule of which the plan could not tell everything lacks the keys that it did not know.
        known = asked is not None and all(rule.keys() >= (real[0].keys() if real else set()) for rule in asked)
        for rule in asked if known else real:
            for other in _others(it, world, rule, it):
                yield _rule(way, rule, other)


def _separate(it: Resource, world: World) -> list[str]:
    rule = {**it.attributes, **{key: value for key, value in it.asked.items() if value is not None}}
    way = "in" if it.type.endswith("ingress_rule") or rule.get("type") == "ingress" else "out"
    owner = by_id(world, rule.get("security_group_id"), *GROUPS) or it
    return [_rule(way, rule, other) for other in _others(it, world, rule, owner)]


def _rule(way: str, rule: Mapping[str, Any], other: str) -> str:
    told = str(rule.get("protocol") or rule.get("ip_protocol") or "-1").lower()
    protocol = PROTOCOLS.get(told, told)
    first, last = (None, None) if protocol == "-1" else (rule.get("from_port"), rule.get("to_port"))
    return f"({way!r}, {protocol!r}, {first!r}, {last!r}, {other})"


def _others(it: Resource, world: World, rule: Mapping[str, Any], owner: Resource) -> Iterator[str]:
    """Expressions for all with whom a rule lets the group talk."""
    if rule.get("self"):
        yield (
            f"{world.ref(owner)}['id']"
            if owner is not it or it.type in GROUPS
            else (f"{world.ref(it)}['security_group_id']")
        )
    elif one := next((rule[key] for key in IN_ONE if rule.get(key)), None):
        key = next(key for key in IN_ONE if rule.get(key))
        yield repr(one) if key.startswith("cidr") else pointer(it, world, one, key)
        return
    for key in IN_BLOCKS:
        for other in rule.get(key) or ():
            yield repr(other) if key.endswith("cidr_blocks") else named(world, other) or repr(other)


@probe(*ACLS)
def network_acl(it: Resource, world: World) -> Iterator[Test]:
    """Yield the rules of a network ACL, its own and those that stand apart, and the subnets that it guards."""
    entries = []
    for way, key in (("in", "ingress"), ("out", "egress")):
        rules: Any = world.asked(it, key) or it.attributes.get(key) or ()
        entries += [_entry(way, rule, rule.get("rule_no"), rule.get("action")) for rule in rules]
    for other in world.where("aws_network_acl_rule", network_acl_id=it.attributes.get("id")):
        entries += _entry_apart(other)
    lines = [f"acl = {world.ref(it)}", f"assert acl_entries(ec2, acl) == {_set(entries)}"]
    if subnets := it.attributes.get("subnet_ids"):
        lines += [
            '[found] = ec2.describe_network_acls(NetworkAclIds=[acl["id"]])["NetworkAcls"]',
            'guarded = sorted(joined["SubnetId"] for joined in found["Associations"])',
            f"assert guarded == {pointers(it, world, subnets, 'subnet_ids')}",
        ]
    yield written("network_acl_{}_decides_as_it_was_asked_to", it, world, *lines)


@probe("aws_network_acl_rule")
def network_acl_rule(it: Resource, world: World) -> Iterator[Test]:
    """Yield a rule of an ACL that is not of this deployment; others are their ACL's concern."""
    acl = it.attributes.get("network_acl_id")
    if by_id(world, acl, *ACLS) is None:
        yield written(
            "network_acl_of_{}_has_its_rule",
            it,
            world,
            f"acl = {{'id': {pointer(it, world, str(acl), 'network_acl_id')}}}",
            f"assert acl_entries(ec2, acl) >= {_set(_entry_apart(it))}",
        )


def _entry_apart(it: Resource) -> list[str]:
    rule = {**it.attributes, **{key: value for key, value in it.asked.items() if value is not None}}
    return [_entry("out" if rule.get("egress") else "in", rule, rule.get("rule_number"), rule.get("rule_action"))]


def _entry(way: str, rule: Mapping[str, Any], number: Any, verdict: Any) -> str:
    protocol = NUMBERS.get(str(rule.get("protocol")).lower(), str(rule.get("protocol")))
    first, last = (rule.get("from_port"), rule.get("to_port")) if protocol in {"6", "17"} else (None, None)
    block = rule.get("cidr_block") or rule.get("ipv6_cidr_block")
    return repr((way, number, str(verdict).lower(), protocol, block, first, last))
