"""What is written for networks, names, APIs, alarms and what stands beside them; nothing is deployed here."""

from __future__ import annotations

import ast
import hashlib
import json
from typing import Any

import pytest

from pytest_lsqm.generation.base import Resource
from pytest_lsqm.generation.builtin import probes, registry, writing
from pytest_lsqm.generation.builtin.probes import asking, logs, mocks
from pytest_lsqm.generation.builtin.world import World
from pytest_lsqm.generation.checks import objections

assert probes

VPC = {"id": "vpc-1", "cidr_block": "10.0.0.0/16", "arn": "arn:aws:ec2:eu-west-1:000000000000:vpc/vpc-1"}


def resource(address: str, attributes: dict[str, Any], asked: dict[str, Any] | None = None) -> Resource:
    """A resource whose plan knew all of its attributes, unless told otherwise."""
    type_, name = address.split(".")[-2:]
    return Resource(address, type_, name, attributes, attributes if asked is None else asked)


def probed(*resources: Resource, of: str) -> list[writing.Test]:
    """The tests of one of these resources, each of which must be code with an assertion that may be stored."""
    world = World(resources, "eu-west-1")
    (it,) = [r for r in resources if r.address == of]
    found = list(registry.PROBES[it.type](it, world))
    if found:
        files = writing.app_files(found, "a test")
        assert objections({name: text for name, text in files.items() if name.endswith(".py")}) == []
        assert all(ast.parse(text) for name, text in files.items() if name.endswith(".py"))
    return found


def bodies(*resources: Resource, of: str) -> str:
    """The bodies of the tests of one of these resources."""
    return "\n".join(test.body for test in probed(*resources, of=of))


