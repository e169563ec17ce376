"""The landing zone of a tidal power company: a network with a NAT instance,
encrypted log buckets, people in groups, and alarms that reach the right topic."""

import hashlib
import ipaddress
import json
import time
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    admitted,
    agrees,
    attached,
    counted,
    drill,
    log_and_read,
    log_group_settings,
    meaning,
    new_address,
    new_stream,
    overhear,
    part,
    remove_object,
    running,
    table_of,
    try_subnet,
    user_data,
    verdicts,
    way_to,
)


def test_alarm_this_errors_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed['aws_cloudwatch_metric_alarm.this["errors"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "PlatformErrors reached 10",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "PlatformErrors",
        "Namespace": "tidepower-production",
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 10,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployed['aws_sns_topic.this["operations"]']["id"]],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_cloudwatch_metric_alarm.this["errors"]',
        'aws_cloudwatch_metric_alarm.this["rejected"]',
        'aws_cloudwatch_metric_alarm.this["root"]',
    ],
)
def test_every_alarm_remembers_why_it_changed(cloudwatch, deployed, address):
    alarm = deployed[address]
    assert drill(cloudwatch, alarm["alarm_name"])


def test_alarm_this_rejected_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed['aws_cloudwatch_metric_alarm.this["rejected"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "RejectedConnections reached 50",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "RejectedConnections",
        "Namespace": "tidepower-production",
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 50,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployed['aws_sns_topic.this["security"]']["id"]],
    }
    assert part(found, wanted) == wanted


def test_alarm_this_root_watches_what_it_was_asked_to(cloudwatch, deployed):
    alarm = deployed['aws_cloudwatch_metric_alarm.this["root"]']
    answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])
    [found] = answer["MetricAlarms"]
    wanted = {
        "ActionsEnabled": True,
        "AlarmDescription": "RootLogins reached 1",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "RootLogins",
        "Namespace": "tidepower-production",
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployed['aws_sns_topic.this["security"]']["id"]],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address", ['aws_sns_topic.this["operations"]', 'aws_sns_topic.this["security"]']
)
def test_every_topic_tells_a_subscriber(sns, sqs, deployed, address):
    topic = deployed[address]
    text = str(uuid4())
    found = overhear(sns, sqs, topic, text)
    notes = [json.loads(message["Body"]) for message in found]
    assert {(note["Message"], note["TopicArn"]) for note in notes} == {
        (text, topic["arn"])
    }


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_sns_topic_policy.this["operations"]', 'aws_sns_topic.this["operations"]'),
        ('aws_sns_topic_policy.this["security"]', 'aws_sns_topic.this["security"]'),
    ],
)
def test_every_policy_of_topic_rules_as_asked(sns, deployed, address, other):
    it = deployed[other]
    policy = sns.get_topic_attributes(TopicArn=it["arn"])["Attributes"].get("Policy")
    assert verdicts(policy) == [
        ["Allow", ["cloudwatch.amazonaws.com"], ["sns:Publish"]]
    ]
    assert meaning(policy) == meaning(deployed[address]["policy"])


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.logging.aws_cloudwatch_log_group.this["audit"]',
            "module.security.aws_kms_key.this",
        ),
        (
            'module.logging.aws_cloudwatch_log_group.this["flow"]',
            "module.security.aws_kms_key.this",
        ),
        (
            'module.logging.aws_cloudwatch_log_group.this["platform"]',
            "module.security.aws_kms_key.this",
        ),
    ],
)
def test_every_log_group_keeps_lines_as_long_as_asked(logs, deployed, address, other):
    group = deployed[address]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 90
    assert found["kmsKeyId"] == deployed[other]["arn"]


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_cloudwatch_log_group.this["audit"]',
        'module.logging.aws_cloudwatch_log_group.this["flow"]',
        'module.logging.aws_cloudwatch_log_group.this["platform"]',
    ],
)
def test_every_log_group_gives_back_what_is_logged(logs, deployed, address):
    group = deployed[address]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)


