"""A clinic's split DNS: one name that means something else inside than outside, a
private zone for two sites, resolver endpoints in both directions, forwarding
rules, a DNS firewall and query logs."""

import ipaddress
from uuid import uuid4

import pytest

from app import (
    admitted,
    change_record,
    log_and_read,
    log_group_settings,
    new_address,
    new_stream,
    part,
    record_sets,
    try_subnet,
)


def test_log_group_queries_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.queries"]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 30


def test_log_group_queries_gives_back_what_is_logged(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.queries"]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_record_portal_inside_is_answered_as_it_was_asked_to_be(route53, deployed):
    record = deployed['aws_route53_record.portal["inside"]']
    zone_id = deployed["aws_route53_zone.private"]["zone_id"]
    answer = record_sets(route53, zone_id, record["fqdn"], "A")
    found = answer[""]
    wanted = {"TTL": 60}
    assert part(found, wanted) == wanted
    values = sorted(value["Value"] for value in found["ResourceRecords"])
    assert values == ["10.80.10.20"]


def test_record_portal_outside_is_answered_as_it_was_asked_to_be(route53, deployed):
    record = deployed['aws_route53_record.portal["outside"]']
    zone_id = deployed["aws_route53_zone.public"]["zone_id"]
    answer = record_sets(route53, zone_id, record["fqdn"], "A")
    found = answer[""]
    wanted = {"TTL": 60}
    assert part(found, wanted) == wanted
    values = sorted(value["Value"] for value in found["ResourceRecords"])
    assert values == ["203.0.113.20", "203.0.113.21"]


def test_resolver_endpoint_this_inbound_has_an_address_in_each_subnet(
    route53resolver, deployed
):
    endpoint = deployed['aws_route53_resolver_endpoint.this["INBOUND"]']
    answer = route53resolver.get_resolver_endpoint(ResolverEndpointId=endpoint["id"])
    found = answer["ResolverEndpoint"]
    wanted = {
        "Direction": "INBOUND",
        "SecurityGroupIds": [deployed["aws_security_group.dns"]["id"]],
        "Status": "OPERATIONAL",
    }
    assert part(found, wanted) == wanted
    answer = route53resolver.list_resolver_endpoint_ip_addresses(
        ResolverEndpointId=endpoint["id"]
    )
    subnets = sorted(address["SubnetId"] for address in answer["IpAddresses"])
    assert subnets == sorted(
        [
            deployed['aws_subnet.resolver["hill-0"]']["id"],
            deployed['aws_subnet.resolver["hill-1"]']["id"],
        ]
    )


def test_resolver_endpoint_this_outbound_has_an_address_in_each_subnet(
    route53resolver, deployed
):
    endpoint = deployed['aws_route53_resolver_endpoint.this["OUTBOUND"]']
    answer = route53resolver.get_resolver_endpoint(ResolverEndpointId=endpoint["id"])
    found = answer["ResolverEndpoint"]
    wanted = {
        "Direction": "OUTBOUND",
        "SecurityGroupIds": [deployed["aws_security_group.dns"]["id"]],
        "Status": "OPERATIONAL",
    }
    assert part(found, wanted) == wanted
    answer = route53resolver.list_resolver_endpoint_ip_addresses(
        ResolverEndpointId=endpoint["id"]
    )
    subnets = sorted(address["SubnetId"] for address in answer["IpAddresses"])
    assert subnets == sorted(
        [
            deployed['aws_subnet.resolver["hill-0"]']["id"],
            deployed['aws_subnet.resolver["hill-1"]']["id"],
        ]
    )


def test_firewall_list_blocked_holds_its_domains(route53resolver, deployed):
    listed = deployed["aws_route53_resolver_firewall_domain_list.blocked"]
    answer = route53resolver.list_firewall_domains(FirewallDomainListId=listed["id"])
    wanted = ["*.lottery.example", "free-downloads.example"]
    assert sorted(d.rstrip(".") for d in answer["Domains"]) == wanted


def test_firewall_group_wards_has_its_rules(route53resolver, deployed):
    group = deployed["aws_route53_resolver_firewall_rule_group.wards"]
    answer = route53resolver.list_firewall_rules(FirewallRuleGroupId=group["id"])
    rules = [
        (r["FirewallDomainListId"], r["Action"], r["Priority"])
        for r in answer["FirewallRules"]
    ]
    assert sorted(rules) == sorted(
        [
            (
                deployed["aws_route53_resolver_firewall_domain_list.blocked"]["id"],
                "BLOCK",
                100,
            )
        ]
    )


def test_network_of_wards_hill_is_behind_the_firewall(route53resolver, deployed):
    association = deployed[
        'aws_route53_resolver_firewall_rule_group_association.wards["hill"]'
    ]
    answer = route53resolver.get_firewall_rule_group_association(
        FirewallRuleGroupAssociationId=association["id"]
    )
    found = answer["FirewallRuleGroupAssociation"]
    wanted = {
        "Priority": 200,
        "Name": "clinic-dns-hill",
        "FirewallRuleGroupId": deployed[
            "aws_route53_resolver_firewall_rule_group.wards"
        ]["id"],
        "VpcId": deployed['aws_vpc.site["hill"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_network_of_wards_river_is_behind_the_firewall(route53resolver, deployed):
    association = deployed[
        'aws_route53_resolver_firewall_rule_group_association.wards["river"]'
    ]
    answer = route53resolver.get_firewall_rule_group_association(
        FirewallRuleGroupAssociationId=association["id"]
    )
    found = answer["FirewallRuleGroupAssociation"]
    wanted = {
        "Priority": 200,
        "Name": "clinic-dns-river",
        "FirewallRuleGroupId": deployed[
            "aws_route53_resolver_firewall_rule_group.wards"
        ]["id"],
        "VpcId": deployed['aws_vpc.site["river"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_query_log_queries_goes_where_it_was_asked_to(route53resolver, deployed):
    config = deployed["aws_route53_resolver_query_log_config.queries"]
    answer = route53resolver.get_resolver_query_log_config(
        ResolverQueryLogConfigId=config["id"]
    )
    found = answer["ResolverQueryLogConfig"]
    wanted = {
        "Name": "clinic-dns",
        "DestinationArn": deployed["aws_cloudwatch_log_group.queries"]["arn"],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'aws_route53_resolver_query_log_config_association.queries["hill"]',
            "aws_route53_resolver_query_log_config.queries",
            'aws_vpc.site["hill"]',
        ),
        (
            'aws_route53_resolver_query_log_config_association.queries["river"]',
            "aws_route53_resolver_query_log_config.queries",
            'aws_vpc.site["river"]',
        ),
    ],
)
def test_every_query_log_of_is_of_its_network(
    route53resolver, deployed, address, other, third
):
    association = deployed[address]
    answer = route53resolver.get_resolver_query_log_config_association(
        ResolverQueryLogConfigAssociationId=association["id"]
    )
    found = answer["ResolverQueryLogConfigAssociation"]
    wanted = {
        "ResourceId": deployed[third]["id"],
        "ResolverQueryLogConfigId": deployed[other]["id"],
        "Status": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_resolver_rule_this_archive_sends_questions_where_it_was_asked_to(
    route53resolver, deployed
):
    rule = deployed['aws_route53_resolver_rule.this["archive"]']
    answer = route53resolver.get_resolver_rule(ResolverRuleId=rule["id"])
    found = answer["ResolverRule"]
    wanted = {"RuleType": "SYSTEM", "Name": "clinic-dns-archive"}
    assert part(found, wanted) == wanted
    assert found["DomainName"].rstrip(".") == "archive.old-hospital.example"


def test_resolver_rule_this_old_hospital_sends_questions_where_it_was_asked_to(
    route53resolver, deployed
):
    rule = deployed['aws_route53_resolver_rule.this["old-hospital"]']
    answer = route53resolver.get_resolver_rule(ResolverRuleId=rule["id"])
    found = answer["ResolverRule"]
    wanted = {
        "RuleType": "FORWARD",
        "Name": "clinic-dns-old-hospital",
        "ResolverEndpointId": deployed[
            'aws_route53_resolver_endpoint.this["OUTBOUND"]'
        ]["id"],
    }
    assert part(found, wanted) == wanted
    assert found["DomainName"].rstrip(".") == "old-hospital.example"
    targets = sorted((t["Ip"], t.get("Port", 53)) for t in found["TargetIps"])
    assert targets == [("192.168.40.5", 53), ("192.168.40.6", 53)]


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'aws_route53_resolver_rule_association.this["hill/archive"]',
            'aws_route53_resolver_rule.this["archive"]',
            'aws_vpc.site["hill"]',
        ),
        (
            'aws_route53_resolver_rule_association.this["hill/old-hospital"]',
            'aws_route53_resolver_rule.this["old-hospital"]',
            'aws_vpc.site["hill"]',
        ),
        (
            'aws_route53_resolver_rule_association.this["river/archive"]',
            'aws_route53_resolver_rule.this["archive"]',
            'aws_vpc.site["river"]',
        ),
        (
            'aws_route53_resolver_rule_association.this["river/old-hospital"]',
            'aws_route53_resolver_rule.this["old-hospital"]',
            'aws_vpc.site["river"]',
        ),
    ],
)
def test_every_network_of_follows_the_resolver_rule(
    route53resolver, deployed, address, other, third
):
    association = deployed[address]
    answer = route53resolver.get_resolver_rule_association(
        ResolverRuleAssociationId=association["id"]
    )
    found = answer["ResolverRuleAssociation"]
    wanted = {"ResolverRuleId": deployed[other]["id"], "VPCId": deployed[third]["id"]}
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address", ["aws_route53_zone.private", "aws_route53_zone.public"]
)
def test_every_zone_takes_and_forgets_a_record(route53, deployed, address):
    zone = deployed[address]
    text = str(uuid4())
    name = f"{text}.{zone['name']}"
    assert change_record(route53, zone["zone_id"], "CREATE", name, text) is None
    try:
        found = record_sets(route53, zone["zone_id"], name, "TXT")
        assert found[""]["ResourceRecords"] == [{"Value": f'"{text}"'}]
        again = change_record(route53, zone["zone_id"], "CREATE", name, text)
        assert again == "InvalidChangeBatch"
    finally:
        change_record(route53, zone["zone_id"], "DELETE", name, text)
    assert record_sets(route53, zone["zone_id"], name, "TXT") == {}


