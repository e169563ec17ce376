"""Methods of a REST API that it answers by itself, and always the same: what it will say can be told before."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

JSON = "application/json"
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNTOLD = object()
"""In place of a request body that a schema would accept, where that is not plain to see."""


@dataclass(frozen=True)
class Mock:
    """A method whose answer is known; `order` is a request body that its model accepts, if it has one."""

    verb: str
    path: str
    status: int
    body: Any
    key: bool = False
    order: Any = None
    query: tuple[str, ...] = ()
    """The query parameters that it insists on."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What a test's name calls it: `get_produce`."""
        return "_".join([self.verb.lower(), *(re.findall(r"[A-Za-z0-9]+", self.path) or ["root"])])


def mocks(api: Resource, world: World) -> Iterator[Mock]:
    """Find the methods of resources of their own."""
    for method in world.where("aws_api_gateway_method", rest_api_id=api.attributes.get("id")):
        if (found := _mock(api, method, world)) is not None:
            yield found


def _mock(api: Resource, method: Resource, world: World) -> Mock | None:
    attributes: Any = method.attributes
    path = _path(api, attributes.get("resource_id"), world)
    verb = "GET" if attributes.get("http_method") == "ANY" else attributes.get("http_method")
    integration, *_ = [*_of_method(world, method, "aws_api_gateway_integration"), None]
    if path is None or verb not in VERBS or attributes.get("authorization") not in {"NONE", "AWS_IAM"}:
        return None
    if integration is None or integration.attributes.get("type") != "MOCK":
        return None
    status = _status(_templates(integration, "request_templates").get(JSON))
    responses = _of_method(world, method, "aws_api_gateway_integration_response")
    choices = {
        str(r.attributes.get("selection_pattern") or "default"): (
            str(r.attributes.get("status_code")),
            _templates(r, "response_templates"),
        )
        for r in responses
    }
    validator = by_id(world, attributes.get("request_validator_id"), "aws_api_gateway_request_validator")
    asked = validator.attributes if validator is not None else {}
    wanted = [name for name, needed in (attributes.get("request_parameters") or {}).items() if needed]
    order = None
    if asked.get("validate_request_body"):
        name = (attributes.get("request_models") or {}).get(JSON)
        models = world.where("aws_api_gateway_model", rest_api_id=attributes.get("rest_api_id"), name=name)
        schema = parsed(models[0].attributes.get("schema")) if models else None
        order = _instance(schema, {}) if schema is not None else None
    return _known(
        verb,
        path,
        status,
        choices=choices,
        key=bool(attributes.get("api_key_required")),
        order=order,
        wanted=wanted if asked.get("validate_request_parameters") else [],
    )


def described(api: Resource, world: World) -> Iterator[Mock]:
    """Find the methods of an OpenAPI document in JSON."""
    document = parsed(world.asked(api, "body"))
    if not isinstance(document, dict):
        return
    validators = document.get("x-amazon-apigateway-request-validators") or {}
    schemas = (document.get("components") or {}).get("schemas") or document.get("definitions") or {}
    for path, item in sorted((document.get("paths") or {}).items()):
        for verb in VERBS:
            method = item.get(verb.lower())
            integration = method.get("x-amazon-apigateway-integration") if isinstance(method, dict) else None
            if not isinstance(integration, dict) or str(integration.get("type")).lower() != "mock":
                continue
            if method.get("security") or document.get("security"):
                continue
            name = method.get("x-amazon-apigateway-request-validator") or document.get(
                "x-amazon-apigateway-request-validator"
            )
            checks = validators.get(name) or {}
            wanted = [
                f"method.request.{'querystring' if p['in'] == 'query' else p['in']}.{p['name']}"
                for p in [*(item.get("parameters") or ()), *(method.get("parameters") or ())]
                if p.get("required") and "in" in p
            ]
            schema = ((method.get("requestBody") or {}).get("content") or {}).get(JSON, {}).get("schema")
            order = _instance(schema, schemas) if schema and checks.get("validateRequestBody") else None
            choices = {
                str(pattern): (str(told.get("statusCode")), told.get("responseTemplates") or {})
                for pattern, told in (integration.get("responses") or {}).items()
            }
            found = _known(
                verb,
                _filled(path),
                _status((integration.get("requestTemplates") or {}).get(JSON)),
                choices=choices,
                key=False,
                order=order,
                wanted=wanted if checks.get("validateRequestParameters") else [],
            )
            if found is not None:
                yield found


