"""The key and the address."""

from __future__ import annotations

import json
import logging
import sys
import traceback

import pytest

from pytest_lsqm.errors import LsqmError, UsageError
from tests.generation.desk import KEY, Desk, reason
from tests.generation.messages_api import MessagesAPI, Reply, error

pytestmark = pytest.mark.usefixtures("_environment")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_a_key_the_next_step_is_said_before_anything_is_asked(
    value: str | None, desk: Desk, api: MessagesAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
    else:
        monkeypatch.setenv("ANTHROPIC_API_KEY", value)
    with pytest.raises(UsageError, match="put one into ANTHROPIC_API_KEY, or use `builtin`"):
        desk.claude()
    assert api.requests == []


def test_without_its_package_the_command_that_installs_it_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(UsageError, match=r"pip install 'pytest-lsqm\[claude\]'"):
        desk.claude()


@pytest.mark.parametrize("value", ["sk-one\nsk-two", "sk-schlüssel", "sk-a b"])
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(
    value: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", value)
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY") as caught:
        desk.claude()
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "http://user:secret@127.0.0.1:1",
        "http://127.0.0.1:1?token=secret",
        "secret",
        "ftp://secret",
        "http://[secret",
    ],
)
def test_an_address_with_a_password_in_it_is_refused_without_repeating_it(
    value: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", value)
    with pytest.raises(UsageError, match="ANTHROPIC_BASE_URL") as caught:
        desk.claude()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (error(401, "authentication_error", f"invalid key {KEY}"), "rejects the key in ANTHROPIC_API_KEY"),
        (error(403, "permission_error", "not yours"), "rejects the key in ANTHROPIC_API_KEY (not yours)"),
        (error(402, "billing_error", "no credit"), "no credit left"),
        (error(404, "not_found_error", "model: no-such"), "(model: no-such): check the model, claude-"),
    ],
)
@pytest.mark.parametrize("where", ["counts", "messages", "creations", "retrievals"])
def test_what_would_fail_every_request_stops_everything_with_one_sentence(
    reply: Reply, why: str, where: str, desk: Desk, api: MessagesAPI
) -> None:
    setattr(api, where, [reply])
    with pytest.raises(LsqmError) as caught:
        desk.generate(3 if where == "messages" else 4)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(api.asked("/v1/messages")) == (where == "messages")
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told + "".join(desk.told)
    # Nobody would fetch a batch that was left behind.
    assert ("/v1/messages/batches/msgbatch_0/cancel" in api.paths) == (where == "retrievals")


def test_a_spend_limit_stops_everything_though_it_looks_like_a_rate_limit(desk: Desk, api: MessagesAPI) -> None:
    details = {"error_code": "enforced_spend_limit_reached"}
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "limit", "details": details}}
    api.messages = [Reply(429, body, {"x-should-retry": "false"})]
    with pytest.raises(LsqmError, match="no credit left"):
        desk.generate(2)


def test_the_key_is_in_no_draft_and_no_log(desk: Desk, api: MessagesAPI, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    no = error(400, "invalid_request_error", f"odd request\nwith {KEY} " + "x" * 1000)
    api.messages = [no]
    drafts = desk.generate(2)
    assert reason(drafts[0]).startswith("the API answered 400 (odd request with *** xxx")
    assert len(reason(drafts[0])) < 400
    assert "Sending HTTP Request" in caplog.text  # the SDK was heard
    assert KEY not in caplog.text + repr(drafts) + "".join(desk.told)
    assert KEY not in json.dumps(api.prompts)