def test_metric_filter_logging_this_errors_feeds_its_metric(logs, deployed):
    counter = deployed['module.logging.aws_cloudwatch_log_metric_filter.this["errors"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == "?ERROR ?FATAL"
    wanted = {
        "metricName": "PlatformErrors",
        "metricNamespace": "tidepower-production",
        "metricValue": "1",
    }
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_logging_this_errors_counts_a_line_that_it_matches(
    cloudwatch, logs, deployed
):
    counter = deployed['module.logging.aws_cloudwatch_log_metric_filter.this["errors"]']
    group = counter["log_group_name"]
    metric = ("tidepower-production", "PlatformErrors")
    before = counted(cloudwatch, *metric)
    stream = new_stream(logs, group)
    try:
        assert log_and_read(logs, group, stream, "seen today: ERROR FATAL")
        deadline = time.monotonic() + 45
        while counted(cloudwatch, *metric) < before + 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


def test_metric_filter_logging_this_rejected_feeds_its_metric(logs, deployed):
    counter = deployed[
        'module.logging.aws_cloudwatch_log_metric_filter.this["rejected"]'
    ]
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == "REJECT"
    wanted = {
        "metricName": "RejectedConnections",
        "metricNamespace": "tidepower-production",
        "metricValue": "1",
    }
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_logging_this_rejected_counts_a_line_that_it_matches(
    cloudwatch, logs, deployed
):
    counter = deployed[
        'module.logging.aws_cloudwatch_log_metric_filter.this["rejected"]'
    ]
    group = counter["log_group_name"]
    metric = ("tidepower-production", "RejectedConnections")
    before = counted(cloudwatch, *metric)
    stream = new_stream(logs, group)
    try:
        assert log_and_read(logs, group, stream, "seen today: REJECT")
        deadline = time.monotonic() + 45
        while counted(cloudwatch, *metric) < before + 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


def test_metric_filter_logging_this_root_feeds_its_metric(logs, deployed):
    counter = deployed['module.logging.aws_cloudwatch_log_metric_filter.this["root"]']
    answer = logs.describe_metric_filters(
        logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]
    )
    [found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]
    assert found["filterPattern"] == '{ $.userIdentity.type = "Root" }'
    wanted = {
        "metricName": "RootLogins",
        "metricNamespace": "tidepower-production",
        "metricValue": "1",
    }
    assert part(found["metricTransformations"][0], wanted) == wanted


def test_metric_filter_logging_this_root_counts_a_line_that_it_matches(
    cloudwatch, logs, deployed
):
    counter = deployed['module.logging.aws_cloudwatch_log_metric_filter.this["root"]']
    group = counter["log_group_name"]
    metric = ("tidepower-production", "RootLogins")
    before = counted(cloudwatch, *metric)
    stream = new_stream(logs, group)
    try:
        assert log_and_read(logs, group, stream, '{"userIdentity": {"type": "Root"}}')
        deadline = time.monotonic() + 45
        while counted(cloudwatch, *metric) < before + 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


def test_role_logging_flow_trusts_whom_was_asked(iam, deployed):
    role = deployed["module.logging.aws_iam_role.flow"]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                }
            ],
        }
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address",
    [
        "module.logging.aws_iam_role.flow",
        'module.security.aws_iam_role.this["break-glass"]',
        'module.security.aws_iam_role.this["inspection"]',
    ],
)
def test_every_role_has_its_tags(iam, deployed, address):
    found = iam.list_role_tags(RoleName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Company": "tidepower",
        "Environment": "production",
    }


