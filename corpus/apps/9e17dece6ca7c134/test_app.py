"""An animation studio's render farm: launch templates with user data, Auto Scaling
groups with mixed schedules, target tracking, and lifecycle hooks that tell a
topic."""

import ipaddress
import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import admitted, agrees, meaning, new_address, overhear, part, try_subnet


def test_autoscaling_group_pool_frames_is_as_it_was_asked_to_be(autoscaling, deployed):
    it = deployed['aws_autoscaling_group.pool["frames"]']
    answer = autoscaling.describe_auto_scaling_groups(
        AutoScalingGroupNames=[it["name"]]
    )
    found = answer["AutoScalingGroups"][0]
    wanted = {"MinSize": 0, "MaxSize": 40}
    assert part(found, wanted) == wanted


def test_autoscaling_group_pool_previews_is_as_it_was_asked_to_be(
    autoscaling, deployed
):
    it = deployed['aws_autoscaling_group.pool["previews"]']
    answer = autoscaling.describe_auto_scaling_groups(
        AutoScalingGroupNames=[it["name"]]
    )
    found = answer["AutoScalingGroups"][0]
    wanted = {"MinSize": 0, "MaxSize": 4}
    assert part(found, wanted) == wanted


def test_autoscaling_policy_busy_frames_is_as_it_was_asked_to_be(autoscaling, deployed):
    it = deployed['aws_autoscaling_policy.busy["frames"]']
    answer = autoscaling.describe_policies(PolicyNames=[it["name"]])
    found = answer["ScalingPolicies"][0]
    wanted = {
        "PolicyName": "render-farm-frames-busy",
        "PolicyType": "TargetTrackingScaling",
        "AutoScalingGroupName": deployed['aws_autoscaling_group.pool["frames"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_autoscaling_policy_busy_previews_is_as_it_was_asked_to_be(
    autoscaling, deployed
):
    it = deployed['aws_autoscaling_policy.busy["previews"]']
    answer = autoscaling.describe_policies(PolicyNames=[it["name"]])
    found = answer["ScalingPolicies"][0]
    wanted = {
        "PolicyName": "render-farm-previews-busy",
        "PolicyType": "TargetTrackingScaling",
        "AutoScalingGroupName": deployed['aws_autoscaling_group.pool["previews"]'][
            "id"
        ],
    }
    assert part(found, wanted) == wanted


def test_role_hook_trusts_whom_was_asked(iam, deployed):
    role = deployed["aws_iam_role.hook"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "autoscaling.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_policy_hook_says_what_was_asked(iam, deployed):
    it = deployed["aws_iam_role_policy.hook"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["aws_iam_role_policy.hook"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


def test_launch_template_pool_frames_says_how_instances_are_made(ec2, deployed):
    template = deployed['aws_launch_template.pool["frames"]']
    answer = ec2.describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=["$Latest"]
    )
    [version] = answer["LaunchTemplateVersions"]
    found = version["LaunchTemplateData"]
    wanted = {
        "InstanceType": "c5.4xlarge",
        "UserData": "IyEvYmluL3NoCiMgQSBub2RlIG9mIHRoZSBwb29sIGZyYW1lcy4Kc2V0IC1ldQpta2RpciAtcCAvc2NyYXRjaApleGVjIHJlbmRlci1ub2RlIC0tcG9vbCAiZnJhbWVzIiAtLXRocmVhZHMgMTYgLS1zY3JhdGNoIC9zY3JhdGNoCg==",
        "ImageId": deployed['aws_launch_template.pool["frames"]']["image_id"],
        "SecurityGroupIds": [deployed["aws_security_group.farm"]["id"]],
    }
    assert part(found, wanted) == wanted
    with pytest.raises(ClientError, match="AlreadyExists"):
        ec2.create_launch_template(
            LaunchTemplateName=template["name"],
            LaunchTemplateData={"InstanceType": "t3.micro"},
        )


def test_launch_template_pool_previews_says_how_instances_are_made(ec2, deployed):
    template = deployed['aws_launch_template.pool["previews"]']
    answer = ec2.describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=["$Latest"]
    )
    [version] = answer["LaunchTemplateVersions"]
    found = version["LaunchTemplateData"]
    wanted = {
        "InstanceType": "c5.large",
        "UserData": "IyEvYmluL3NoCiMgQSBub2RlIG9mIHRoZSBwb29sIHByZXZpZXdzLgpzZXQgLWV1Cm1rZGlyIC1wIC9zY3JhdGNoCmV4ZWMgcmVuZGVyLW5vZGUgLS1wb29sICJwcmV2aWV3cyIgLS10aHJlYWRzIDIgLS1zY3JhdGNoIC9zY3JhdGNoCg==",
        "ImageId": deployed['aws_launch_template.pool["previews"]']["image_id"],
        "SecurityGroupIds": [deployed["aws_security_group.farm"]["id"]],
    }
    assert part(found, wanted) == wanted
    with pytest.raises(ClientError, match="AlreadyExists"):
        ec2.create_launch_template(
            LaunchTemplateName=template["name"],
            LaunchTemplateData={"InstanceType": "t3.micro"},
        )


def test_security_group_farm_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["aws_security_group.farm"]
    assert admitted(ec2, group) == {
        ("in", "tcp", 7000, 7010, "10.20.0.0/20"),
        ("in", "tcp", 7000, 7010, "10.20.16.0/20"),
    }


def test_topic_farm_tells_a_subscriber(sns, sqs, deployed):
    topic = deployed["aws_sns_topic.farm"]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }


def test_subnet_farm_0_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.farm[0]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.20.0.0/20",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.farm[0]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.farm"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_farm_0_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.farm[0]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.20.0.0/20")
    assert (
        try_subnet(ec2, deployed["aws_vpc.farm"]["id"], "10.20.0.0/20")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_farm_1_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed["aws_subnet.farm[1]"]
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.20.16.0/20",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed["aws_subnet.farm[1]"]["availability_zone"],
        "VpcId": deployed["aws_vpc.farm"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_farm_1_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed["aws_subnet.farm[1]"]
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.20.16.0/20")
    assert (
        try_subnet(ec2, deployed["aws_vpc.farm"]["id"], "10.20.16.0/20")
        == "InvalidSubnet.Conflict"
    )


def test_network_farm_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["aws_vpc.farm"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.20.0.0/16"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True


def test_network_farm_has_no_room_for_a_subnet_of_other_addresses(ec2, deployed):
    vpc = deployed["aws_vpc.farm"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"