def network(*more: Resource) -> tuple[Resource, ...]:
    """A network with a subnet that has a route table, and what else there is."""
    return (
        resource("aws_vpc.a", VPC),
        resource("aws_subnet.a", {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
        resource("aws_route_table.a", {"id": "rtb-1", "vpc_id": "vpc-1"}),
        resource("aws_route_table_association.a", {"id": "x", "subnet_id": "subnet-1", "route_table_id": "rtb-1"}),
        resource("aws_internet_gateway.a", {"id": "igw-1", "vpc_id": "vpc-1"}),
        *more,
    )


def test_a_route_is_followed_from_a_subnet_to_the_gateway_of_the_deployment() -> None:
    way = {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "id": "r-1"}
    body = bodies(*network(resource("aws_route.out", way)), of="aws_route.out")
    assert "table_of(ec2, deployed['aws_subnet.a'])" in body
    assert "way_to(table, '203.0.113.80')" in body
    assert """way.get('GatewayId')) == ("active", deployed['aws_internet_gateway.a']['id'])""" in body


def test_the_address_for_a_route_is_one_that_no_longer_prefix_takes() -> None:
    def way(name: str, block: str) -> Resource:
        asked = {"route_table_id": "rtb-1", "destination_cidr_block": block, "gateway_id": "igw-1", "id": name}
        return resource(f"aws_route.{name}", asked)

    routes = way("wide", "172.16.0.0/12"), way("near", "172.16.0.0/24"), way("all", "172.0.0.0/8")
    body = bodies(*network(*routes), of="aws_route.wide")
    assert "way_to(table, '172.24.0.0')" in body  # its tenth is the nearer route's
    assert "way_to(table, '172.16.0.10')" in bodies(*network(*routes), of="aws_route.near")


def test_a_route_inside_its_table_is_followed_once() -> None:
    inline = [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]
    table = resource("aws_route_table.b", {"id": "rtb-2", "vpc_id": "vpc-1", "route": inline})
    assert "'GatewayId')) == (\"active\"" in bodies(*network(table), of="aws_route_table.b")
    way = {"route_table_id": "rtb-2", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "id": "r"}
    both = network(table, resource("aws_route.b", way))
    assert '("active"' not in bodies(*both, of="aws_route_table.b")


def test_a_network_is_asked_for_a_subnet_outside_its_addresses() -> None:
    assert "'192.0.2.0/28'" in bodies(*network(), of="aws_vpc.a")
    taken = resource("aws_vpc.b", {**VPC, "cidr_block": "192.0.2.0/24"})
    assert "'198.51.100.0/28'" in bodies(taken, of="aws_vpc.b")


def test_a_subnet_gives_addresses_of_the_block_that_was_asked_for_not_of_the_one_that_was_made() -> None:
    subnet = resource(
        "aws_subnet.b", {"id": "s", "vpc_id": "vpc-1", "cidr_block": "1.1.1.0/24"}, {"cidr_block": "10.0.2.0/24"}
    )
    body = bodies(*network(subnet), of="aws_subnet.b")
    assert "ip_network('10.0.2.0/24')" in body
    assert "1.1.1.0" not in body


def test_a_group_lets_through_its_own_rules_and_those_that_stand_apart() -> None:
    inline = {"protocol": "6", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"], "self": True}
    group = resource("aws_security_group.web", {"id": "sg-1", "ingress": [inline], "egress": []})
    other = resource("aws_security_group.db", {"id": "sg-2", "ingress": [], "egress": []})
    rule = {"security_group_id": "sg-1", "type": "egress", "protocol": "-1", "from_port": 0, "to_port": 0}
    apart = resource("aws_security_group_rule.out", {**rule, "id": "r", "source_security_group_id": "sg-2"})
    body = bodies(group, other, apart, of="aws_security_group.web")
    assert "('in', 'tcp', 22, 22, '10.0.0.0/8')" in body
    assert "('in', 'tcp', 22, 22, deployed['aws_security_group.web']['id'])" in body
    assert "('out', '-1', None, None, deployed['aws_security_group.db']['id'])" in body
    assert bodies(group, other, apart, of="aws_security_group.db").endswith("== set()")
    assert probed(group, other, apart, of="aws_security_group_rule.out") == []


def test_the_plan_of_a_group_is_taken_only_where_it_knew_the_whole_rule() -> None:
    made = {"protocol": "tcp", "from_port": 1, "to_port": 2, "cidr_blocks": ["10.0.0.0/8"], "security_groups": []}
    wanted = {**made, "to_port": 3}
    known = resource("aws_security_group.a", {"id": "a", "ingress": [made]}, {"ingress": [wanted]})
    assert "'tcp', 1, 3," in bodies(known, of="aws_security_group.a")
    partly = {key: value for key, value in wanted.items() if key != "security_groups"}
    unknown = resource("aws_security_group.a", {"id": "a", "ingress": [made]}, {"ingress": [partly]})
    assert "'tcp', 1, 2," in bodies(unknown, of="aws_security_group.a")


def test_the_rules_of_an_acl_are_compared_by_protocol_number() -> None:
    acl = resource("aws_network_acl.a", {"id": "acl-1", "subnet_ids": []})
    rule = {
        "network_acl_id": "acl-1",
        "rule_number": 50,
        "egress": False,
        "rule_action": "DENY",
        "protocol": "tcp",
    }
    apart = resource("aws_network_acl_rule.a", {**rule, "cidr_block": "0.0.0.0/0", "from_port": 22, "to_port": 22})
    assert "('in', 50, 'deny', '6', '0.0.0.0/0', 22, 22)" in bodies(acl, apart, of="aws_network_acl.a")


@pytest.mark.parametrize("accepted", [True, False])
def test_a_peering_is_active_only_where_somebody_accepts_it(accepted: bool) -> None:
    peering = resource("aws_vpc_peering_connection.a", {"id": "pcx-1", "vpc_id": "vpc-1", "auto_accept": False})
    accepter = resource("aws_vpc_peering_connection_accepter.a", {"id": "pcx-1", "auto_accept": True})
    found = bodies(*network(peering, *([accepter] if accepted else [])), of="aws_vpc_peering_connection.a")
    assert ("'active'" if accepted else "'pending-acceptance'") in found


SCRIPT = "#!/bin/sh\n"
DIGEST = hashlib.sha1(SCRIPT.encode()).hexdigest()


@pytest.mark.parametrize("kept", [SCRIPT, DIGEST])
def test_user_data_is_told_by_its_hash_whichever_the_provider_keeps(kept: str) -> None:
    body = bodies(resource("aws_instance.a", {"id": "i-1", "user_data": kept}), of="aws_instance.a")
    assert f"hexdigest() == {DIGEST!r}" in body


ALARM = {
    "id": "a",
    "alarm_name": "a",
    "namespace": "Shop",
    "metric_name": "Errors",
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 1,
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 5,
}


def test_an_alarm_is_raised_by_a_datapoint_beyond_its_threshold() -> None:
    body = bodies(resource("aws_cloudwatch_metric_alarm.a", ALARM), of="aws_cloudwatch_metric_alarm.a")
    assert "'Value': 15.0" in body
    assert "copy_is_raised(" in body
    assert "'Threshold': 5" in body


@pytest.mark.parametrize(
    "other",
    [
        {"period": 300},
        {"evaluation_periods": 3},
        {"namespace": "AWS/EC2"},
        {"statistic": "SampleCount"},
        {"comparison_operator": "LessThanThreshold"},  # what others put in the same minute counts as well
        {"metric_query": [{"id": "m", "expression": "a / b"}]},
    ],
)
def test_an_alarm_that_one_datapoint_would_not_raise_in_time_is_set_off_by_hand(other: dict[str, Any]) -> None:
    alarm = resource("aws_cloudwatch_metric_alarm.a", ALARM | other)
    body = bodies(alarm, of="aws_cloudwatch_metric_alarm.a")
    assert "put_metric_data" not in body
    assert "drill(" in body


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("", "anything at all"),
        ("REJECT", "seen today: REJECT"),
        ("?ERROR ?FATAL", "seen today: ERROR FATAL"),
        ('{ $.a.type = "Root" }', '{"a": {"type": "Root"}}'),
        ("{ $.latency > 100 }", '{"latency": 101}'),
        ("{ $.latency >= 100 }", '{"latency": 100}'),
        ("{ $.latency < 100 }", '{"latency": 99}'),
        ("[time, level = WARN*]", None),
        ("ERROR -minor", None),
        ('{ $.a = "b" && $.c = 1 }', None),
    ],
)
def test_a_filter_is_shown_a_line_that_its_pattern_matches(pattern: str, line: str | None) -> None:
    shape = [{"name": "N", "namespace": "S", "value": "2"}]
    attributes = {
        "id": "f",
        "name": "f",
        "pattern": pattern,
        "metric_transformation": shape,
        "log_group_name": "g",
    }
    body = bodies(
        resource("aws_cloudwatch_log_metric_filter.f", attributes), of="aws_cloudwatch_log_metric_filter.f"
    )
    assert ("counted(" in body) == (line is not None)
    assert line is None or f"{line!r})" in body
    assert line is None or "< before + 2.0" in body


API = {"id": "api", "root_resource_id": "root", "name": "shop"}
METHOD = {"rest_api_id": "api", "resource_id": "r", "http_method": "POST"}


def api(**method: Any) -> tuple[Resource, ...]:
    """An API whose POST /orders/{id} is a mock, on one stage."""
    return (
        resource("aws_api_gateway_rest_api.a", API),
        resource("aws_api_gateway_resource.r", {"id": "r", "rest_api_id": "api", "path": "/orders/{id}"}),
        resource("aws_api_gateway_method.m", {**METHOD, "id": "m", "authorization": "NONE", **method}),
        resource(
            "aws_api_gateway_integration.i",
            {**METHOD, "id": "i", "type": "MOCK", "request_templates": {mocks.JSON: '{"statusCode": 201}'}},
        ),
        resource(
            "aws_api_gateway_integration_response.s",
            {**METHOD, "id": "s", "status_code": "202", "response_templates": {mocks.JSON: '{"ok": true}'}},
        ),
        resource("aws_api_gateway_stage.s", {"id": "st", "rest_api_id": "api", "stage_name": "live"}),
    )


def key(rate: int, name: str) -> tuple[Resource, ...]:
    """An API key with the usage plan that lets it in."""
    stage = {"api_id": "api", "stage": "live"}
    plan = {"id": f"p-{name}", "api_stages": [stage], "throttle_settings": [{"rate_limit": rate}]}
    return (
        resource(f"aws_api_gateway_api_key.{name}", {"id": name, "enabled": True}),
        resource(f"aws_api_gateway_usage_plan.{name}", plan),
        resource(
            f"aws_api_gateway_usage_plan_key.{name}", {"id": "k", "key_id": name, "usage_plan_id": f"p-{name}"}
        ),
    )


def test_a_mock_is_called_on_its_stage_and_answers_by_its_templates() -> None:
    body = bodies(*api(), of="aws_api_gateway_rest_api.a")
    assert "'POST', '/orders/a1')" in body
    assert "assert status == 202" in body
    assert "assert body == {'ok': True}" in body
    assert "403" not in body


def test_a_method_that_wants_a_key_is_called_with_the_least_throttled_and_without() -> None:
    found = bodies(
        *api(api_key_required=True), *key(1, "slow"), *key(50, "quick"), of="aws_api_gateway_rest_api.a"
    )
    assert "'x-api-key': deployed['aws_api_gateway_api_key.quick']['value']" in found
    assert "slow" not in found
    assert "assert status == 403" in found
    assert "call_stage" not in bodies(*api(api_key_required=True), of="aws_api_gateway_rest_api.a")


def test_a_validated_method_is_sent_what_its_model_accepts_and_what_it_refuses() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 3}}}
    more = (
        resource("aws_api_gateway_request_validator.v", {"id": "v", "validate_request_body": True}),
        resource("aws_api_gateway_model.o", {"rest_api_id": "api", "name": "Order", "schema": json.dumps(schema)}),
        resource(
            "aws_api_gateway_gateway_response.b",
            {"rest_api_id": "api", "response_type": "BAD_REQUEST_BODY", "status_code": "422"},
        ),
    )
    method = {"request_validator_id": "v", "request_models": {mocks.JSON: "Order"}}
    found = bodies(*api(**method), *more, of="aws_api_gateway_rest_api.a")
    assert "json.dumps({'n': 4})" in found
    assert "assert status == 422" in found