def test_role_policy_logging_flow_says_what_was_asked(iam, deployed):
    it = deployed["module.logging.aws_iam_role_policy.flow"]
    found = iam.get_role_policy(RoleName=it["role"], PolicyName=it["name"])
    assert meaning(found["PolicyDocument"]) == meaning(
        deployed["module.logging.aws_iam_role_policy.flow"]["policy"]
    )
    listed = iam.list_role_policies(RoleName=it["role"])
    assert it["name"] in listed["PolicyNames"]


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_s3_bucket.this["archive"]',
        'module.logging.aws_s3_bucket.this["trail"]',
    ],
)
def test_every_bucket_keeps_what_is_put(s3, deployed, address):
    bucket = deployed[address]["id"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    headers = {"ContentType": "text/x-lsqm", "Metadata": {"origin": "lsqm"}}
    try:
        put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == text
        assert {name: got[name] for name in headers} == headers
        assert got["ETag"] == put["ETag"]
        part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
        assert part["Body"].read() == text[2:6]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
    finally:
        remove_object(s3, bucket, key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.logging.aws_s3_bucket.this["archive"]',
            "module.security.aws_kms_key.this",
        ),
        (
            'module.logging.aws_s3_bucket.this["trail"]',
            "module.security.aws_kms_key.this",
        ),
    ],
)
def test_every_bucket_encrypts_with_its_key(s3, deployed, address, other):
    bucket = deployed[address]["bucket"]
    found = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    name = f"lsqm/{uuid4()}.txt"
    try:
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
        assert put["ServerSideEncryption"] == "aws:kms"
        assert put["SSEKMSKeyId"].endswith(deployed[other]["key_id"])
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
    finally:
        remove_object(s3, bucket, name)


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_s3_bucket.this["archive"]',
        'module.logging.aws_s3_bucket.this["trail"]',
    ],
)
def test_every_bucket_keeps_old_versions(s3, deployed, address):
    bucket = deployed[address]["bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    key = f"lsqm/{uuid4()}.txt"
    try:
        first = s3.put_object(Bucket=bucket, Key=key, Body=b"first")["VersionId"]
        second = s3.put_object(Bucket=bucket, Key=key, Body=b"second")["VersionId"]
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"second"
        s3.delete_object(Bucket=bucket, Key=key)
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=bucket, Key=key)
        for version, text in [(first, b"first"), (second, b"second")]:
            got = s3.get_object(Bucket=bucket, Key=key, VersionId=version)
            assert got["Body"].read() == text
        listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
        assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
        assert len(listed["DeleteMarkers"]) == 1
    finally:
        remove_object(s3, bucket, key)


def test_bucket_logging_this_archive_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(
        Bucket=deployed['module.logging.aws_s3_bucket.this["archive"]']["id"]
    )["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Company": "tidepower",
        "Environment": "production",
        "Keeps": "archive",
    }


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_s3_bucket.this["archive"]',
        'module.logging.aws_s3_bucket.this["trail"]',
    ],
)
def test_every_bucket_has_the_lifecycle_asked_for(s3, deployed, address):
    found = s3.get_bucket_lifecycle_configuration(Bucket=deployed[address]["bucket"])[
        "Rules"
    ]
    assert agrees(
        found,
        [
            {
                "ID": "to-cold-storage",
                "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
                "Status": "Enabled",
            }
        ],
    )


def test_bucket_logging_this_trail_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(
        Bucket=deployed['module.logging.aws_s3_bucket.this["trail"]']["id"]
    )["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Company": "tidepower",
        "Environment": "production",
        "Keeps": "trail",
    }


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_s3_bucket_policy.this["archive"]',
        'module.logging.aws_s3_bucket_policy.this["trail"]',
    ],
)
def test_every_bucket_policy_says_what_was_asked(s3, deployed, address):
    found = s3.get_bucket_policy(Bucket=deployed[address]["bucket"])["Policy"]
    assert meaning(found) == meaning(deployed[address]["policy"])


