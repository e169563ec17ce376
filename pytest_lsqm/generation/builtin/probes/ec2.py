"""Machines and what they are made of: instances, templates, keys, volumes, interfaces, addresses."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, compared, pointer, references, settings, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

SHA1 = re.compile(r"[0-9a-f]{40}")

helper('''
def running(ec2, instance_id, seconds=60):
    """An instance once it runs; as it is when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ec2.describe_instances(InstanceIds=[instance_id])
        [found] = answer["Reservations"][0]["Instances"]
        if found["State"]["Name"] == "running" or time.monotonic() > deadline:
            return found
        time.sleep(0.5)
''')

helper('''
def user_data(ec2, instance_id):
    """What an instance is told to do at its start."""
    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    return base64.b64decode(answer["UserData"].get("Value", ""))
''')


@probe("aws_instance", "aws_spot_instance_request")
def instance(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an instance runs where and as it was asked to, and what it is told at its start."""
    if it.type != "aws_instance":
        return
    names = {"InstanceType": "instance_type", "KeyName": "key_name", "SourceDestCheck": "source_dest_check"}
    wanted = settings(it, world, names | {"PrivateIpAddress": "private_ip", "EbsOptimized": "ebs_optimized"})
    wanted.pop("KeyName", None)
    wanted |= references(it, world, {"SubnetId": "subnet_id", "KeyName": "key_name"})
    lines = [
        f"instance = {world.ref(it)}",
        'found = running(ec2, instance["id"])',
        'assert found["State"]["Name"] == "running"',
        'assert found["ImageId"] == instance["ami"]',
        *compared(wanted),
    ]
    groups = {*(it.attributes.get("vpc_security_group_ids") or ())}
    named = [r for r in world.of("aws_security_group") if r.attributes.get("id") in groups]
    if named:
        lines += [
            "guards = {",
            '    group["GroupId"]',
            '    for holder in (found, *found["NetworkInterfaces"])',
            '    for group in holder.get("SecurityGroups", holder.get("Groups", []))',
            "}",
            f"assert guards >= {{{', '.join(f'{world.ref(group)}[{chr(34)}id{chr(34)}]' for group in named)}}}",
        ]
    yield written("instance_{}_runs_as_it_was_asked_to", it, world, *lines)
    told = _told(it, world)
    if told:
        yield written("instance_{}_is_told_what_to_do", it, world, f"instance = {world.ref(it)}", told)


def _told(it: Resource, world: World) -> str | None:
    """The assertion on the user data; some versions of the provider keep no more of it than its hash."""
    asked = world.asked(it, "user_data")
    encoded = world.asked(it, "user_data_base64")
    if isinstance(encoded, str) and encoded:
        return f'assert user_data(ec2, instance["id"]) == base64.b64decode({encoded!r})'
    if not isinstance(asked, str) or not asked:
        return None
    digest = asked if SHA1.fullmatch(asked) else hashlib.sha1(asked.encode()).hexdigest()  # noqa: S324  no secret
    return f'assert hashlib.sha1(user_data(ec2, instance["id"])).hexdigest() == {digest!r}'


@probe("aws_launch_template")
def launch_template(it: Resource, world: World) -> Iterator[Test]:
    """Yield what instances are made like that are started from a template."""
    names = {
        "InstanceType": "instance_type",
        "KeyName": "key_name",
        "UserData": "user_data",
        "EbsOptimized": "ebs_optimized",
    }
    wanted = settings(it, world, names)
    if isinstance(it.asked.get("ebs_optimized"), str):
        wanted.pop("EbsOptimized", None)  # a text in some versions of the provider
    # Images are looked up, and each emulator has its own.
    wanted |= references(it, world, {"ImageId": "image_id", "SecurityGroupIds": "vpc_security_group_ids"})
    yield written(
        "launch_template_{}_says_how_instances_are_made",
        it,
        world,
        f"template = {world.ref(it)}",
        "answer = ec2.describe_launch_template_versions(",
        '    LaunchTemplateId=template["id"], Versions=["$Latest"]',
        ")",
        '[version] = answer["LaunchTemplateVersions"]',
        'found = version["LaunchTemplateData"]',
        *compared(wanted),
        'with pytest.raises(ClientError, match="AlreadyExists"):',
        "    ec2.create_launch_template(",
        '        LaunchTemplateName=template["name"],',
        '        LaunchTemplateData={"InstanceType": "t3.micro"},',
        "    )",
    )


@probe("aws_key_pair")
def key_pair(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a key pair is there, once: its name cannot be taken again."""
    yield written(
        "key_pair_{}_is_there_once",
        it,
        world,
        f"pair = {world.ref(it)}",
        'answer = ec2.describe_key_pairs(KeyNames=[pair["key_name"]])',
        '[found] = answer["KeyPairs"]',
        'assert found["KeyFingerprint"] == pair["fingerprint"]',
        'with pytest.raises(ClientError, match="InvalidKeyPair.Duplicate"):',
        '    ec2.create_key_pair(KeyName=pair["key_name"])',
    )


@probe("aws_ebs_volume")
def volume(it: Resource, world: World) -> Iterator[Test]:
    """Yield how large, how fast and where a volume is."""
    names = {
        "Size": "size",
        "VolumeType": "type",
        "Encrypted": "encrypted",
        "Iops": "iops",
        "Throughput": "throughput",
    }
    wanted = settings(it, world, names)
    wanted |= references(it, world, {"AvailabilityZone": "availability_zone", "KmsKeyId": "kms_key_id"})
    yield written(
        "volume_{}_is_as_it_was_asked_to_be",
        it,
        world,
        f"volume = {world.ref(it)}",
        '[found] = ec2.describe_volumes(VolumeIds=[volume["id"]])["Volumes"]',
        *compared(wanted),
        'assert found["State"] in ("available", "in-use")',
    )


@probe("aws_volume_attachment")
def volume_attachment(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an instance has the volume under the name of a device that was asked for."""
    wanted = settings(it, world, {"Device": "device_name"}) | references(it, world, {"InstanceId": "instance_id"})
    yield written(
        "volume_of_{}_is_attached",
        it,
        world,
        f"attachment = {world.ref(it)}",
        'answer = ec2.describe_volumes(VolumeIds=[attachment["volume_id"]])',
        '[found] = answer["Volumes"][0]["Attachments"]',
        *compared(wanted | {"State": "'attached'"}),
        near=by_id(world, it.attributes.get("instance_id"), "aws_instance"),
    )


@probe("aws_network_interface")
def interface(it: Resource, world: World) -> Iterator[Test]:
    """Yield the addresses of an interface, and which groups guard it."""
    wanted = settings(it, world, {"SourceDestCheck": "source_dest_check", "Description": "description"})
    wanted |= references(it, world, {"SubnetId": "subnet_id"})
    lines = [
        f"interface = {world.ref(it)}",
        "answer = ec2.describe_network_interfaces(",
        '    NetworkInterfaceIds=[interface["id"]]',
        ")",
        '[found] = answer["NetworkInterfaces"]',
        *compared(wanted),
    ]
    if addresses := world.asked(it, "private_ips"):
        lines += [
            'addresses = sorted(a["PrivateIpAddress"] for a in found["PrivateIpAddresses"])',
            f"assert addresses == {sorted(addresses)!r}",
        ]
    lines += [
        'groups = {group["GroupId"] for group in found["Groups"]}',
        'assert groups >= set(interface["security_groups"])',
    ]
    near = by_id(world, it.attributes.get("subnet_id"), "aws_subnet")
    yield written("interface_{}_has_its_addresses_and_groups", it, world, *lines, near=near)


@probe("aws_network_interface_sg_attachment")
def guarded(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a group guards an interface."""
    attributes: Any = it.attributes
    interface = pointer(it, world, attributes["network_interface_id"], "network_interface_id")
    yield written(
        "interface_of_{}_is_guarded_by_its_group",
        it,
        world,
        f"attachment = {world.ref(it)}",
        "answer = ec2.describe_network_interfaces(",
        f"    NetworkInterfaceIds=[{interface}]",
        ")",
        '[found] = answer["NetworkInterfaces"]',
        'groups = [group["GroupId"] for group in found["Groups"]]',
        'assert attachment["security_group_id"] in groups',
        near=by_id(world, attributes.get("security_group_id"), "aws_security_group"),
    )


@probe("aws_eip", "aws_eip_association")
def address(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a public address is held, and leads to what it was given to."""
    attributes: Any = it.attributes
    association = it.type == "aws_eip_association"
    key = "allocation_id" if association or attributes.get("allocation_id") else "id"
    if not attributes.get(key):
        return
    wanted = references(it, world, {"InstanceId": "instance" if not association else "instance_id"})
    wanted |= references(
        it, world, {"NetworkInterfaceId": "network_interface" if not association else "network_interface_id"}
    )
    if not association:
        wanted["Domain"] = "'vpc'"
    yield written(
        "address_of_{}_leads_to_its_machine" if association else "address_{}_is_held",
        it,
        world,
        f"address = {world.ref(it)}",
        f"answer = ec2.describe_addresses(AllocationIds=[address[{key!r}]])",
        '[found] = answer["Addresses"]',
        *compared(wanted),
        'assert found["PublicIp"] == address["public_ip"]',
    )