def test_the_methods_of_an_openapi_document_are_called_too() -> None:
    integration = {
        "type": "mock",
        "requestTemplates": {mocks.JSON: '{"statusCode": 404}'},
        "responses": {
            "default": {"statusCode": "200", "responseTemplates": {mocks.JSON: "{}"}},
            "4..": {"statusCode": "404", "responseTemplates": {mocks.JSON: '{"id": "$input.params(1)"}'}},
        },
    }
    parameter = {"name": "day", "in": "query", "required": True}
    method = {
        "x-amazon-apigateway-integration": integration,
        "x-amazon-apigateway-request-validator": "all",
        "parameters": [parameter],
    }
    validators = {"all": {"validateRequestParameters": True}}
    document = {"x-amazon-apigateway-request-validators": validators, "paths": {"/tides": {"get": method}}}
    whole = resource("aws_api_gateway_rest_api.a", API | {"body": json.dumps(document)})
    body = bodies(whole, api()[-1], of="aws_api_gateway_rest_api.a")
    assert "'GET', '/tides?day=a1')" in body
    assert "assert status == 404" in body
    assert "assert body ==" not in body  # what a template makes of a call is not known before
    assert "'GET', '/tides')" in body
    assert "assert status == 400" in body


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [("v=spf1 -all", "TXT", """['"v=spf1 -all"']"""), ("10 mx.a.example", "MX", "['10 mx.a.example']")],
)
def test_a_record_is_found_by_its_identifier_with_the_weight_that_was_asked_for(
    value: str, kind: str, told: str
) -> None:
    zone = resource("aws_route53_zone.z", {"id": "Z1", "zone_id": "Z1", "name": "a.example"})
    record = {"id": "r", "zone_id": "Z1", "name": "a", "fqdn": "a.a.example", "type": kind, "ttl": 60}
    more = {"records": [value], "set_identifier": "blue", "weighted_routing_policy": [{"weight": 0}]}
    body = bodies(zone, resource("aws_route53_record.r", record | more), of="aws_route53_record.r")
    assert "answer['blue']" in body
    assert "'Weight': 0" in body
    assert f"== {told}" in body


