"""Containers, load balancers and what scales them; names of services and APIs of the second version."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import (
    by_id,
    compared,
    pointer,
    references,
    settings,
    written,
)
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@dataclass(frozen=True)
class Reading:
    """How a resource is read back: the call, where the answer has it, and what it must say there."""

    call: str
    found: str
    asked: Mapping[str, str] = field(default_factory=dict)
    referred: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


NAMED = {"name": "name"}
TARGET = (
    'application_autoscaling.describe_{}(ServiceNamespace=it["service_namespace"], ResourceId=it["resource_id"], '
    'ScalableDimension=it["scalable_dimension"])'
)
POLICY = {"PolicyName": "name", "PolicyType": "policy_type"}
V2 = {
    "Name": "name",
    "ProtocolType": "protocol_type",
    "RouteSelectionExpression": "route_selection_expression",
    "Description": "description",
}

READINGS: dict[str, Reading] = {
    "aws_ecs_cluster": Reading(
        'ecs.describe_clusters(clusters=[it["name"]])',
        'answer["clusters"][0]',
        {"clusterName": "name"},
        fixed={"status": "'ACTIVE'"},
    ),
    "aws_ecs_service": Reading(
        'ecs.describe_services(cluster=it["cluster"], services=[it["name"]])',
        'answer["services"][0]',
        {
            "desiredCount": "desired_count",
            "launchType": "launch_type",
            "schedulingStrategy": "scheduling_strategy",
        },
        {"taskDefinition": "task_definition", "clusterArn": "cluster"},
        {"status": "'ACTIVE'"},
    ),
    "aws_lb": Reading(
        'elbv2.describe_load_balancers(LoadBalancerArns=[it["arn"]])',
        'answer["LoadBalancers"][0]',
        {"LoadBalancerName": "name", "Type": "load_balancer_type"},
        {"SecurityGroups": "security_groups"},
    ),
    "aws_lb_target_group": Reading(
        'elbv2.describe_target_groups(TargetGroupArns=[it["arn"]])',
        'answer["TargetGroups"][0]',
        {"TargetGroupName": "name", "Port": "port", "Protocol": "protocol", "TargetType": "target_type"},
        {"VpcId": "vpc_id"},
    ),
    "aws_lb_listener": Reading(
        'elbv2.describe_listeners(ListenerArns=[it["arn"]])',
        'answer["Listeners"][0]',
        {"Port": "port", "Protocol": "protocol"},
        {"LoadBalancerArn": "load_balancer_arn"},
    ),
    "aws_autoscaling_group": Reading(
        'autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[it["name"]])',
        'answer["AutoScalingGroups"][0]',
        {
            "MinSize": "min_size",
            "MaxSize": "max_size",
            "DefaultCooldown": "default_cooldown",
            "HealthCheckType": "health_check_type",
        },
    ),
    "aws_launch_configuration": Reading(
        'autoscaling.describe_launch_configurations(LaunchConfigurationNames=[it["name"]])',
        'answer["LaunchConfigurations"][0]',
        {"InstanceType": "instance_type", "EbsOptimized": "ebs_optimized"},
        {"ImageId": "image_id"},
    ),
    "aws_autoscaling_policy": Reading(
        'autoscaling.describe_policies(PolicyNames=[it["name"]])',
        'answer["ScalingPolicies"][0]',
        POLICY | {"AdjustmentType": "adjustment_type", "ScalingAdjustment": "scaling_adjustment"},
        {"AutoScalingGroupName": "autoscaling_group_name"},
    ),
    "aws_appautoscaling_target": Reading(
        'application_autoscaling.describe_scalable_targets(ServiceNamespace=it["service_namespace"], '
        'ResourceIds=[it["resource_id"]], ScalableDimension=it["scalable_dimension"])',
        'answer["ScalableTargets"][0]',
        {"MinCapacity": "min_capacity", "MaxCapacity": "max_capacity"},
    ),
    "aws_appautoscaling_policy": Reading(
        TARGET.format("scaling_policies"),
        '{p["PolicyName"]: p for p in answer["ScalingPolicies"]}[it["name"]]',
        POLICY,
    ),
    "aws_appautoscaling_scheduled_action": Reading(
        TARGET.format("scheduled_actions"),
        '{a["ScheduledActionName"]: a for a in answer["ScheduledActions"]}[it["name"]]',
        {"Schedule": "schedule", "Timezone": "timezone"},
    ),
    "aws_service_discovery_private_dns_namespace": Reading(
        'servicediscovery.get_namespace(Id=it["id"])',
        'answer["Namespace"]',
        {"Name": "name"},
        {},
        {"Type": "'DNS_PRIVATE'"},
    ),
    "aws_service_discovery_public_dns_namespace": Reading(
        'servicediscovery.get_namespace(Id=it["id"])',
        'answer["Namespace"]',
        {"Name": "name"},
        {},
        {"Type": "'DNS_PUBLIC'"},
    ),
    "aws_service_discovery_http_namespace": Reading(
        'servicediscovery.get_namespace(Id=it["id"])',
        'answer["Namespace"]',
        {"Name": "name"},
        {},
        {"Type": "'HTTP'"},
    ),
    "aws_apigatewayv2_api": Reading('apigatewayv2.get_api(ApiId=it["id"])', "answer", V2),
    "aws_apigatewayv2_stage": Reading(
        'apigatewayv2.get_stage(ApiId=it["api_id"], StageName=it["name"])',
        "answer",
        {"AutoDeploy": "auto_deploy", "StageVariables": "stage_variables", "Description": "description"},
    ),
    "aws_apigatewayv2_route": Reading(
        'apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])',
        "answer",
        {"RouteKey": "route_key", "AuthorizationType": "authorization_type", "ApiKeyRequired": "api_key_required"},
    ),
    "aws_apigatewayv2_integration": Reading(
        'apigatewayv2.get_integration(ApiId=it["api_id"], IntegrationId=it["id"])',
        "answer",
        {
            "IntegrationType": "integration_type",
            "IntegrationMethod": "integration_method",
            "PayloadFormatVersion": "payload_format_version",
        },
    ),
    "aws_apigatewayv2_authorizer": Reading(
        'apigatewayv2.get_authorizer(ApiId=it["api_id"], AuthorizerId=it["id"])',
        "answer",
        {"Name": "name", "AuthorizerType": "authorizer_type", "IdentitySource": "identity_sources"},
    ),
}
"""Types without behaviour of their own that a test can see; what they do, others do with them."""


@probe(*READINGS)
def as_asked(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the service keeps what was asked of it, and what it refers to."""
    reading = READINGS[it.type]
    wanted = settings(it, world, reading.asked) | dict(reading.fixed)
    wanted |= {
        member: source
        for member, source in references(it, world, reading.referred).items()
        # A name in place of an ARN is read back as the ARN.
        if member.endswith(("Arn", "taskDefinition"))
        is str(it.attributes[reading.referred[member]]).startswith("arn:")
    }
    yield written(
        f"{it.type.removeprefix('aws_')}_{{}}_is_as_it_was_asked_to_be",
        it,
        world,
        f"it = {world.ref(it)}",
        f"answer = {reading.call}",
        f"found = {reading.found}",
        *compared(wanted),
        *_more(it, world),
        near=by_id(world, it.attributes.get("api_id"), "aws_apigatewayv2_api"),
    )
    if it.type == "aws_lb_target_group" and it.attributes.get("target_type") == "ip":
        yield from _takes_targets(it, world)


