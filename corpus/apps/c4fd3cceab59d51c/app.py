"""What the tests do with it: The landing zone of a tidal power company: a network
with a NAT instance, encrypted log buckets, people in groups, and alarms that
reach the right topic."""

import base64
import ipaddress
import json
import re
import time
from datetime import UTC, datetime, timedelta
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


def attached(iam, to, name):
    """The ARNs of the managed policies of a role, a user or a group."""
    pages = iam.get_paginator(f"list_attached_{to}_policies").paginate(
        **{f"{to.title()}Name": name}
    )
    return {it["PolicyArn"] for page in pages for it in page["AttachedPolicies"]}


def counted(cloudwatch, namespace, metric):
    """The sum of a metric over the last quarter of an hour."""
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        StartTime=now - timedelta(minutes=15),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


def drill(cloudwatch, name, seconds=15):
    """Set an alarm off, or end it where it is on: whether its history comes to tell
    why."""
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state = "OK" if alarm["StateValue"] == "ALARM" else "ALARM"
    reason, deadline = f"a drill {uuid4()}", time.monotonic() + seconds
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
    while time.monotonic() < deadline:
        answer = cloudwatch.describe_alarm_history(
            AlarmName=name, HistoryItemType="StateUpdate", MaxRecords=20
        )
        if any(reason in item["HistoryData"] for item in answer["AlarmHistoryItems"]):
            return True
        time.sleep(0.5)
    return False


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


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


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


def user_data(ec2, instance_id):
    """What an instance is told to do at its start."""
    answer = ec2.describe_instance_attribute(
        InstanceId=instance_id, Attribute="userData"
    )
    return base64.b64decode(answer["UserData"].get("Value", ""))


def verdicts(policy):
    """Who may or may not do what, by a policy: effect, services and actions."""
    statements = json.loads(policy or "{}").get("Statement", [])
    found = []
    for each in statements if isinstance(statements, list) else [statements]:
        principal = each.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        action = each.get("Action", [])
        found.append(
            [
                each["Effect"],
                sorted([services] if isinstance(services, str) else services),
                sorted([action] if isinstance(action, str) else action),
            ]
        )
    return sorted(found)


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