@pytest.mark.parametrize(
    "address",
    [
        'module.logging.aws_s3_bucket_public_access_block.this["archive"]',
        'module.logging.aws_s3_bucket_public_access_block.this["trail"]',
    ],
)
def test_every_bucket_has_the_public_access_block_asked_for(s3, deployed, address):
    found = s3.get_public_access_block(Bucket=deployed[address]["bucket"])[
        "PublicAccessBlockConfiguration"
    ]
    assert agrees(
        found,
        {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )


def test_security_group_network_this_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["module.network.aws_default_security_group.this"]
    assert admitted(ec2, group) == set()


def test_flow_log_network_this_records_what_it_was_asked_to(ec2, deployed):
    flow_log = deployed["module.network.aws_flow_log.this"]
    [found] = ec2.describe_flow_logs(FlowLogIds=[flow_log["id"]])["FlowLogs"]
    wanted = {
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "MaxAggregationInterval": 600,
        "LogDestination": deployed[
            'module.logging.aws_cloudwatch_log_group.this["flow"]'
        ]["arn"],
        "DeliverLogsPermissionArn": deployed["module.logging.aws_iam_role.flow"]["arn"],
        "ResourceId": deployed["module.network.aws_vpc.this"]["id"],
        "FlowLogStatus": "ACTIVE",
    }
    assert part(found, wanted) == wanted


def test_instance_network_nat_runs_as_it_was_asked_to(ec2, deployed):
    instance = deployed["module.network.aws_instance.nat"]
    found = running(ec2, instance["id"])
    assert found["State"]["Name"] == "running"
    assert found["ImageId"] == instance["ami"]
    wanted = {
        "InstanceType": "t3.micro",
        "SourceDestCheck": False,
        "SubnetId": deployed['module.network.aws_subnet.public["eu-west-2a"]']["id"],
    }
    assert part(found, wanted) == wanted


def test_instance_network_nat_is_told_what_to_do(ec2, deployed):
    instance = deployed["module.network.aws_instance.nat"]
    assert (
        hashlib.sha1(user_data(ec2, instance["id"])).hexdigest()
        == "8f6f048643fcfd0a7b0bca4c759b9a6f4a390d2b"
    )


def test_internet_gateway_network_this_is_the_way_out_of_its_network(ec2, deployed):
    gateway = deployed["module.network.aws_internet_gateway.this"]
    answer = ec2.describe_internet_gateways(InternetGatewayIds=[gateway["id"]])
    [found] = answer["InternetGateways"]
    assert [joined["VpcId"] for joined in found["Attachments"]] == [
        deployed["module.network.aws_vpc.this"]["id"]
    ]


def test_interface_of_network_nat_is_guarded_by_its_group(ec2, deployed):
    attachment = deployed["module.network.aws_network_interface_sg_attachment.nat"]
    answer = ec2.describe_network_interfaces(
        NetworkInterfaceIds=[
            deployed["module.network.aws_instance.nat"]["primary_network_interface_id"]
        ]
    )
    [found] = answer["NetworkInterfaces"]
    groups = [group["GroupId"] for group in found["Groups"]]
    assert attachment["security_group_id"] in groups


def test_route_network_internet_leads_where_it_was_asked_to(ec2, deployed):
    table = table_of(ec2, deployed['module.network.aws_subnet.public["eu-west-2a"]'])
    way = way_to(table, "203.0.113.80")
    assert (
        way.get("DestinationCidrBlock")
        == deployed["module.network.aws_route.internet"]["destination_cidr_block"]
    )
    assert (way.get("State"), way.get("GatewayId")) == (
        "active",
        deployed["module.network.aws_internet_gateway.this"]["id"],
    )


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'module.network.aws_route.nat["eu-west-2a"]',
            "module.network.aws_instance.nat",
            'module.network.aws_subnet.private["eu-west-2a"]',
        ),
        (
            'module.network.aws_route.nat["eu-west-2b"]',
            "module.network.aws_instance.nat",
            'module.network.aws_subnet.private["eu-west-2b"]',
        ),
    ],
)
def test_every_route_leads_where_it_was_asked_to(ec2, deployed, address, other, third):
    table = table_of(ec2, deployed[third])
    way = way_to(table, "203.0.113.80")
    assert (
        way.get("DestinationCidrBlock") == deployed[address]["destination_cidr_block"]
    )
    assert (way.get("State"), way.get("NetworkInterfaceId")) == (
        "active",
        deployed[other]["primary_network_interface_id"],
    )


