"""What the tests do with it: An archive's network without any way to the internet:
gateway and interface endpoints with policies, a network ACL and flow logs to a
bucket and a log group."""

import ipaddress
import json
import re
import time
from uuid import uuid4

from botocore.exceptions import ClientError


def acl_entries(ec2, acl):
    """The numbered rules of a network ACL: way, number, verdict, protocol, addresses,
    ports."""
    [found] = ec2.describe_network_acls(NetworkAclIds=[acl["id"]])["NetworkAcls"]
    entries = set()
    for entry in found["Entries"]:
        if entry["RuleNumber"] < 32767:
            way = "out" if entry["Egress"] else "in"
            block = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
            ports = (
                entry.get("PortRange", {}) if entry["Protocol"] in ("6", "17") else {}
            )
            first, last = ports.get("From"), ports.get("To")
            verdict = (entry["RuleAction"], entry["Protocol"], block, first, last)
            entries.add((way, entry["RuleNumber"], *verdict))
    return entries


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


def agrees(found, wanted):
    """Whether an answer says all that is wanted; it may say more, and lists in any
    order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            agrees(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(agrees(part, value) for part in found) for value in wanted)
        )
    return found == wanted


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


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


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


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


def table_of(ec2, subnet):
    """The route table of a subnet: its own, else the main one of its network."""
    own = [{"Name": "association.subnet-id", "Values": [subnet["id"]]}]
    main = [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [subnet["vpc_id"]]},
    ]
    for filters in (own, main):
        for table in ec2.describe_route_tables(Filters=filters)["RouteTables"]:
            return table
    return None


def try_subnet(ec2, vpc_id, block):
    """Make a subnet and remove it again; why it was refused, None if it was not."""
    try:
        made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=block)["Subnet"]
    except ClientError as error:
        return error.response["Error"]["Code"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    return None


def unordered(value):
    """A part of a policy without what makes no difference: order, lists of one,
    nothing."""
    if isinstance(value, dict):
        if value.get("Principal") == "*":
            value = value | {"Principal": {"AWS": "*"}}
        return {name: unordered(it) for name, it in value.items() if it not in ("", [])}
    if isinstance(value, list):
        parts = sorted({json.dumps(unordered(it), sort_keys=True) for it in value})
        return (
            json.loads(parts[0])
            if len(parts) == 1
            else [json.loads(it) for it in parts]
        )
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"^arn:[\w-]+:iam::([^:]+):root$", r"\1", str(value))


def way_to(table, address):
    """The route that a packet takes: of those to its address, the one with the longest
    prefix."""
    target, best, longest = ipaddress.ip_address(address), {}, -1
    for route in table["Routes"]:
        block = route.get("DestinationCidrBlock") or route.get(
            "DestinationIpv6CidrBlock"
        )
        network = ipaddress.ip_network(block) if block else None
        if network and target in network and network.prefixlen > longest:
            best, longest = route, network.prefixlen
    return best