def test_zone_private_answers_the_networks_that_it_was_asked_to(route53, deployed):
    zone = deployed["aws_route53_zone.private"]
    answer = route53.get_hosted_zone(Id=zone["zone_id"])
    assert answer["HostedZone"]["Name"].rstrip(".") == zone["name"].rstrip(".")
    assert answer["HostedZone"]["Config"]["PrivateZone"] is True
    assert answer["HostedZone"]["Config"]["Comment"] == "For the wards"
    networks = {
        deployed['aws_vpc.site["hill"]']["id"],
        deployed['aws_vpc.site["river"]']["id"],
    }
    assert {vpc["VPCId"] for vpc in answer["VPCs"]} == networks


def test_zone_public_answers_everybody(route53, deployed):
    zone = deployed["aws_route53_zone.public"]
    answer = route53.get_hosted_zone(Id=zone["zone_id"])
    assert answer["HostedZone"]["Name"].rstrip(".") == zone["name"].rstrip(".")
    assert answer["HostedZone"]["Config"]["PrivateZone"] is False
    assert answer["HostedZone"]["Config"]["Comment"] == "For patients"


def test_zone_of_other_river_counts_in_the_network(route53, deployed):
    association = deployed['aws_route53_zone_association.other["river"]']
    answer = route53.get_hosted_zone(Id=deployed["aws_route53_zone.private"]["id"])
    assert association["vpc_id"] in [vpc["VPCId"] for vpc in answer["VPCs"]]


