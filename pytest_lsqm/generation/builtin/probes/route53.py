"""Names: which records a zone holds, to whom it answers, and what it takes no record of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, compared, named, pointer, settings, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def record_sets(route53, zone_id, name, kind):
    """The record sets of a zone with this name and type, those of a routing policy by their identifier."""
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
    plain = name.rstrip(".").lower().replace("*", "\\\\052")
    return {
        found.get("SetIdentifier", ""): found
        for page in pages
        for found in page["ResourceRecordSets"]
        if (found["Name"].rstrip(".").lower().replace("*", "\\\\052"), found["Type"]) == (plain, kind)
    }
''')

helper('''
def change_record(route53, zone_id, action, name, text):
    """Make or remove a TXT record; why it was refused, None if it was not."""
    record = {
        "Name": name,
        "Type": "TXT",
        "TTL": 60,
        "ResourceRecords": [{"Value": f'"{text}"'}],
    }
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    try:
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None
''')


@probe("aws_route53_zone")
def zone(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a zone takes records of its own names, no others, and in which networks it counts."""
    yield written(
        "zone_{}_takes_and_forgets_a_record",
        it,
        world,
        f"zone = {world.ref(it)}",
        "text = str(uuid4())",
        "name = f\"{text}.{zone['name']}\"",
        "assert change_record(route53, zone['zone_id'], 'CREATE', name, text) is None",
        "try:",
        "    found = record_sets(route53, zone['zone_id'], name, 'TXT')",
        "    assert found['']['ResourceRecords'] == [{'Value': f'\"{text}\"'}]",
        "    again = change_record(route53, zone['zone_id'], 'CREATE', name, text)",
        "    assert again == 'InvalidChangeBatch'",
        "finally:",
        "    change_record(route53, zone['zone_id'], 'DELETE', name, text)",
        "assert record_sets(route53, zone['zone_id'], name, 'TXT') == {}",
    )
    vpcs = sorted({v["vpc_id"] for v in it.attributes.get("vpc") or () if v.get("vpc_id")})
    joined = world.where("aws_route53_zone_association", zone_id=it.attributes.get("zone_id"))
    expressions = {named(world, vpc) or "" for vpc in vpcs}
    expressions |= {pointer(j, world, j.attributes["vpc_id"], "vpc_id") for j in joined}
    lines = [
        f"zone = {world.ref(it)}",
        "answer = route53.get_hosted_zone(Id=zone['zone_id'])",
        "assert answer['HostedZone']['Name'].rstrip('.') == zone['name'].rstrip('.')",
        f"assert answer['HostedZone']['Config']['PrivateZone'] is {bool(vpcs)}",
    ]
    if comment := world.asked(it, "comment"):
        lines.append(f"assert answer['HostedZone']['Config']['Comment'] == {comment!r}")
    if vpcs and "" not in expressions:
        lines += [
            f"networks = {{{', '.join(sorted(expressions))}}}",
            "assert {vpc['VPCId'] for vpc in answer['VPCs']} == networks",
        ]
    name = "zone_{}_answers_the_networks_that_it_was_asked_to" if vpcs else "zone_{}_answers_everybody"
    yield written(name, it, world, *lines)


@probe("aws_route53_zone_association")
def zone_association(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a zone counts in a network."""
    attributes: Any = it.attributes
    yield written(
        "zone_of_{}_counts_in_the_network",
        it,
        world,
        f"association = {world.ref(it)}",
        f"answer = route53.get_hosted_zone(Id={pointer(it, world, attributes['zone_id'], 'zone_id')})",
        "assert association['vpc_id'] in [vpc['VPCId'] for vpc in answer['VPCs']]",
    )


POLICIES = {
    "weighted_routing_policy": ("weight", "Weight"),
    "latency_routing_policy": ("region", "Region"),
    "failover_routing_policy": ("type", "Failover"),
}


@probe("aws_route53_record")
def record(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a zone answers to the question for a name, and when it gives this answer of several."""
    attributes: Any = it.attributes
    name, kind = world.asked(it, "name") or attributes.get("name"), attributes.get("type")
    identifier = attributes.get("set_identifier") or ""
    wanted = settings(it, world, {"TTL": "ttl"})
    for block, (key, member) in POLICIES.items():
        value = world.asked(it, block, 0, key)
        if value not in (None, ""):
            wanted[member] = repr(value)
    if attributes.get("multivalue_answer_routing_policy"):
        wanted["MultiValueAnswer"] = "True"
    if attributes.get("health_check_id"):
        wanted["HealthCheckId"] = pointer(it, world, attributes["health_check_id"], "health_check_id")
    zone = by_id(world, attributes.get("zone_id"), "aws_route53_zone")
    # Where only a part of the name is given, the zone's own is added.
    full = f"{world.ref(it)}['fqdn']" if attributes.get("fqdn") else repr(name)
    lines = [
        f"record = {world.ref(it)}",
        f"zone_id = {world.ref(zone or it)}['zone_id']",
        f"answer = record_sets(route53, zone_id, {full.replace(world.ref(it), 'record')}, {kind!r})",
        f"found = answer[{identifier!r}]",
    ]
    if wanted:
        lines += compared(wanted)
    values = world.asked(it, "records")
    if values:
        told = sorted(_presented(str(value), str(kind)) for value in values)
        lines += [
            "values = sorted(value['Value'] for value in found['ResourceRecords'])",
            f"assert values == {told!r}",
        ]
    elif attributes.get("records"):
        lines += [
            "values = sorted(value['Value'].strip('\"') for value in found['ResourceRecords'])",
            "assert values == sorted(value.strip('\"') for value in record['records'])",
        ]
    for alias in attributes.get("alias") or ():
        lines += [
            "target = found['AliasTarget']",
            "assert target['DNSName'].rstrip('.').lower() == record['alias'][0]['name'].rstrip('.').lower()",
            "assert target['HostedZoneId'] == record['alias'][0]['zone_id']",
            f"assert target['EvaluateTargetHealth'] is {bool(alias.get('evaluate_target_health'))}",
        ]
    yield written("record_{}_is_answered_as_it_was_asked_to_be", it, world, *lines)


def _presented(value: str, kind: str) -> str:
    """A value as the API has it: TXT and SPF records in quotes."""
    return f'"{value}"' if kind in {"TXT", "SPF"} and not value.startswith('"') else value


@probe("aws_route53_health_check")
def health_check(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a health check looks at, how often and how patiently."""
    names = {
        "Type": "type",
        "FullyQualifiedDomainName": "fqdn",
        "IPAddress": "ip_address",
        "Port": "port",
        "ResourcePath": "resource_path",
        "SearchString": "search_string",
        "FailureThreshold": "failure_threshold",
        "RequestInterval": "request_interval",
        "Inverted": "invert_healthcheck",
        "HealthThreshold": "child_health_threshold",
    }
    wanted = settings(it, world, names)
    for member in ("Inverted", "HealthThreshold", "FailureThreshold"):
        if wanted.get(member) in {"False", "0"}:
            del wanted[member]
    yield written(
        "health_check_{}_looks_at_what_it_was_asked_to",
        it,
        world,
        f"check = {world.ref(it)}",
        "answer = route53.get_health_check(HealthCheckId=check['id'])",
        "found = answer['HealthCheck']['HealthCheckConfig']",
        *compared(wanted),
    )