@pytest.mark.parametrize(
    "address",
    [
        'module.network.aws_route_table.private["eu-west-2a"]',
        'module.network.aws_route_table.private["eu-west-2b"]',
        "module.network.aws_route_table.public",
    ],
)
def test_every_route_table_keeps_traffic_of_the_network_in_it(ec2, deployed, address):
    wanted = deployed[address]["id"]
    [table] = ec2.describe_route_tables(RouteTableIds=[wanted])["RouteTables"]
    assert way_to(table, "10.32.0.10").get("GatewayId") == "local"


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.network.aws_route_table_association.private["eu-west-2a"]',
            'module.network.aws_subnet.private["eu-west-2a"]',
        ),
        (
            'module.network.aws_route_table_association.private["eu-west-2b"]',
            'module.network.aws_subnet.private["eu-west-2b"]',
        ),
        (
            'module.network.aws_route_table_association.public["eu-west-2a"]',
            'module.network.aws_subnet.public["eu-west-2a"]',
        ),
        (
            'module.network.aws_route_table_association.public["eu-west-2b"]',
            'module.network.aws_subnet.public["eu-west-2b"]',
        ),
    ],
)
def test_every_subnet_of_obeys_its_route_table(ec2, deployed, address, other):
    association = deployed[address]
    table = table_of(ec2, deployed[other])
    assert table["RouteTableId"] == association["route_table_id"]


def test_security_group_network_nat_lets_through_what_it_was_asked_to(ec2, deployed):
    group = deployed["module.network.aws_security_group.nat"]
    assert admitted(ec2, group) == {
        ("in", "-1", None, None, "10.32.128.0/20"),
        ("in", "-1", None, None, "10.32.144.0/20"),
        ("out", "-1", None, None, "0.0.0.0/0"),
    }


