"""What the tests do with it: An animation studio's render farm: launch templates
with user data, Auto Scaling groups with mixed schedules, target tracking, and
lifecycle hooks that tell a topic."""

import ipaddress
import json
import re
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


def gather(read, wanted, seconds=20, after=1):
    """What is read until the wanted text is in it, and for a moment after that."""
    found = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        new = read()
        found += new
        if any(wanted in str(one) for one in new):
            deadline = min(deadline, time.monotonic() + after)
        if not new:
            time.sleep(0.2)
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


def overhear(sns, sqs, topic, text):
    """Publish to a topic while a queue of the test's own is subscribed: what arrives
    there."""
    fifo = {"FifoQueue": "true"} if topic["fifo_topic"] else {}
    name = f"probe-{uuid4()}{'.fifo' if fifo else ''}"
    url = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    subscription = None
    try:
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = reply["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        subscription = sns.subscribe(
            TopicArn=topic["arn"],
            Protocol="sqs",
            Endpoint=arn,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        publish(sns, topic, text)
        return gather(lambda: take(sqs, url), text, after=0)
    finally:
        if subscription:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


def publish(sns, topic, text, attributes=None):
    """Publish a message, in a group of its own where the topic is a FIFO topic."""
    more = {"MessageAttributes": attributes or {}}
    if topic["fifo_topic"]:
        more |= {"MessageGroupId": "probe", "MessageDeduplicationId": str(uuid4())}
    return sns.publish(TopicArn=topic["arn"], Message=text, **more)


def take(sqs, url):
    """Take the messages off a queue that are there."""
    reply = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,
        MessageAttributeNames=["All"],
    )
    messages = reply.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


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
