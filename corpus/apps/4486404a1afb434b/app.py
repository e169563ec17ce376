"""What the tests do with it: A clinic's split DNS: one name that means something
else inside than outside, a private zone for two sites, resolver endpoints in both
directions, forwarding rules, a DNS firewall and query logs."""

import ipaddress
import time
from uuid import uuid4

from botocore.exceptions import ClientError


def admitted(ec2, group):
    """What a security group lets through: direction, protocol, first and last port, and
    with whom."""
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


def log_and_read(logs, group, stream, text, seconds=20):
    """Write a line to a stream, and say whether it can be read there before the time is
    up."""
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = logs.get_log_events(
            logGroupName=group, logStreamName=stream, limit=100, startFromHead=False
        )
        if any(event["message"] == text for event in answer["events"]):
            return True
        time.sleep(0.5)
    return False


def log_group_settings(logs, name):
    """What is said of the log group of this very name."""
    answer = logs.describe_log_groups(logGroupNamePrefix=name)
    [found] = [group for group in answer["logGroups"] if group["logGroupName"] == name]
    return found


def new_address(ec2, subnet_id):
    """The address that a new network interface gets in a subnet; the interface is
    removed again."""
    made = ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]
    ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])
    return ipaddress.ip_address(made["PrivateIpAddress"])


def new_stream(logs, group):
    """Open a stream of our own; one that is there already is that of a call that was
    repeated."""
    stream = str(uuid4())
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    return stream


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


def record_sets(route53, zone_id, name, kind):
    """The record sets of a zone with this name and type, those of a routing policy by
    their identifier."""
    pages = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone_id
    )
    plain = name.rstrip(".").lower().replace("*", "\\052")
    return {
        found.get("SetIdentifier", ""): found
        for page in pages
        for found in page["ResourceRecordSets"]
        if (found["Name"].rstrip(".").lower().replace("*", "\\052"), found["Type"])
        == (plain, kind)
    }


def try_subnet(ec2, vpc_id, block):
    """Make a subnet and remove it again; why it was refused, None if it was not."""
    try:
        made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=block)["Subnet"]
    except ClientError as error:
        return error.response["Error"]["Code"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    return None