def test_subnet_network_private_eu_west_2a_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.private["eu-west-2a"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.32.128.0/20",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['module.network.aws_subnet.private["eu-west-2a"]'][
            "availability_zone"
        ],
        "VpcId": deployed["module.network.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_network_private_eu_west_2a_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.private["eu-west-2a"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.32.128.0/20")
    assert (
        try_subnet(ec2, deployed["module.network.aws_vpc.this"]["id"], "10.32.128.0/20")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_network_private_eu_west_2b_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.private["eu-west-2b"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.32.144.0/20",
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['module.network.aws_subnet.private["eu-west-2b"]'][
            "availability_zone"
        ],
        "VpcId": deployed["module.network.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_network_private_eu_west_2b_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.private["eu-west-2b"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.32.144.0/20")
    assert (
        try_subnet(ec2, deployed["module.network.aws_vpc.this"]["id"], "10.32.144.0/20")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_network_public_eu_west_2a_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.public["eu-west-2a"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.32.0.0/24",
        "MapPublicIpOnLaunch": True,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['module.network.aws_subnet.public["eu-west-2a"]'][
            "availability_zone"
        ],
        "VpcId": deployed["module.network.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_network_public_eu_west_2a_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.public["eu-west-2a"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.32.0.0/24")
    assert (
        try_subnet(ec2, deployed["module.network.aws_vpc.this"]["id"], "10.32.0.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_subnet_network_public_eu_west_2b_lies_where_it_was_asked_to(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.public["eu-west-2b"]']
    [found] = ec2.describe_subnets(SubnetIds=[subnet["id"]])["Subnets"]
    wanted = {
        "CidrBlock": "10.32.1.0/24",
        "MapPublicIpOnLaunch": True,
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": deployed['module.network.aws_subnet.public["eu-west-2b"]'][
            "availability_zone"
        ],
        "VpcId": deployed["module.network.aws_vpc.this"]["id"],
    }
    assert part(found, wanted) == wanted


def test_subnet_network_public_eu_west_2b_gives_addresses_of_its_own(ec2, deployed):
    subnet = deployed['module.network.aws_subnet.public["eu-west-2b"]']
    assert new_address(ec2, subnet["id"]) in ipaddress.ip_network("10.32.1.0/24")
    assert (
        try_subnet(ec2, deployed["module.network.aws_vpc.this"]["id"], "10.32.1.0/24")
        == "InvalidSubnet.Conflict"
    )


def test_network_network_this_keeps_its_addresses_and_settings(ec2, deployed):
    vpc = deployed["module.network.aws_vpc.this"]
    answer = ec2.describe_vpcs(VpcIds=[vpc["id"]])
    assert [found["CidrBlock"] for found in answer["Vpcs"]] == ["10.32.0.0/16"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True
    answer = ec2.describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_network_network_this_has_no_room_for_a_subnet_of_other_addresses(
    ec2, deployed
):
    vpc = deployed["module.network.aws_vpc.this"]
    assert try_subnet(ec2, vpc["id"], "192.0.2.0/28") == "InvalidSubnet.Range"


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_group.this["auditors"]',
        'module.security.aws_iam_group.this["engineers"]',
    ],
)
def test_every_group_takes_users_in(iam, deployed, address):
    group = deployed[address]["name"]
    user = f"lsqm-{uuid4()}"
    assert iam.get_group(GroupName=group)["Group"]["Path"] == "/"
    iam.create_user(UserName=user)
    try:
        iam.add_user_to_group(GroupName=group, UserName=user)
        found = iam.list_groups_for_user(UserName=user)["Groups"]
        assert [one["GroupName"] for one in found] == [group]
        iam.remove_user_from_group(GroupName=group, UserName=user)
        members = iam.get_group(GroupName=group)["Users"]
        assert user not in [member["UserName"] for member in members]
    finally:
        for one in iam.list_groups_for_user(UserName=user)["Groups"]:
            iam.remove_user_from_group(GroupName=one["GroupName"], UserName=user)
        iam.delete_user(UserName=user)


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_group_policy_attachment.this["auditors/SecurityAudit"]',
        'module.security.aws_iam_group_policy_attachment.this["auditors/ViewOnlyAccess"]',
        'module.security.aws_iam_group_policy_attachment.this["engineers/PowerUserAccess"]',
    ],
)
def test_every_group_has_its_policy(iam, deployed, address):
    it = deployed[address]
    assert it["policy_arn"] in attached(iam, "group", it["group"])
    found = iam.list_entities_for_policy(
        PolicyArn=it["policy_arn"], EntityFilter="Group"
    )
    holders = [one["GroupName"] for one in found["PolicyGroups"]]
    assert it["group"] in holders


def test_role_security_this_break_glass_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['module.security.aws_iam_role.this["break-glass"]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_security_this_inspection_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['module.security.aws_iam_role.this["inspection"]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 7200})


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_role_policy_attachment.this["break-glass"]',
        'module.security.aws_iam_role_policy_attachment.this["inspection"]',
    ],
)
def test_every_role_has_its_policy(iam, deployed, address):
    it = deployed[address]
    assert it["policy_arn"] in attached(iam, "role", it["role"])
    found = iam.list_entities_for_policy(
        PolicyArn=it["policy_arn"], EntityFilter="Role"
    )
    holders = [one["RoleName"] for one in found["PolicyRoles"]]
    assert it["role"] in holders


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_user.this["jago"]',
        'module.security.aws_iam_user.this["morwenna"]',
        'module.security.aws_iam_user.this["tamsin"]',
    ],
)
def test_every_user_is_as_asked(iam, deployed, address):
    user = deployed[address]
    found = iam.get_user(UserName=user["name"])["User"]
    assert (found["Arn"], found["UserId"]) == (user["arn"], user["unique_id"])
    assert agrees(found, {"Path": "/"})


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_user.this["jago"]',
        'module.security.aws_iam_user.this["morwenna"]',
        'module.security.aws_iam_user.this["tamsin"]',
    ],
)
def test_every_user_has_its_tags(iam, deployed, address):
    found = iam.list_user_tags(UserName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Company": "tidepower",
        "Environment": "production",
    }