def test_a_zone_of_networks_is_private_to_all_of_them() -> None:
    zone = resource("aws_route53_zone.z", {"id": "Z1", "zone_id": "Z1", "name": "a", "vpc": [{"vpc_id": "vpc-1"}]})
    other = resource("aws_vpc.b", {**VPC, "id": "vpc-2"})
    joined = resource("aws_route53_zone_association.b", {"id": "x", "zone_id": "Z1", "vpc_id": "vpc-2"})
    body = bodies(zone, other, joined, *network(), of="aws_route53_zone.z")
    assert "['PrivateZone'] is True" in body
    assert "{deployed['aws_vpc.a']['id'], deployed['aws_vpc.b']['id']}" in body


def test_a_stack_has_the_resources_of_its_template_whether_that_is_json_or_yaml() -> None:
    yaml = "Resources:\n  Topic:\n    Type: x\n  Queue:\n    Type: y\nOutputs:\n  O:\n"
    for text in (yaml, json.dumps({"Resources": {"Queue": {}, "Topic": {}}})):
        stack = resource(
            "aws_cloudformation_stack.s", {"id": "s", "name": "s", "template_body": text, "outputs": {}}
        )
        assert "wanted = ['Queue', 'Topic']" in bodies(stack, of="aws_cloudformation_stack.s")


