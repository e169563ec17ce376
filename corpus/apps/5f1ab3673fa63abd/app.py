"""What the tests do with it: A film studio's render machines behind one bastion:
instances with a launch template's settings, security groups that refer to each
other in both directions, a fixed public address and disks that outlive the
machines."""

import base64
import ipaddress
import time

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


def new_address(ec2, subnet_id):
    """The address that a new network interface gets in a subnet; the interface is
    removed again."""
    made = ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]
    ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])
    return ipaddress.ip_address(made["PrivateIpAddress"])


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


def running(ec2, instance_id, seconds=60):
    """An instance once it runs; as it is when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ec2.describe_instances(InstanceIds=[instance_id])
        [found] = answer["Reservations"][0]["Instances"]
        if found["State"]["Name"] == "running" or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


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


def user_data(ec2, instance_id):
    """What an instance is told to do at its start."""
    answer = ec2.describe_instance_attribute(
        InstanceId=instance_id, Attribute="userData"
    )
    return base64.b64decode(answer["UserData"].get("Value", ""))


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