def _known(
    verb: str,
    path: str,
    status: int | None,
    *,
    choices: Mapping[str, tuple[str, Mapping[str, str]]],
    key: bool,
    order: Any,
    wanted: list[str],
) -> Mock | None:
    """Put together what will be answered: the response that the status selects, else the default one."""
    if status is None or order is UNTOLD:
        return None
    chosen = next((told for pattern, told in choices.items() if _selects(pattern, status)), choices.get("default"))
    if chosen is None or not chosen[0].isdigit():
        return None
    template = chosen[1].get(JSON)
    plain = template if isinstance(template, str) and not re.search(r"[#$]", template) else None
    where = {name.split(".", 3)[3]: name.split(".", 3)[2] for name in wanted if name.count(".") >= 3}
    return Mock(
        verb,
        path,
        int(chosen[0]),
        parsed(plain),
        key,
        order,
        tuple(sorted(name for name, place in where.items() if place == "querystring")),
        {name: "a1" for name, place in where.items() if place == "header"},
    )


def _selects(pattern: str, status: int) -> bool:
    try:
        return pattern != "default" and re.fullmatch(pattern, str(status)) is not None
    except re.error:
        return False


def _of_method(world: World, method: Resource, type_: str) -> list[Resource]:
    keys = ("rest_api_id", "resource_id", "http_method")
    return [r for r in world.of(type_) if all(r.attributes.get(k) == method.attributes.get(k) for k in keys)]


def _templates(it: Resource, attribute: str) -> Mapping[str, str]:
    return it.asked.get(attribute) or it.attributes.get(attribute) or {}


def _status(template: object) -> int | None:
    found = re.fullmatch(r'\s*\{\s*"?statusCode"?\s*:\s*"?(\d{3})"?\s*\}\s*', str(template or ""))
    return int(found[1]) if found else None


def parsed(text: object) -> Any:
    """Return what a JSON text says, None where it is none."""
    try:
        return json.loads(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _path(api: Resource, resource_id: object, world: World) -> str | None:
    if resource_id == api.attributes.get("root_resource_id"):
        return "/"
    found = by_id(world, resource_id, "aws_api_gateway_resource")
    path = found.attributes.get("path") if found is not None else None
    return _filled(path) if isinstance(path, str) else None


def _filled(path: str) -> str:
    """A path with `a1` for its parameters."""
    return re.sub(r"\{[^}]*\}", "a1", path)


def _instance(schema: Any, known: Mapping[str, Any]) -> Any:
    """A small value that a JSON schema accepts, UNTOLD where it asks for more than types and bounds."""
    if isinstance(schema, dict) and "$ref" in schema:
        schema = known.get(str(schema["$ref"]).rsplit("/", 1)[-1])
    more = {"$ref", "allOf", "oneOf", "anyOf", "pattern", "format", "not", "const", "multipleOf"}
    if not isinstance(schema, dict) or schema.keys() & more:
        return UNTOLD
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object")
    found: Any = UNTOLD
    if kind == "object":
        parts = schema.get("properties", {})
        filled = {name: _instance(parts.get(name), known) for name in schema.get("required", ())}
        found = UNTOLD if UNTOLD in filled.values() else filled
    elif kind == "array":
        item = _instance(schema.get("items"), known) if schema.get("minItems") else None
        found = UNTOLD if item is UNTOLD else [item] * int(schema.get("minItems", 0))
    elif kind == "string":
        found = "a" * max(int(schema.get("minLength", 3)), 1)
    elif kind in {"integer", "number"}:
        low, high = schema.get("minimum"), schema.get("maximum")
        found = 1 if low is None and high is None else high if low is None else low + (high is None or low < high)
    elif kind == "boolean":
        found = True
    return found
