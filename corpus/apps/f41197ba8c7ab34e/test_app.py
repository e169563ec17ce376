"""A shop in containers: images in ECR, Fargate services in ECS behind a load
balancer with path rules, names in a private namespace and shared files on EFS."""

import ipaddress
import json
from uuid import uuid4

import pytest

from app import (
    admitted,
    agrees,
    log_and_read,
    log_group_settings,
    meaning,
    new_address,
    new_stream,
    part,
    registered,
    try_subnet,
)


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_log_group.this["basket"]',
        'aws_cloudwatch_log_group.this["cellar"]',
        'aws_cloudwatch_log_group.this["storefront"]',
    ],
)
def test_every_log_group_keeps_lines_as_long_as_asked(logs, deployed, address):
    group = deployed[address]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 14


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_log_group.this["basket"]',
        'aws_cloudwatch_log_group.this["cellar"]',
        'aws_cloudwatch_log_group.this["storefront"]',
    ],
)
def test_every_log_group_gives_back_what_is_logged(logs, deployed, address):
    group = deployed[address]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


@pytest.mark.parametrize(
    "address",
    [
        'aws_ecr_lifecycle_policy.this["basket"]',
        'aws_ecr_lifecycle_policy.this["cellar"]',
        'aws_ecr_lifecycle_policy.this["storefront"]',
    ],
)
def test_every_repository_forgets_images_as_asked(ecr, deployed, address):
    found = ecr.get_lifecycle_policy(repositoryName=deployed[address]["repository"])
    assert agrees(
        json.loads(found["lifecyclePolicyText"]),
        {
            "rules": [
                {
                    "action": {"type": "expire"},
                    "description": "Keep the last 12 images",
                    "rulePriority": 1,
                    "selection": {
                        "countNumber": 12,
                        "countType": "imageCountMoreThan",
                        "tagStatus": "any",
                    },
                }
            ]
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_ecr_repository.this["basket"]',
        'aws_ecr_repository.this["cellar"]',
        'aws_ecr_repository.this["storefront"]',
    ],
)
def test_every_repository_treats_images_as_asked(ecr, deployed, address):
    it = deployed[address]
    (found,) = ecr.describe_repositories(repositoryNames=[it["name"]])["repositories"]
    assert found["repositoryUri"] == it["repository_url"]
    assert agrees(
        found,
        {
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
        },
    )
    assert isinstance(ecr.list_images(repositoryName=it["name"])["imageIds"], list)


def test_ecs_cluster_shop_is_as_it_was_asked_to_be(ecs, deployed):
    it = deployed["aws_ecs_cluster.shop"]
    answer = ecs.describe_clusters(clusters=[it["name"]])
    found = answer["clusters"][0]
    wanted = {"clusterName": "cheese-shop", "status": "ACTIVE"}
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'aws_ecs_service.this["basket"]',
            "aws_ecs_cluster.shop",
            'aws_ecs_task_definition.this["basket"]',
        ),
        (
            'aws_ecs_service.this["cellar"]',
            "aws_ecs_cluster.shop",
            'aws_ecs_task_definition.this["cellar"]',
        ),
    ],
)
def test_every_ecs_service_is_as_it_was_asked_to_be(
    ecs, deployed, address, other, third
):
    it = deployed[address]
    answer = ecs.describe_services(cluster=it["cluster"], services=[it["name"]])
    found = answer["services"][0]
    wanted = {
        "desiredCount": 1,
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "status": "ACTIVE",
        "taskDefinition": deployed[third]["arn"],
        "clusterArn": deployed[other]["id"],
    }
    assert part(found, wanted) == wanted


def test_ecs_service_this_storefront_is_as_it_was_asked_to_be(ecs, deployed):
    it = deployed['aws_ecs_service.this["storefront"]']
    answer = ecs.describe_services(cluster=it["cluster"], services=[it["name"]])
    found = answer["services"][0]
    wanted = {
        "desiredCount": 2,
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "status": "ACTIVE",
        "taskDefinition": deployed['aws_ecs_task_definition.this["storefront"]']["arn"],
        "clusterArn": deployed["aws_ecs_cluster.shop"]["id"],
    }
    assert part(found, wanted) == wanted


