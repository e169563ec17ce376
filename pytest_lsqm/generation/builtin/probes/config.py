"""AWS Config: what is recorded, where it is delivered, and by which rules it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import compared, references, settings, written
from pytest_lsqm.generation.builtin.probes.mocks import parsed
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_config_configuration_recorder")
def recorder(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a recorder records, and with whose rights."""
    asked: Any = world.asked(it, "recording_group", 0) or {}
    wanted = {
        member: repr(sorted(value) if isinstance(value, list) else value)
        for member, key in (
            ("allSupported", "all_supported"),
            ("includeGlobalResourceTypes", "include_global_resource_types"),
            ("resourceTypes", "resource_types"),
        )
        if (value := asked.get(key)) not in (None, [])
    }
    role = references(it, world, {"roleARN": "role_arn"})
    yield written(
        "recorder_{}_records_what_it_was_asked_to",
        it,
        world,
        f"recorder = {world.ref(it)}",
        "answer = config.describe_configuration_recorders(",
        '    ConfigurationRecorderNames=[recorder["name"]]',
        ")",
        '[it] = answer["ConfigurationRecorders"]',
        *(f"assert it[{member!r}] == {source}" for member, source in role.items()),
        'found = it["recordingGroup"]',
        *(compared(wanted) if wanted else ["assert found"]),
    )


@probe("aws_config_configuration_recorder_status")
def recorder_status(it: Resource, world: World) -> Iterator[Test]:
    """Yield whether a recorder is at work."""
    yield written(
        "recorder_of_{}_is_at_work",
        it,
        world,
        f"status = {world.ref(it)}",
        "answer = config.describe_configuration_recorder_status(",
        '    ConfigurationRecorderNames=[status["name"]]',
        ")",
        '[found] = answer["ConfigurationRecordersStatus"]',
        f"assert found['recording'] is {bool(it.attributes.get('is_enabled'))}",
    )


@probe("aws_config_delivery_channel")
def channel(it: Resource, world: World) -> Iterator[Test]:
    """Yield where snapshots are delivered, how often, and who is told."""
    wanted = settings(it, world, {"s3KeyPrefix": "s3_key_prefix"})
    wanted |= references(it, world, {"s3BucketName": "s3_bucket_name", "snsTopicARN": "sns_topic_arn"})
    lines = [
        f"channel = {world.ref(it)}",
        "answer = config.describe_delivery_channels(",
        '    DeliveryChannelNames=[channel["name"]]',
        ")",
        '[found] = answer["DeliveryChannels"]',
        *compared(wanted),
    ]
    if frequency := world.asked(it, "snapshot_delivery_properties", 0, "delivery_frequency"):
        lines += [
            'properties = found["configSnapshotDeliveryProperties"]',
            f'assert properties["deliveryFrequency"] == {frequency!r}',
        ]
    yield written("channel_{}_delivers_where_it_was_asked_to", it, world, *lines)


@probe("aws_config_config_rule")
def rule(it: Resource, world: World) -> Iterator[Test]:
    """Yield by what a rule judges, which resources, and with which parameters."""
    wanted = settings(
        it,
        world,
        {"Description": "description", "MaximumExecutionFrequency": "maximum_execution_frequency"},
    )
    source: Any = world.asked(it, "source", 0) or {}
    lines = [
        f"rule = {world.ref(it)}",
        'answer = config.describe_config_rules(ConfigRuleNames=[rule["name"]])',
        '[found] = answer["ConfigRules"]',
        *compared(wanted | {"ConfigRuleState": "'ACTIVE'"}),
    ]
    if source.get("owner"):
        lines.append(f'assert found["Source"]["Owner"] == {source["owner"]!r}')
    if source.get("source_identifier") and sayable(source["source_identifier"]):
        lines.append(f'assert found["Source"]["SourceIdentifier"] == {source["source_identifier"]!r}')
    if types := world.asked(it, "scope", 0, "compliance_resource_types"):
        lines.append(f'assert sorted(found["Scope"]["ComplianceResourceTypes"]) == {sorted(types)!r}')
    parameters = parsed(world.asked(it, "input_parameters"))
    if parameters and sayable(parameters):
        lines.append(f'assert json.loads(found["InputParameters"]) == {parameters!r}')
    yield written("rule_{}_judges_what_it_was_asked_to", it, world, *lines)


@probe("aws_config_configuration_aggregator")
def aggregator(it: Resource, world: World) -> Iterator[Test]:
    """Yield from which accounts and regions an aggregator gathers."""
    lines = [
        f"aggregator = {world.ref(it)}",
        "answer = config.describe_configuration_aggregators(",
        '    ConfigurationAggregatorNames=[aggregator["name"]]',
        ")",
        '[found] = answer["ConfigurationAggregators"]',
    ]
    sources: Any = it.attributes.get("account_aggregation_source") or ()
    for number, _ in enumerate(sources):
        lines += [
            f'wanted = aggregator["account_aggregation_source"][{number}]',
            f'source = found["AccountAggregationSources"][{number}]',
            'assert sorted(source["AccountIds"]) == sorted(wanted["account_ids"])',
            'assert sorted(source.get("AwsRegions", [])) == sorted(wanted["regions"] or [])',
        ]
    if not sources:
        lines.append('assert found["OrganizationAggregationSource"]["RoleArn"]')
    yield written("aggregator_{}_gathers_from_where_it_was_asked_to", it, world, *lines)
