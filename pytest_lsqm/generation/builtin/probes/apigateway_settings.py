"""The parts of a REST API that are seen in its answers only together: each with what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, compared, references, settings, written
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

Part = tuple[str, dict[str, str], dict[str, str], dict[str, str]]

METHOD = {"restApiId": "rest_api_id", "resourceId": "resource_id", "httpMethod": "http_method"}
STAGE = {"restApiId": "rest_api_id", "stageName": "stage_name"}

PARTS: dict[str, Part] = {
    "aws_api_gateway_resource": (
        "get_resource",
        {"restApiId": "rest_api_id", "resourceId": "id"},
        {"pathPart": "path_part"},
        {"parentId": "parent_id"},
    ),
    "aws_api_gateway_method": (
        "get_method",
        METHOD,
        {
            "authorizationType": "authorization",
            "apiKeyRequired": "api_key_required",
            "requestParameters": "request_parameters",
            "requestModels": "request_models",
        },
        {"requestValidatorId": "request_validator_id", "authorizerId": "authorizer_id"},
    ),
    "aws_api_gateway_method_response": (
        "get_method_response",
        METHOD | {"statusCode": "status_code"},
        {"responseModels": "response_models", "responseParameters": "response_parameters"},
        {},
    ),
    "aws_api_gateway_integration": (
        "get_integration",
        METHOD,
        {
            "type": "type",
            "requestTemplates": "request_templates",
            "requestParameters": "request_parameters",
            "passthroughBehavior": "passthrough_behavior",
        },
        {},
    ),
    "aws_api_gateway_integration_response": (
        "get_integration_response",
        METHOD | {"statusCode": "status_code"},
        {"selectionPattern": "selection_pattern", "responseTemplates": "response_templates"},
        {},
    ),
    "aws_api_gateway_stage": (
        "get_stage",
        STAGE,
        {"variables": "variables", "description": "description"},
        {"deploymentId": "deployment_id"},
    ),
    "aws_api_gateway_deployment": (
        "get_deployment",
        {"restApiId": "rest_api_id", "deploymentId": "id"},
        {"description": "description"},
        {},
    ),
    "aws_api_gateway_model": (
        "get_model",
        {"restApiId": "rest_api_id", "modelName": "name"},
        {"contentType": "content_type", "description": "description"},
        {},
    ),
    "aws_api_gateway_request_validator": (
        "get_request_validator",
        {"restApiId": "rest_api_id", "requestValidatorId": "id"},
        {
            "name": "name",
            "validateRequestBody": "validate_request_body",
            "validateRequestParameters": "validate_request_parameters",
        },
        {},
    ),
    "aws_api_gateway_gateway_response": (
        "get_gateway_response",
        {"restApiId": "rest_api_id", "responseType": "response_type"},
        {
            "statusCode": "status_code",
            "responseTemplates": "response_templates",
            "responseParameters": "response_parameters",
        },
        {},
    ),
    "aws_api_gateway_authorizer": (
        "get_authorizer",
        {"restApiId": "rest_api_id", "authorizerId": "id"},
        {"name": "name", "type": "type", "identitySource": "identity_source"},
        {"authorizerUri": "authorizer_uri", "providerARNs": "provider_arns"},
    ),
    "aws_api_gateway_usage_plan": (
        "get_usage_plan",
        {"usagePlanId": "id"},
        {"name": "name", "description": "description"},
        {},
    ),
    "aws_api_gateway_usage_plan_key": (
        "get_usage_plan_key",
        {"usagePlanId": "usage_plan_id", "keyId": "key_id"},
        {"type": "key_type"},
        {"id": "key_id"},
    ),
    "aws_api_gateway_api_key": (
        "get_api_key",
        {"apiKey": "id"},
        {"name": "name", "description": "description", "enabled": "enabled"},
        {},
    ),
}
"""For each type the call that reads it, what fills the call, and what it must say: settings, then references."""


@probe(*PARTS)
def part_of_api(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a part of an API has what was asked of it."""
    call, inputs, asked, referred = PARTS[it.type]
    wanted = settings(it, world, asked) | references(it, world, referred)
    filled = ", ".join(f"{name}=it[{attribute!r}]" for name, attribute in inputs.items())
    lines = [f"it = {world.ref(it)}", f"found = apigateway.{call}({filled})", *compared(wanted), *_more(it, world)]
    near = by_id(world, it.attributes.get("rest_api_id"), "aws_api_gateway_rest_api")
    yield written(f"{it.type.removeprefix('aws_')}_{{}}_is_as_it_was_asked_to_be", it, world, *lines, near=near)


def _more(it: Resource, world: World) -> Iterator[str]:
    attributes: Any = it.attributes
    if it.type == "aws_api_gateway_model" and (schema := world.asked_json(it, "schema")) is not None:
        yield f"assert json.loads(found['schema']) == {schema!r}"
    elif it.type == "aws_api_gateway_api_key":
        yield "answer = apigateway.get_api_key(apiKey=it['id'], includeValue=True)"
        yield "assert answer['value'] == it['value']"
    elif it.type == "aws_api_gateway_usage_plan":
        if stages := attributes.get("api_stages"):
            yield "served = sorted((stage['apiId'], stage['stage']) for stage in found['apiStages'])"
            known = [by_id(world, stage["api_id"], "aws_api_gateway_rest_api") for stage in stages]
            parts = [
                f"({world.ref(api)}['id'], {stage['stage']!r})"
                for stage, api in zip(stages, known, strict=True)
                if api is not None
            ]
            yield f"assert served == sorted([{', '.join(sorted(parts))}])"
        if quota := world.asked(it, "quota_settings", 0):
            wanted = {key: quota[key] for key in ("limit", "period") if quota.get(key)}
            yield f"wanted = {wanted!r}"
            yield "assert part(found['quota'], wanted) == wanted"
        if throttle := world.asked(it, "throttle_settings", 0):
            pairs = {"burstLimit": throttle.get("burst_limit"), "rateLimit": throttle.get("rate_limit")}
            yield f"wanted = { ({key: value for key, value in pairs.items() if value})!r}"
            yield "assert part(found['throttle'], wanted) == wanted"


@probe("aws_api_gateway_method_settings")
def method_settings(it: Resource, world: World) -> Iterator[Test]:
    """Yield how a stage treats the methods of this path: its limits, its metrics, its cache."""
    names = {
        "metricsEnabled": "metrics_enabled",
        "loggingLevel": "logging_level",
        "throttlingBurstLimit": "throttling_burst_limit",
        "throttlingRateLimit": "throttling_rate_limit",
        "cachingEnabled": "caching_enabled",
        "cacheTtlInSeconds": "cache_ttl_in_seconds",
    }
    asked: Any = world.asked(it, "settings", 0) or {}
    wanted = {name: repr(asked[key]) for name, key in names.items() if asked.get(key) not in (None, "")}
    yield written(
        "method_settings_{}_are_as_they_were_asked_to_be",
        it,
        world,
        f"it = {world.ref(it)}",
        "stage = apigateway.get_stage(restApiId=it['rest_api_id'], stageName=it['stage_name'])",
        "found = stage['methodSettings'][it['method_path']]",
        *compared(wanted),
        near=by_id(world, it.attributes.get("rest_api_id"), "aws_api_gateway_rest_api"),
    )
