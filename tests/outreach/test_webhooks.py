"""Posting to a webhook: it arrives, or a sentence says why not, without the address."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import webhooks
from tests.outreach.conftest import refused
from tests.support.loopback import Server, answer, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator


SECRET = "T0/B0/canary-of-a-webhook"


@pytest.fixture
def channel() -> Iterator[Server]:
    with Server({f"/{SECRET}": answer(200, b"ok")}) as serving:
        yield serving


def test_a_document_is_posted_as_json(channel: Server) -> None:
    webhooks.post("it", channel.url(f"/{SECRET}"), {"text": "ü"})
    (asked,) = channel.asked
    assert asked.handler.command == "POST"
    assert asked.headers["Content-Type"] == "application/json"
    assert json.loads(asked.body) == {"text": "ü"}


def test_a_webhook_that_wants_patience_is_given_it(channel: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    channel.answers[f"/{SECRET}"] = in_turn(answer(429, b"", Retry_After="7"), answer(503), answer(200))
    webhooks.post("it", channel.url(f"/{SECRET}"), {})
    assert len(channel.asked) == 3
    assert waits == [7.0, 2.0]


def test_a_webhook_that_wants_too_much_patience_is_left(channel: Server) -> None:
    channel.answers[f"/{SECRET}"] = answer(429, b"", Retry_After="3600")
    told = refused(OutreachError, lambda: webhooks.post("it", channel.url(f"/{SECRET}"), {}))
    assert "asks for 3600 s of patience" in told
    assert len(channel.asked) == 1


def test_a_webhook_in_trouble_for_ever_is_given_up(channel: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    channel.answers[f"/{SECRET}"] = answer(500, b"no")
    told = refused(OutreachError, lambda: webhooks.post("it", channel.url(f"/{SECRET}"), {}))
    assert told == "it answered 500 no, 4 times in a row: run this again later"
    assert len(channel.asked) == 4


def test_a_refusal_is_not_tried_again_and_does_not_repeat_the_address(channel: Server) -> None:
    channel.answers[f"/{SECRET}"] = answer(404, f"no_service at /{SECRET}".encode())
    told = refused(OutreachError, lambda: webhooks.post("it", channel.url(f"/{SECRET}"), {}))
    assert told.startswith("it answered 404 no_service at …")
    assert len(channel.asked) == 1


def test_a_redirect_is_not_followed(channel: Server) -> None:
    channel.answers[f"/{SECRET}"] = answer(307, b"", Location="/elsewhere")
    refused(OutreachError, lambda: webhooks.post("it", channel.url(f"/{SECRET}"), {}))
    assert len(channel.asked) == 1


def test_a_webhook_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with Server() as gone:
        url = gone.url(f"/{SECRET}")
    told = refused(OutreachError, lambda: webhooks.post("it", url, {}))
    assert told == "it cannot be reached (ConnectionError), 4 times in a row: run this again later"


def test_an_answer_that_never_comes_is_not_asked_for_twice(
    channel: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "ANSWER", 0.2)
    channel.answers[f"/{SECRET}"] = lambda request: request.released.wait(20)  # type: ignore[assignment]
    assert "may be there" in refused(OutreachError, lambda: webhooks.post("it", channel.url(f"/{SECRET}"), {}))
    assert len(channel.asked) == 1


@pytest.mark.parametrize("value", ["", "canary", "ftp://canary", "https://"])
def test_an_address_that_is_none_is_a_wrong_call(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSQM_WEBHOOK", value)
    assert "LSQM_WEBHOOK" in refused(UsageError, lambda: webhooks.address("LSQM_WEBHOOK"))


def test_without_requests_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    told = refused(UsageError, lambda: webhooks.post("it", "http://127.0.0.1:1/", {}))
    assert "pip install 'pytest-lsqm[notify]'" in told
