from uuid import uuid4

from app import lookup, point


def test_the_website_is_balanced_over_two_weighted_answers(route53, outputs):
    zone, name = outputs["public_zone_id"], "www." + outputs["domain"]
    weights = lookup(route53, zone, name, "A")
    assert sorted(weights.values()) == [10, 90]
    assert weights[("198.51.100.20",)] == 10


def test_mail_goes_to_the_first_exchanger(route53, outputs):
    [servers] = lookup(route53, outputs["public_zone_id"], outputs["domain"], "MX")
    assert min(servers) == "10 mx1." + outputs["domain"]


def test_internal_hosts_are_unknown_to_the_public_zone(route53, outputs):
    name = "cellar.estate." + outputs["domain"]
    assert list(lookup(route53, outputs["internal_zone_id"], name, "A")) == [
        ("10.60.1.10",)
    ]
    assert lookup(route53, outputs["public_zone_id"], name, "A") == {}


def test_a_new_host_can_be_named_moved_and_forgotten(route53, outputs):
    zone, name = outputs["internal_zone_id"], f"{uuid4()}.estate.{outputs['domain']}"
    point(route53, zone, name, "10.60.2.1")
    point(route53, zone, name, "10.60.2.2")
    assert list(lookup(route53, zone, name, "A")) == [("10.60.2.2",)]
    point(route53, zone, name, "10.60.2.2", action="DELETE")
    assert lookup(route53, zone, name, "A") == {}


def test_the_internal_zone_belongs_to_the_estates_network(route53, outputs):
    zone = route53.get_hosted_zone(Id=outputs["internal_zone_id"])
    assert zone["HostedZone"]["Config"]["PrivateZone"] is True
    assert [vpc["VPCId"] for vpc in zone["VPCs"]] == [outputs["vpc_id"]]


def test_questions_about_the_old_network_are_forwarded(route53resolver, outputs):
    rule = route53resolver.get_resolver_rule(
        ResolverRuleId=outputs["resolver_rule_id"]
    )["ResolverRule"]
    assert rule["DomainName"].rstrip(".") == "old." + outputs["domain"]
    assert [target["Ip"] for target in rule["TargetIps"]] == ["192.0.2.53"]
    associations = route53resolver.list_resolver_rule_associations(
        Filters=[{"Name": "ResolverRuleId", "Values": [outputs["resolver_rule_id"]]}]
    )["ResolverRuleAssociations"]
    assert [a["VPCId"] for a in associations] == [outputs["vpc_id"]]