def test_task_this_basket_is_made_of_the_containers_that_were_asked_for(ecs, deployed):
    it = deployed['aws_ecs_task_definition.this["basket"]']
    answer = ecs.describe_task_definition(taskDefinition=it["arn"])
    found = answer["taskDefinition"]
    wanted = {
        "family": "cheese-shop-basket",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "status": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_task_this_cellar_is_made_of_the_containers_that_were_asked_for(ecs, deployed):
    it = deployed['aws_ecs_task_definition.this["cellar"]']
    answer = ecs.describe_task_definition(taskDefinition=it["arn"])
    found = answer["taskDefinition"]
    wanted = {
        "family": "cheese-shop-cellar",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "status": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_task_this_storefront_is_made_of_the_containers_that_were_asked_for(
    ecs, deployed
):
    it = deployed['aws_ecs_task_definition.this["storefront"]']
    answer = ecs.describe_task_definition(taskDefinition=it["arn"])
    found = answer["taskDefinition"]
    wanted = {
        "family": "cheese-shop-storefront",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "status": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_efs_file_system_cellar_is_as_asked(efs, deployed):
    it = deployed["aws_efs_file_system.cellar"]
    found = efs.describe_file_systems(FileSystemId=it["id"])["FileSystems"][0]
    assert agrees(found, {"Encrypted": True, "ThroughputMode": "bursting"})
    assert found["LifeCycleState"] == "available"


@pytest.mark.parametrize(
    "address", ["aws_efs_mount_target.cellar[0]", "aws_efs_mount_target.cellar[1]"]
)
def test_every_efs_mount_target_is_as_asked(efs, deployed, address):
    it = deployed[address]
    found = efs.describe_mount_targets(MountTargetId=it["id"])["MountTargets"][0]
    assert (found["FileSystemId"], found["SubnetId"]) == (
        it["file_system_id"],
        it["subnet_id"],
    )


def test_role_execution_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.execution"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_execution_has_its_tags(iam, deployed):
    found = iam.list_role_tags(RoleName=deployed["aws_iam_role.execution"]["name"])[
        "Tags"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Shop": "cheese-shop"}


def test_role_policy_execution_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.execution"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.execution"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_lb_shop_is_as_it_was_asked_to_be(elbv2, deployed):
    it = deployed["aws_lb.shop"]
    answer = elbv2.describe_load_balancers(LoadBalancerArns=[it["arn"]])
    found = answer["LoadBalancers"][0]
    wanted = {
        "LoadBalancerName": "cheese-shop",
        "Type": "application",
        "SecurityGroups": [deployed["aws_security_group.balancer"]["id"]],
    }
    assert part(found, wanted) == wanted
    subnets = {
        deployed["aws_subnet.this[0]"]["id"],
        deployed["aws_subnet.this[1]"]["id"],
    }
    assert {zone["SubnetId"] for zone in found["AvailabilityZones"]} == subnets


def test_lb_listener_http_is_as_it_was_asked_to_be(elbv2, deployed):
    it = deployed["aws_lb_listener.http"]
    answer = elbv2.describe_listeners(ListenerArns=[it["arn"]])
    found = answer["Listeners"][0]
    wanted = {
        "Port": 80,
        "Protocol": "HTTP",
        "LoadBalancerArn": deployed["aws_lb.shop"]["id"],
    }
    assert part(found, wanted) == wanted
    assert found["DefaultActions"][0]["Type"] == "fixed-response"


def test_lb_target_group_this_basket_is_as_it_was_asked_to_be(elbv2, deployed):
    it = deployed['aws_lb_target_group.this["basket"]']
    answer = elbv2.describe_target_groups(TargetGroupArns=[it["arn"]])
    found = answer["TargetGroups"][0]
    wanted = {
        "TargetGroupName": "cheese-shop-basket",
        "Port": 8081,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "VpcId": deployed["aws_vpc.shop"]["id"],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_lb_target_group.this["basket"]', "aws_vpc.shop"),
        ('aws_lb_target_group.this["cellar"]', "aws_vpc.shop"),
        ('aws_lb_target_group.this["storefront"]', "aws_vpc.shop"),
    ],
)
def test_every_lb_target_group_takes_a_target_and_lets_it_go(
    elbv2, deployed, address, other
):
    it = deployed[address]
    address = ipaddress.ip_network(deployed[other]["cidr_block"])[77]
    target = {"Id": str(address), "Port": it["port"]}
    elbv2.register_targets(TargetGroupArn=it["arn"], Targets=[target])
    answer = elbv2.describe_target_health(TargetGroupArn=it["arn"])
    elbv2.deregister_targets(TargetGroupArn=it["arn"], Targets=[target])
    described = answer["TargetHealthDescriptions"]
    assert str(address) in [found["Target"]["Id"] for found in described]


def test_lb_target_group_this_cellar_is_as_it_was_asked_to_be(elbv2, deployed):
    it = deployed['aws_lb_target_group.this["cellar"]']
    answer = elbv2.describe_target_groups(TargetGroupArns=[it["arn"]])
    found = answer["TargetGroups"][0]
    wanted = {
        "TargetGroupName": "cheese-shop-cellar",
        "Port": 8082,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "VpcId": deployed["aws_vpc.shop"]["id"],
    }
    assert part(found, wanted) == wanted


def test_lb_target_group_this_storefront_is_as_it_was_asked_to_be(elbv2, deployed):
    it = deployed['aws_lb_target_group.this["storefront"]']
    answer = elbv2.describe_target_groups(TargetGroupArns=[it["arn"]])
    found = answer["TargetGroups"][0]
    wanted = {
        "TargetGroupName": "cheese-shop-storefront",
        "Port": 8080,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "VpcId": deployed["aws_vpc.shop"]["id"],
    }
    assert part(found, wanted) == wanted


def test_security_group_balancer_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.balancer"]
    assert admitted(ec2, group) == {
        ("in", "tcp", 80, 80, "0.0.0.0/0"),
        ("out", "-1", None, None, "0.0.0.0/0"),
    }


def test_security_group_tasks_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.tasks"]
    assert admitted(ec2, group) == {
        ("in", "tcp", 8081, 8081, deployed["aws_security_group.balancer"]["id"]),
        ("in", "tcp", 8082, 8082, deployed["aws_security_group.balancer"]["id"]),
        ("in", "tcp", 8080, 8080, deployed["aws_security_group.balancer"]["id"]),
        ("out", "-1", None, None, "0.0.0.0/0"),
    }


def test_service_discovery_private_dns_namespace_shop_is_as_it_was_asked_to_be(
    servicediscovery, deployed
):
    it = deployed["aws_service_discovery_private_dns_namespace.shop"]
    answer = servicediscovery.get_namespace(Id=it["id"])
    found = answer["Namespace"]
    wanted = {"Name": "cheese-shop.internal", "Type": "DNS_PRIVATE"}
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_service_discovery_service.this["basket"]',
        'aws_service_discovery_service.this["cellar"]',
        'aws_service_discovery_service.this["storefront"]',
    ],
)
def test_every_service_lists_the_instances_of_its_own(
    servicediscovery, deployed, address
):
    service = deployed[address]
    identifier = str(uuid4())
    servicediscovery.register_instance(
        ServiceId=service["id"],
        InstanceId=identifier,
        Attributes={"AWS_INSTANCE_IPV4": "192.0.2.7", "AWS_INSTANCE_PORT": "80"},
    )
    try:
        found = registered(servicediscovery, service["id"], identifier)
        assert found["AWS_INSTANCE_IPV4"] == "192.0.2.7"
    finally:
        servicediscovery.deregister_instance(
            ServiceId=service["id"], InstanceId=identifier
        )


def test_subnet_this_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.this[0]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.42.0.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.this[0]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.shop"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_this_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.this[0]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.42.0.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.shop"]["id"], "10.42.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_this_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.this[1]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.42.1.0/24",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.this[1]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.shop"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_this_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.this[1]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.42.1.0/24")
    assert (
        try_subnet(ec2, deployed["aws_vpc.shop"]["id"], "10.42.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_network_shop_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["aws_vpc.shop"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.42.0.0/16"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_shop_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["aws_vpc.shop"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"