def _more(it: Resource, world: World) -> Iterator[str]:
    attributes: Any = it.attributes
    if it.type == "aws_lb_listener":
        for number, action in enumerate(attributes.get("default_action") or ()):
            yield f"assert found['DefaultActions'][{number}]['Type'] == {action['type']!r}"
            if action.get("target_group_arn"):
                target = pointer(it, world, action["target_group_arn"], "default_action")
                if "default_action" not in target:
                    yield f"assert found['DefaultActions'][{number}]['TargetGroupArn'] == {target}"
    elif it.type == "aws_lb":
        subnets = [pointer(it, world, subnet, "subnets") for subnet in attributes.get("subnets") or ()]
        if subnets and not any("'subnets'" in source for source in subnets):
            yield f"subnets = {{{', '.join(subnets)}}}"
            yield "assert {zone['SubnetId'] for zone in found['AvailabilityZones']} == subnets"


def _takes_targets(it: Resource, world: World) -> Iterator[Test]:
    vpc = by_id(world, it.attributes.get("vpc_id"), "aws_vpc")
    block = vpc.attributes.get("cidr_block") if vpc else None
    if isinstance(block, str) and vpc:
        yield written(
            "lb_target_group_{}_takes_a_target_and_lets_it_go",
            it,
            world,
            f"it = {world.ref(it)}",
            f"address = ipaddress.ip_network({world.ref(vpc)}['cidr_block'])[77]",
            "target = {'Id': str(address), 'Port': it['port']}",
            "elbv2.register_targets(TargetGroupArn=it['arn'], Targets=[target])",
            "answer = elbv2.describe_target_health(TargetGroupArn=it['arn'])",
            "elbv2.deregister_targets(TargetGroupArn=it['arn'], Targets=[target])",
            "described = answer['TargetHealthDescriptions']",
            "assert str(address) in [found['Target']['Id'] for found in described]",
        )


@probe("aws_ecs_task_definition")
def task_definition(it: Resource, world: World) -> Iterator[Test]:
    """Yield of which containers a task is made, and with how much of what."""
    wanted = settings(
        it, world, {"family": "family", "cpu": "cpu", "memory": "memory", "networkMode": "network_mode"}
    )
    lines = [
        f"it = {world.ref(it)}",
        'answer = ecs.describe_task_definition(taskDefinition=it["arn"])',
        'found = answer["taskDefinition"]',
        *compared(wanted | {"status": "'ACTIVE'"}),
    ]
    asked = world.asked(it, "container_definitions") or it.attributes.get("container_definitions")
    try:
        containers = {c["name"]: c["image"] for c in json.loads(str(asked))}
    except (ValueError, KeyError, TypeError):
        containers = {}
    if containers and sayable(containers):
        lines += [
            'images = {c["name"]: c["image"] for c in found["containerDefinitions"]}',
            f"assert images == {containers!r}",
        ]
    yield written("task_{}_is_made_of_the_containers_that_were_asked_for", it, world, *lines)