def test_security_group_dns_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.dns"]
    assert admitted(ec2, group) == {
        ("in", "tcp", 53, 53, "10.80.0.0/16"),
        ("in", "tcp", 53, 53, "10.81.0.0/16"),
        ("in", "tcp", 53, 53, "192.168.40.0/24"),
        ("in", "udp", 53, 53, "10.80.0.0/16"),
        ("in", "udp", 53, 53, "10.81.0.0/16"),
        ("in", "udp", 53, 53, "192.168.40.0/24"),
        ("out", "tcp", 53, 53, "192.168.40.0/24"),
        ("out", "udp", 53, 53, "192.168.40.0/24"),
    }


def test_subnet_resolver_hill_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["hill-0"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.80.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.resolver["hill-0"]'][
            "availability_zone"
        ],
        "VpcId": deployed['aws_vpc.site["hill"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_resolver_hill_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["hill-0"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.80.0.0/24")
    assert (
        try_subnet(ec2, deployed['aws_vpc.site["hill"]']["id"], "10.80.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_resolver_hill_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["hill-1"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.80.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.resolver["hill-1"]'][
            "availability_zone"
        ],
        "VpcId": deployed['aws_vpc.site["hill"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_resolver_hill_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["hill-1"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.80.1.0/24")
    assert (
        try_subnet(ec2, deployed['aws_vpc.site["hill"]']["id"], "10.80.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_resolver_river_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["river-0"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.81.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.resolver["river-0"]'][
            "availability_zone"
        ],
        "VpcId": deployed['aws_vpc.site["river"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_resolver_river_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["river-0"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.81.0.0/24")
    assert (
        try_subnet(ec2, deployed['aws_vpc.site["river"]']["id"], "10.81.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_resolver_river_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["river-1"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.81.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['aws_subnet.resolver["river-1"]'][
            "availability_zone"
        ],
        "VpcId": deployed['aws_vpc.site["river"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_resolver_river_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['aws_subnet.resolver["river-1"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.81.1.0/24")
    assert (
        try_subnet(ec2, deployed['aws_vpc.site["river"]']["id"], "10.81.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_network_site_hill_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed['aws_vpc.site["hill"]']
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.80.0.0/16"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


@pytest.mark.parametrize("address", ['aws_vpc.site["hill"]', 'aws_vpc.site["river"]'])
def test_every_network_has_no_room_for_a_subnet_of_other_addresses(
    ec2, deployed, address
):
    vpc = deployed[address]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"


def test_network_site_river_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed['aws_vpc.site["river"]']
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.81.0.0/16"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True
