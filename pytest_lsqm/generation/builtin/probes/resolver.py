"""Route 53 Resolver: which questions leave a network, and to whom they are put."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, compared, pointer, references, settings, written
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_route53_resolver_endpoint")
def endpoint(it: Resource, world: World) -> Iterator[Test]:
    """Yield in which subnets an endpoint listens or asks, and which groups guard it."""
    wanted = settings(it, world, {"Direction": "direction"})
    wanted |= references(it, world, {"SecurityGroupIds": "security_group_ids"})
    subnets = sorted(address["subnet_id"] for address in it.attributes.get("ip_address") or ())
    found = [pointer(it, world, subnet, "ip_address") for subnet in subnets]
    known = f"sorted([{', '.join(sorted(found))}])"
    if any("ip_address" in expression for expression in found):
        known = 'sorted(address["subnet_id"] for address in endpoint["ip_address"])'
    yield written(
        "resolver_endpoint_{}_has_an_address_in_each_subnet",
        it,
        world,
        f"endpoint = {world.ref(it)}",
        'answer = route53resolver.get_resolver_endpoint(ResolverEndpointId=endpoint["id"])',
        'found = answer["ResolverEndpoint"]',
        *compared(wanted | {"Status": "'OPERATIONAL'"}),
        "answer = route53resolver.list_resolver_endpoint_ip_addresses(",
        '    ResolverEndpointId=endpoint["id"]',
        ")",
        'subnets = sorted(address["SubnetId"] for address in answer["IpAddresses"])',
        f"assert subnets == {known}",
    )


@probe("aws_route53_resolver_rule")
def rule(it: Resource, world: World) -> Iterator[Test]:
    """Yield for which names a rule counts, and where it sends the questions."""
    wanted = settings(it, world, {"RuleType": "rule_type", "Name": "name"})
    wanted |= references(it, world, {"ResolverEndpointId": "resolver_endpoint_id"})
    lines = [
        f"rule = {world.ref(it)}",
        'answer = route53resolver.get_resolver_rule(ResolverRuleId=rule["id"])',
        'found = answer["ResolverRule"]',
        *compared(wanted),
    ]
    domain = world.asked(it, "domain_name")
    if domain:
        lines.append(f"assert found['DomainName'].rstrip('.') == {domain.rstrip('.')!r}")
    if targets := world.asked(it, "target_ip"):
        told = sorted((target["ip"], target.get("port") or 53) for target in targets)
        lines += [
            'targets = sorted((t["Ip"], t.get("Port", 53)) for t in found["TargetIps"])',
            f"assert targets == {told!r}",
        ]
    yield written("resolver_rule_{}_sends_questions_where_it_was_asked_to", it, world, *lines)


@probe("aws_route53_resolver_rule_association")
def rule_association(it: Resource, world: World) -> Iterator[Test]:
    """Yield which network follows which rule."""
    wanted = references(it, world, {"ResolverRuleId": "resolver_rule_id", "VPCId": "vpc_id"})
    yield written(
        "network_of_{}_follows_the_resolver_rule",
        it,
        world,
        f"association = {world.ref(it)}",
        "answer = route53resolver.get_resolver_rule_association(",
        '    ResolverRuleAssociationId=association["id"]',
        ")",
        'found = answer["ResolverRuleAssociation"]',
        *compared(wanted),
        near=by_id(world, it.attributes.get("resolver_rule_id"), "aws_route53_resolver_rule"),
    )


@probe("aws_route53_resolver_query_log_config")
def query_log(it: Resource, world: World) -> Iterator[Test]:
    """Yield where the questions are written down."""
    wanted = settings(it, world, {"Name": "name"}) | references(it, world, {"DestinationArn": "destination_arn"})
    yield written(
        "query_log_{}_goes_where_it_was_asked_to",
        it,
        world,
        f"config = {world.ref(it)}",
        "answer = route53resolver.get_resolver_query_log_config(",
        '    ResolverQueryLogConfigId=config["id"]',
        ")",
        'found = answer["ResolverQueryLogConfig"]',
        *compared(wanted),
    )


@probe("aws_route53_resolver_query_log_config_association")
def query_log_association(it: Resource, world: World) -> Iterator[Test]:
    """Yield of which network the questions are written down."""
    names = {"ResourceId": "resource_id", "ResolverQueryLogConfigId": "resolver_query_log_config_id"}
    config: Any = it.attributes.get("resolver_query_log_config_id")
    yield written(
        "query_log_of_{}_is_of_its_network",
        it,
        world,
        f"association = {world.ref(it)}",
        "answer = route53resolver.get_resolver_query_log_config_association(",
        '    ResolverQueryLogConfigAssociationId=association["id"]',
        ")",
        'found = answer["ResolverQueryLogConfigAssociation"]',
        *compared(references(it, world, names) | {"Status": "'ACTIVE'"}),
        near=by_id(world, config, "aws_route53_resolver_query_log_config"),
    )


@probe("aws_route53_resolver_firewall_domain_list")
def domain_list(it: Resource, world: World) -> Iterator[Test]:
    """Yield which names a list holds."""
    domains = world.asked(it, "domains") or []
    yield written(
        "firewall_list_{}_holds_its_domains",
        it,
        world,
        f"listed = {world.ref(it)}",
        "answer = route53resolver.list_firewall_domains(",
        '    FirewallDomainListId=listed["id"]',
        ")",
        f"wanted = {sorted(domain.rstrip('.') for domain in domains)!r}",
        'assert sorted(d.rstrip(".") for d in answer["Domains"]) == wanted',
    )


@probe("aws_route53_resolver_firewall_rule_group")
def rule_group(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a group of firewall rules blocks, in which order."""
    rules = world.where("aws_route53_resolver_firewall_rule", firewall_rule_group_id=it.attributes.get("id"))
    told = [
        f"({pointer(r, world, str(r.attributes['firewall_domain_list_id']), 'firewall_domain_list_id')}, "
        f"{world.asked(r, 'action')!r}, {world.asked(r, 'priority')!r})"
        for r in rules
    ]
    yield written(
        "firewall_group_{}_has_its_rules",
        it,
        world,
        f"group = {world.ref(it)}",
        'answer = route53resolver.list_firewall_rules(FirewallRuleGroupId=group["id"])',
        "rules = [",
        '    (r["FirewallDomainListId"], r["Action"], r["Priority"])',
        '    for r in answer["FirewallRules"]',
        "]",
        f"assert sorted(rules) == sorted([{', '.join(told)}])",
    )


@probe("aws_route53_resolver_firewall_rule")
def firewall_rule(it: Resource, world: World) -> Iterator[Test]:
    """Yield nothing: the test of its group compares all of the group's rules."""
    yield from ()


@probe("aws_route53_resolver_firewall_rule_group_association")
def firewall_association(it: Resource, world: World) -> Iterator[Test]:
    """Yield in which network a group of rules is in force, and with what precedence."""
    wanted = settings(it, world, {"Priority": "priority", "Name": "name"})
    wanted |= references(it, world, {"FirewallRuleGroupId": "firewall_rule_group_id", "VpcId": "vpc_id"})
    yield written(
        "network_of_{}_is_behind_the_firewall",
        it,
        world,
        f"association = {world.ref(it)}",
        "answer = route53resolver.get_firewall_rule_group_association(",
        '    FirewallRuleGroupAssociationId=association["id"]',
        ")",
        'found = answer["FirewallRuleGroupAssociation"]',
        *compared(wanted),
    )