def test_a_template_with_conditions_may_leave_resources_out() -> None:
    text = json.dumps({"Conditions": {"c": True}, "Resources": {"Queue": {}}})
    stack = resource("aws_cloudformation_stack.s", {"id": "s", "name": "s", "template_body": text})
    assert "Queue" not in bodies(stack, of="aws_cloudformation_stack.s")


def test_a_group_is_looked_for_where_something_is_deployed() -> None:
    group = resource("aws_resourcegroups_group.g", {"id": "g", "name": "g", "arn": "arn:aws:x:us-west-1:1:g"})
    (test,) = probed(group, *network(), of="aws_resourcegroups_group.g")
    assert test.region is None
    west = resource("aws_vpc.w", {**VPC, "arn": "arn:aws:ec2:us-west-1:1:vpc/w"})
    (test,) = probed(group, west, of="aws_resourcegroups_group.g")
    assert test.region == "us-west-1"


def test_a_rule_of_config_judges_with_the_parameters_that_were_asked_for() -> None:
    source = [{"owner": "AWS", "source_identifier": "REQUIRED_TAGS"}]
    rule = {"id": "r", "name": "r", "source": source, "input_parameters": '{"tag1Key": "Owner"}'}
    body = bodies(resource("aws_config_config_rule.r", rule), of="aws_config_config_rule.r")
    assert "== 'REQUIRED_TAGS'" in body
    assert "== {'tag1Key': 'Owner'}" in body


