"""The generator that asks Claude, against a server that speaks the Messages API."""

from __future__ import annotations

import json
import socket
from importlib.metadata import version
from typing import get_args

import pytest

from pytest_lsqm.generation.claude import DEFAULT_MODEL, MAX_TOKENS
from pytest_lsqm.models import APP_FILES
from tests.generation.desk import FILES, GOOD, KEY, Desk, made, reason
from tests.generation.messages_api import MODEL, MessagesAPI, Reply, error, events, message, overloaded, stream

pytestmark = pytest.mark.usefixtures("_environment")


def test_what_claude_writes_becomes_an_app_with_the_model_that_answered_and_what_it_cost(
    desk: Desk, api: MessagesAPI
) -> None:
    usage = {"input_tokens": 7, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 2000}
    api.messages = [message(json.dumps(FILES), usage={**usage, "output_tokens": 30})]
    app = made(desk.draft())
    assert app.files == FILES
    assert app.arch_hash == f"{0:016x}"
    assert app.model_used == MODEL
    assert (app.input_tokens, app.output_tokens) == (2107, 30)
    assert app.generator_version == version("pytest-lsqm")
    assert (desk.budget.input_tokens, desk.budget.output_tokens) == (2107, 30)
    assert desk.budget.left == 500_000 - 2137
    assert "tiny-0" in desk.told[0]


def test_every_request_is_counted_before_with_the_same_prompt(desk: Desk, api: MessagesAPI) -> None:
    desk.generate(2)
    assert api.paths == ["/v1/messages/count_tokens", "/v1/messages"] * 2
    count, request = api.requests[:2]
    assert request.body == {**count.body, "max_tokens": MAX_TOKENS, "stream": True}
    assert count.headers["authorization"] == f"Bearer {KEY}"


def test_the_fixed_part_is_marked_for_the_cache_and_the_same_for_all(desk: Desk, api: MessagesAPI) -> None:
    desk.generate(2)
    first, second = api.prompts
    assert first["system"] == second["system"]
    [block] = first["system"]
    assert block["cache_control"] == {"type": "ephemeral"}
    assert len(block["text"]) > 5000  # shorter texts are not cached


def test_the_form_of_the_answer_is_exactly_the_four_files(desk: Desk, api: MessagesAPI) -> None:
    desk.draft()
    [asked] = api.prompts
    schema = asked["output_config"]["format"]["schema"]
    assert asked["output_config"]["format"]["type"] == "json_schema"
    assert list(schema["properties"]) == schema["required"] == list(APP_FILES)
    assert schema["additionalProperties"] is False
    # Current models answer 400 to these, and to nothing else that would force a form.
    assert not {"tools", "tool_choice", "thinking", "temperature"} & set(asked)


def test_the_model_is_the_option_else_the_environment_else_a_current_one(
    desk: Desk, api: MessagesAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anthropic.types import Model

    desk.draft()
    monkeypatch.setenv("LSQM_CLAUDE_MODEL", "claude-from-the-environment")
    desk.draft()
    list(desk.claude(model="claude-from-the-option").generate([desk.brief()]))
    names = [asked["model"] for asked in api.prompts]
    assert names == [DEFAULT_MODEL, "claude-from-the-environment", "claude-from-the-option"]
    assert DEFAULT_MODEL in get_args(get_args(Model)[0])


def test_a_429_is_waited_for_as_long_as_it_says(desk: Desk, api: MessagesAPI) -> None:
    api.messages = [error(429, "rate_limit_error", retry_after="1")]
    made(desk.draft())
    first, second = api.asked("/v1/messages")
    assert second.at - first.at >= 1.0
    assert first.body == second.body


@pytest.mark.parametrize("where", ["messages", "counts"])
@pytest.mark.parametrize("reply", [overloaded(retry_after="0.01"), error(500, "api_error", retry_after="0.01")])
def test_a_server_in_trouble_is_asked_again(where: str, reply: Reply, desk: Desk, api: MessagesAPI) -> None:
    setattr(api, where, [reply, reply])
    made(desk.draft())
    assert desk.budget.used == 150


def test_when_all_retries_are_used_up_the_next_architecture_has_its_turn(desk: Desk, api: MessagesAPI) -> None:
    api.messages = [overloaded(retry_after="0.01")] * 5
    first, second = desk.generate(2)
    assert reason(first) == "the API answered 529 (Overloaded)"
    made(second)
    assert len(api.asked("/v1/messages")) == 6
    assert desk.budget.used == 150


def test_a_request_that_the_api_refuses_is_not_sent_again(desk: Desk, api: MessagesAPI) -> None:
    api.counts = [error(413, "request_too_large", "too large")]
    first, second = desk.generate(2)
    assert reason(first) == "the API answered 413 (too large)"
    made(second)
    assert len(api.asked("/v1/messages/count_tokens")) == 2


def test_an_api_that_cannot_be_reached_is_a_reason_without_its_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
        [draft] = desk.claude(retries=1).generate([desk.brief()])
    assert reason(draft) == "the API cannot be reached: check the network, the proxy and ANTHROPIC_BASE_URL"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body={"hello": "world"}),
        Reply(body=b"<html>a proxy's page</html>", kind="text/html"),
        Reply(body={"input_tokens": None}),
    ],
)
def test_a_server_that_is_not_the_api_is_a_reason(reply: Reply, desk: Desk, api: MessagesAPI) -> None:
    api.counts = [reply]
    first, second = desk.generate(2)
    assert "check ANTHROPIC_BASE_URL" in reason(first)
    made(second)


HALF = len(events(GOOD)) // 2


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (stream(events(GOOD, until=HALF)), ""),
        (stream(events(GOOD, until=HALF), complete=False), " (RemoteProtocolError)"),
        (
            stream([*events(GOOD, until=HALF), {"type": "error", "error": {"message": "Overloaded"}}]),
            " (Overloaded)",
        ),
        (stream([]), " (AssertionError)"),
        (Reply(body=b"event: message_start\ndata: {not json\n\n", kind="text/event-stream"), " (JSONDecodeError)"),
    ],
)
def test_a_stream_that_breaks_off_is_no_app_and_the_next_architecture_has_its_turn(
    reply: Reply, why: str, desk: Desk, api: MessagesAPI
) -> None:
    api.messages = [reply]
    first, second = desk.generate(2)
    assert reason(first) == f"Claude's answer broke off before it was complete{why}"
    made(second)


@pytest.mark.parametrize("complete", [True, False])
def test_an_answer_that_broke_off_costs_all_that_it_may_have_cost(
    complete: bool, desk: Desk, api: MessagesAPI
) -> None:
    api.messages = [stream(events(GOOD, until=HALF), complete=complete)]
    desk.draft()
    assert (desk.budget.input_tokens, desk.budget.output_tokens) == (api.counted, MAX_TOKENS)


def test_a_proxy_of_the_machine_is_not_asked_for_an_address_that_needs_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    made(desk.draft())
