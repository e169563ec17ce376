"""What holds other resources together: CloudFormation stacks and resource groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import compared, settings, written
from pytest_lsqm.generation.builtin.probes.mocks import parsed
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def stack_resources(cloudformation, stack):
    """The resources of a stack: the id that each has in the template, and its state."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        found["LogicalResourceId"]: found["ResourceStatus"]
        for page in pages
        for found in page["StackResourceSummaries"]
    }
''')


@probe("aws_cloudformation_stack")
def stack(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a stack is complete: made with its parameters, telling its outputs, with all of its resources."""
    parameters = world.asked(it, "parameters") or {}
    told = {key: value for key, value in parameters.items() if sayable(value)}
    lines = [
        f"stack = {world.ref(it)}",
        '[found] = cloudformation.describe_stacks(StackName=stack["id"])["Stacks"]',
        'assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")',
        'told = {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}',
        f"wanted = {told!r}",
        "assert part(told, wanted) == wanted",
        'answers = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}',
        'assert answers == (stack["outputs"] or {})',
    ]
    if not told:
        del lines[3:6]
    yield written("stack_{}_is_complete", it, world, *lines)
    template: Any = world.asked_json(it, "template_body")
    logical = sorted(template.get("Resources", {})) if isinstance(template, dict) else _logical_ids(it, world)
    if logical and not _conditional(it, template):
        yield written(
            "stack_{}_has_all_its_resources",
            it,
            world,
            f"stack = {world.ref(it)}",
            'found = stack_resources(cloudformation, stack["id"])',
            f"wanted = {logical!r}",
            "assert sorted(found) == wanted",
            'assert all(state.endswith("_COMPLETE") for state in found.values())',
        )


def _logical_ids(it: Resource, world: World) -> list[str]:
    """The ids of the resources of a YAML template: the keys of its `Resources`, by their indentation."""
    text = it.asked.get("template_body")
    found: list[str] = []
    inside, depth = False, ""
    for line in text.splitlines() if isinstance(text, str) else ():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if not indent:
            inside, depth = line.startswith("Resources:"), ""
        elif inside:
            depth = depth or indent
            if indent == depth:
                found.append(line.strip().rstrip(":"))
    return sorted(name for name in found if name.isalnum())


def _conditional(it: Resource, template: Any) -> bool:
    """Whether a template leaves out resources on conditions, or another service rewrites it."""
    text = str(it.asked.get("template_body") or "")
    return any(word in text for word in ("Conditions", "Transform", "Fn::ForEach"))


@probe("aws_resourcegroups_group")
def group(it: Resource, world: World) -> Iterator[Test]:
    """Yield by which tags a group finds its members."""
    asked: Any = world.asked(it, "resource_query", 0) or {}
    wanted = settings(it, world, {"Description": "description", "Name": "name"})
    lines = [
        f"group = {world.ref(it)}",
        'found = resource_groups.get_group(GroupName=group["name"])["Group"]',
        *compared(wanted),
    ]
    query = parsed(asked.get("query"))
    if query is not None and sayable(query):
        lines += [
            'answer = resource_groups.get_group_query(GroupName=group["name"])',
            'query = answer["GroupQuery"]["ResourceQuery"]',
            f'assert query["Type"] == {asked.get("type") or "TAG_FILTERS_1_0"!r}',
            f'assert json.loads(query["Query"]) == {query!r}',
        ]
    test = written("group_{}_looks_for_its_tags", it, world, *lines)
    # Some emulators give groups the ARN of a region in which nothing was deployed.
    used = {world.region_of(other) for other in world.resources if other.type != it.type}
    yield test if test.region in used else replace(test, region=None)
