"""Functions: what they were given, that they answer, and what they are wired to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.sinks import storable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SETTINGS = {
    "Runtime": "runtime",
    "Handler": "handler",
    "MemorySize": "memory_size",
    "Timeout": "timeout",
    "Description": "description",
    "CodeSha256": "source_code_hash",
    "PackageType": "package_type",
    "Architectures": "architectures",
}
MAPPING = {
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
    "StartingPosition": "starting_position",
    "ParallelizationFactor": "parallelization_factor",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "FunctionResponseTypes": "function_response_types",
}

helper('''
def invoke(lambda_, function, **more):
    """Invoke a function with an empty event: what it answers, be it that it could not do with it."""
    reply = lambda_.invoke(FunctionName=function, Payload=b"{}", **more)
    assert reply["StatusCode"] == 200
    answer = json.loads(reply["Payload"].read() or b"null")
    if "FunctionError" in reply:
        assert "errorMessage" in answer
    return reply
''')


def _asked(it: Resource, world: World, names: dict[str, str]) -> dict[str, Any]:
    return {
        api: value for api, name in names.items() if (value := world.asked(it, name)) not in (None, "", [], {})
    }


@probe("aws_lambda_function")
def function(it: Resource, world: World) -> Iterable[Test]:
    """Return that a function has its settings and code, and answers."""
    label, ref, region = world.label(it), world.ref(it), world.other_region(it)
    wanted = _asked(it, world, SETTINGS)
    if it.attributes.get("source_code_hash") != wanted.get("CodeSha256"):
        wanted.pop("CodeSha256", None)  # a hash of something else than the package
    variables = world.asked(it, "environment", 0, "variables")
    told = f'assert found["Environment"]["Variables"] == {variables!r}' if variables else ""
    layers = (
        'assert [each["Arn"] for each in found["Layers"]] == it["layers"]' if it.attributes.get("layers") else ""
    )
    settings = Test(
        "function_{}_has_the_settings_that_were_asked_for",
        f"""
        it = {ref}
        found = lambda_.get_function_configuration(FunctionName=it["function_name"])
        wanted = {wanted!r}
        assert {{name: found.get(name) for name in wanted}} == wanted
        assert found["Role"] == it["role"]
        {told}
        {layers}
        """,
        (it.address,),
        label,
        region,
    )
    answer = Test(
        "function_{}_answers",
        f"""
        it = {ref}
        assert invoke(lambda_, it["function_name"])["ExecutedVersion"] == "$LATEST"
        """,
        (it.address,),
        label,
        region,
    )
    return storable([settings, answer])


@probe("aws_lambda_alias")
def alias(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an alias runs the version that it stands for."""
    weighted = bool(it.attributes.get("routing_config"))
    run = '== it["function_version"]' if not weighted else '!= "$LATEST"'
    yield Test(
        "alias_{}_runs_its_version",
        f"""
        it = {world.ref(it)}
        name = {{"FunctionName": it["function_name"], "Name": it["name"]}}
        assert lambda_.get_alias(**name)["FunctionVersion"] == it["function_version"]
        reply = invoke(lambda_, it["function_name"], Qualifier=it["name"])
        assert reply["ExecutedVersion"] {run}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


def _region(it: Resource, world: World) -> str | None:
    """The region of the function that something without a region of its own is for."""
    names = {it.attributes.get("function_name"), it.attributes.get("function_arn")}
    for each in world.of("aws_lambda_function"):
        if names & {each.attributes.get("function_name"), each.attributes.get("arn")}:
            return world.other_region(each)
    return None


@probe("aws_lambda_permission")
def permission(it: Resource, world: World) -> Iterable[Test]:
    """Return that a function's policy lets in whom it was asked to."""
    principal = world.asked(it, "principal")
    action = world.asked(it, "action")
    qualifier = ', Qualifier=it["qualifier"]' if it.attributes.get("qualifier") else ""
    test = Test(
        "permission_{}_is_in_the_policy_of_the_function",
        f"""
        it = {world.ref(it)}
        reply = lambda_.get_policy(FunctionName=it["function_name"]{qualifier})
        statements = json.loads(reply["Policy"])["Statement"]
        (found,) = [each for each in statements if each["Sid"] == it["statement_id"]]
        assert (found["Effect"], found["Action"]) == ("Allow", {action!r})
        {f'assert {principal!r} in str(found["Principal"])' if principal else ""}
        {'assert it["source_arn"] in str(found["Condition"])' if it.attributes.get("source_arn") else ""}
        """,
        (it.address,),
        world.label(it),
        _region(it, world),
    )
    return storable([test])


@probe("aws_lambda_event_source_mapping")
def mapping(it: Resource, world: World) -> Iterable[Test]:
    """Return that a function is wired to its source, and awake."""
    wanted = _asked(it, world, MAPPING)
    state = "Disabled" if it.attributes.get("enabled") is False else "Enabled"
    test = Test(
        "function_is_fed_by_{}_as_asked",
        f"""
        it = {world.ref(it)}
        found = settled(lambda_, it["uuid"], {state!r})
        assert found["State"] == {state!r}
        assert found["EventSourceArn"] == it["event_source_arn"]
        assert found["FunctionArn"] == it["function_arn"]
        wanted = {wanted!r}
        assert {{name: found.get(name) for name in wanted}} == wanted
        """,
        (it.address,),
        world.label(it),
        _region(it, world),
    )
    return storable([test])


helper('''
def settled(lambda_, uuid, state, seconds=30):
    """An event source mapping, once it is in this state."""
    deadline = time.monotonic() + seconds
    while True:
        found = lambda_.get_event_source_mapping(UUID=uuid)
        if found["State"] == state or time.monotonic() > deadline:
            return found
        time.sleep(0.5)
''')


@probe("aws_lambda_layer_version")
def layer(it: Resource, world: World) -> Iterable[Test]:
    """Return that a version of a layer is for the runtimes, and has the code, that were asked for."""
    runtimes = world.asked(it, "compatible_runtimes")
    code = world.asked(it, "source_code_hash")
    test = Test(
        "layer_{}_is_there_as_asked",
        f"""
        it = {world.ref(it)}
        found = lambda_.get_layer_version_by_arn(Arn=it["arn"])
        assert found["LayerVersionArn"] == it["arn"]
        {f'assert sorted(found["CompatibleRuntimes"]) == {sorted(runtimes)!r}' if runtimes else ""}
        {f'assert found["Content"]["CodeSha256"] == {code!r}' if code else ""}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    return storable([test])
