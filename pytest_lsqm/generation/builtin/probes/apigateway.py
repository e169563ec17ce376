"""REST APIs: what their deployed stages answer, to whom, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.asking import by_id, written
from pytest_lsqm.generation.builtin.probes.mocks import described, mocks
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.probes.mocks import Mock
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def call_stage(api_id, stage, method, path, body=None, **headers):
    """Status and body of what a deployed stage answers, by whichever address the emulator serves it."""
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    parts = urlsplit(endpoint)
    port = f":{parts.port}" if parts.port else ""
    host = {"Host": f"{api_id}.execute-api.{parts.hostname}{port}"}
    addresses = (
        (f"{endpoint}/_aws/execute-api/{api_id}/{stage}{path}", {}),
        (f"{endpoint}/{stage}{path}", host),
    )
    session = boto3.Session()
    status, text = 404, ""
    for url, more in addresses:
        sent = {"Content-Type": "application/json"} | headers | more
        request = AWSRequest(method, url, sent, body)
        signer = SigV4Auth(session.get_credentials(), "execute-api", session.region_name)
        signer.add_auth(request)
        answer = URLLib3Session(timeout=20).send(request.prepare())
        status, text = answer.status_code, answer.text
        if status != 404:
            break
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text
''')


DENIED = {"INVALID_API_KEY": 403, "BAD_REQUEST_BODY": 400, "BAD_REQUEST_PARAMETERS": 400}
"""What a stage answers by itself when it refuses a call, where no gateway response says otherwise."""


def stages(api: Resource, world: World) -> Iterator[Resource]:
    """Go through what gives an API a stage."""
    for made in world.of("aws_api_gateway_stage", "aws_api_gateway_deployment"):
        if made.attributes.get("rest_api_id") == api.attributes.get("id") and made.attributes.get("stage_name"):
            yield made


def _key(api: Resource, stage: Resource, world: World) -> Resource | None:
    """An API key that this stage accepts, of the plan that lets most calls through."""
    found: list[tuple[float, str, Resource]] = []
    for plan in world.of("aws_api_gateway_usage_plan"):
        served = [(s.get("api_id"), s.get("stage")) for s in plan.attributes.get("api_stages") or ()]
        if (api.attributes.get("id"), stage.attributes.get("stage_name")) not in served:
            continue
        throttle = (plan.attributes.get("throttle_settings") or [{}])[0]
        for joined in world.where("aws_api_gateway_usage_plan_key", usage_plan_id=plan.attributes.get("id")):
            key = by_id(world, joined.attributes.get("key_id"), "aws_api_gateway_api_key")
            if key is not None and key.attributes.get("enabled", True):
                found.append((float(throttle.get("rate_limit") or "inf"), key.address, key))
    return max(found)[2] if found else None


def _denied(api: Resource, world: World, kind: str) -> int:
    """The status of a refusal, as the API's own gateway responses have it."""
    own = world.where("aws_api_gateway_gateway_response", rest_api_id=api.attributes.get("id"))
    told = {str(r.attributes.get("response_type")): r.attributes.get("status_code") for r in own}
    return int(told.get(kind) or told.get("DEFAULT_4XX") or DENIED[kind])


@probe("aws_api_gateway_rest_api")
def rest_api(it: Resource, world: World) -> Iterator[Test]:
    """Yield what the stages of an API answer where that is known, and what they refuse."""
    yield written(
        "api_{}_is_the_one_that_was_asked_for",
        it,
        world,
        f"api = {world.ref(it)}",
        "found = apigateway.get_rest_api(restApiId=api['id'])",
        f"assert found['name'] == {world.source(it, 'name')}",
        "answer = apigateway.get_resources(restApiId=api['id'], limit=500)",
        "paths = {entry['path'] for entry in answer['items']}",
        f"assert paths >= {{{', '.join(map(repr, _paths(it, world)))}}}",
    )
    known = [*mocks(it, world), *described(it, world)]
    for stage in stages(it, world):
        for mock in known:
            yield from _answers(it, stage, mock, world)


def _paths(api: Resource, world: World) -> list[str]:
    own = world.where("aws_api_gateway_resource", rest_api_id=api.attributes.get("id"))
    return sorted({"/", *(str(r.attributes["path"]) for r in own if r.attributes.get("path"))})


def _answers(api: Resource, stage: Resource, mock: Mock, world: World) -> Iterator[Test]:
    key = _key(api, stage, world) if mock.key else None
    if mock.key and key is None:
        return
    sent = "" if mock.order is None else f", json.dumps({mock.order!r})"
    more = [f"{name!r}: {value!r}" for name, value in sorted(mock.headers.items())]
    opened = [*more, f"'x-api-key': {world.ref(key)}['value']"] if key else more
    query = "&".join(f"{name}=a1" for name in mock.query)

    def call(order: str = sent, query: str = query, headers: list[str] = opened) -> str:
        path = f"{mock.path}?{query}" if query else mock.path
        rest = f", **{{{', '.join(headers)}}}" if headers else ""
        return f"call_stage(api['id'], stage['stage_name'], {mock.verb!r}, {path!r}{order}{rest})"

    start = [f"api = {world.ref(api)}", f"stage = {world.ref(stage)}"]
    where = f"{mock.label}_on_{stage.attributes['stage_name']}".lower().replace("-", "_")
    checked = [f"assert body == {mock.body!r}"] if mock.body is not None else []
    told = f"status, {'body' if checked else '_'} = {call()}"
    yield written(f"{where}_is_answered", api, world, *start, told, f"assert status == {mock.status}", *checked)
    refused: list[tuple[str, str, str]] = []
    if key:
        refused.append(("a_call_without_a_key", call(headers=more), "INVALID_API_KEY"))
    if isinstance(mock.order, dict) and mock.order:
        refused.append(("a_body_that_its_model_does_not_know", call(order=", '{}'"), "BAD_REQUEST_BODY"))
    if mock.query:
        refused.append(("a_call_that_lacks_a_parameter", call(query=""), "BAD_REQUEST_PARAMETERS"))
    for what, source, kind in refused:
        yield written(
            f"{where}_refuses_{what}",
            api,
            world,
            *start,
            f"status, _ = {source}",
            f"assert status == {_denied(api, world, kind)}",
        )