@pytest.mark.parametrize(
    ("flows", "flow"),
    [
        (["ALLOW_USER_PASSWORD_AUTH"], "'USER_PASSWORD_AUTH'"),
        (["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"], "'ADMIN_USER_PASSWORD_AUTH'"),
        (["ALLOW_USER_SRP_AUTH"], None),
    ],
)
def test_users_sign_in_with_a_password_only_where_that_is_allowed(flows: list[str], flow: str | None) -> None:
    pool = resource("aws_cognito_user_pool.p", {"id": "p", "name": "p", "username_attributes": ["email"]})
    client = {"id": "c", "user_pool_id": "p", "explicit_auth_flows": flows}
    body = bodies(pool, resource("aws_cognito_user_pool_client.c", client), of="aws_cognito_user_pool_client.c")
    assert ("sign_in(" in body) is (flow is not None)
    assert flow is None or f"flow, name, password = {flow}, f'{{uuid4()}}@example.com'" in body


def test_what_an_app_may_not_contain_is_not_asked_for_in_one() -> None:
    asked = {"description": "see https://wiki.acme.io/x", "name": "n", "size": 1}
    it = resource("aws_ebs_volume.v", asked)
    world = World([it], "eu-west-1")
    assert asking.settings(it, world, {"D": "description", "N": "name"}) == {"N": "'n'"}


def test_a_reference_is_to_the_resource_that_was_deployed_and_else_to_the_attribute() -> None:
    it = resource("aws_nat_gateway.n", {"subnet_id": "subnet-1", "others": ["subnet-1", "subnet-9"]})
    world = World(network(it), "eu-west-1")
    found = asking.references(it, world, {"S": "subnet_id", "O": "others"})
    assert found["S"] == "deployed['aws_subnet.a']['id']"
    assert found["O"] == "sorted(deployed['aws_nat_gateway.n']['others'])"


def test_the_region_is_that_of_the_resource_nearby_where_there_is_no_arn() -> None:
    far = resource("aws_vpc.far", {**VPC, "id": "vpc-9", "arn": "arn:aws:ec2:us-east-1:000000000000:vpc/vpc-9"})
    gateway = resource("aws_internet_gateway.far", {"id": "igw-9", "vpc_id": "vpc-9"})
    (test,) = probed(far, gateway, of="aws_internet_gateway.far")
    assert test.region == "us-east-1"
    assert test.covers == ("aws_internet_gateway.far", "aws_vpc.far")


def test_no_json_term_is_taken_for_another_sign() -> None:
    found = logs.JSON_TERM.fullmatch("{ $.a >= 1 }")
    assert found is not None
    assert found["sign"] == ">="


@pytest.mark.parametrize(
    ("address", "attribute", "member"),
    [
        ("aws_launch_template.x", "image_id", "ImageId"),
        ("aws_launch_configuration.x", "image_id", "ImageId"),
        ("aws_subnet.x", "availability_zone", "AvailabilityZone"),
        ("aws_ebs_volume.x", "availability_zone", "AvailabilityZone"),
    ],
)
def test_what_an_emulator_has_names_of_its_own_for_is_no_literal(
    address: str, attribute: str, member: str
) -> None:
    body = bodies(resource(address, {"id": "x", "name": "x", attribute: "of-this-emulator"}), of=address)
    assert "of-this-emulator" not in body
    assert f"{member!r}: deployed[{address!r}][{attribute!r}]" in body


def test_a_service_refers_to_a_cluster_by_arn_only_where_it_was_given_one() -> None:
    cluster = resource("aws_ecs_cluster.c", {"id": "arn:aws:ecs:c", "name": "shop"})
    service = {"id": "s", "name": "s", "desired_count": 2, "task_definition": "web"}
    by_arn = resource("aws_ecs_service.s", {**service, "cluster": "arn:aws:ecs:c"})
    assert "'clusterArn': deployed['aws_ecs_cluster.c']['id']" in bodies(cluster, by_arn, of="aws_ecs_service.s")
    by_name = resource("aws_ecs_service.s", {**service, "cluster": "shop"})
    body = bodies(cluster, by_name, of="aws_ecs_service.s")
    assert "clusterArn" not in body
    assert "'desiredCount': 2" in body