@pytest.mark.parametrize(
    "address",
    [
        'module.security.aws_iam_user_group_membership.this["jago"]',
        'module.security.aws_iam_user_group_membership.this["morwenna"]',
        'module.security.aws_iam_user_group_membership.this["tamsin"]',
    ],
)
def test_every_user_is_in_the_groups_asked_for(iam, deployed, address):
    it = deployed[address]
    found = iam.list_groups_for_user(UserName=it["user"])["Groups"]
    assert set(it["groups"]) <= {group["GroupName"] for group in found}


def test_alias_security_this_encrypts_with_its_key(kms, deployed):
    alias, key = (
        deployed["module.security.aws_kms_alias.this"],
        deployed["module.security.aws_kms_key.this"],
    )
    text = str(uuid4()).encode()
    for name in (alias["name"], alias["arn"]):
        sealed = kms.encrypt(KeyId=name, Plaintext=text)
        assert sealed["KeyId"] == key["arn"]
        opened = kms.decrypt(
            KeyId=key["key_id"], CiphertextBlob=sealed["CiphertextBlob"]
        )
        assert opened["Plaintext"] == text


def test_key_security_this_decrypts_what_it_encrypts(kms, deployed):
    key = deployed["module.security.aws_kms_key.this"]
    text, context = str(uuid4()).encode(), {"purpose": "lsqm"}
    sealed = kms.encrypt(
        KeyId=key["key_id"], Plaintext=text, EncryptionContext=context
    )["CiphertextBlob"]
    assert text not in sealed
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (text, key["arn"])
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"purpose": "another"})
    data_key = kms.generate_data_key(KeyId=key["key_id"], KeySpec="AES_256")
    assert len(data_key["Plaintext"]) == 32
    opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
    assert opened["Plaintext"] == data_key["Plaintext"]


def test_key_security_this_is_described_as_asked(kms, deployed):
    found = kms.describe_key(
        KeyId=deployed["module.security.aws_kms_key.this"]["key_id"]
    )["KeyMetadata"]
    assert agrees(
        found,
        {
            "Description": "Logs and alarms of tidepower-production",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "Enabled": True,
            "KeyManager": "CUSTOMER",
        },
    )


def test_key_security_this_is_rotated(kms, deployed):
    assert kms.get_key_rotation_status(
        KeyId=deployed["module.security.aws_kms_key.this"]["key_id"]
    )["KeyRotationEnabled"]


def test_key_security_this_has_the_policy_asked_for(kms, sts, deployed):
    found = kms.get_key_policy(
        KeyId=deployed["module.security.aws_kms_key.this"]["key_id"],
        PolicyName="default",
    )
    assert meaning(found["Policy"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Administration",
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                },
                {
                    "Sid": "Services",
                    "Effect": "Allow",
                    "Action": [
                        "kms:GenerateDataKey*",
                        "kms:Encrypt",
                        "kms:DescribeKey",
                        "kms:Decrypt",
                    ],
                    "Resource": "*",
                    "Principal": {
                        "Service": [
                            "logs.eu-west-2.amazonaws.com",
                            "cloudwatch.amazonaws.com",
                        ]
                    },
                },
            ],
        },
        sts.get_caller_identity()["Account"],
    )


def test_key_security_this_has_its_tags(kms, deployed):
    found = kms.list_resource_tags(
        KeyId=deployed["module.security.aws_kms_key.this"]["key_id"]
    )["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {
        "Company": "tidepower",
        "Environment": "production",
    }
