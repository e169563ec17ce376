"""The budget of tokens."""

from __future__ import annotations

import json

import pytest

from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.generation.claude import MAX_TOKENS
from tests.generation.desk import FILES, Desk, made, reason
from tests.generation.messages_api import MessagesAPI, message

pytestmark = pytest.mark.usefixtures("_environment")


def test_a_request_that_may_exceed_the_budget_is_not_sent_and_what_is_left_is_said(
    desk: Desk, api: MessagesAPI
) -> None:
    desk.budget = Budget(2 * (api.counted + MAX_TOKENS) - 1)
    api.messages = [message(json.dumps(FILES), usage={"input_tokens": 900, "output_tokens": 40_000})]
    first, *rest = desk.generate(3)
    made(first)
    why = (
        "the token budget of 65999 is spent (40900 used, the next request may need 33000); "
        "2 architectures are left: raise --lsqm-token-budget"
    )
    assert [reason(draft) for draft in rest] == [why, why]
    assert [draft.arch_hash for draft in rest] == [f"{number:016x}" for number in (1, 2)]
    assert api.paths == ["/v1/messages/count_tokens", "/v1/messages", "/v1/messages/count_tokens"]


def test_what_an_answer_did_not_use_serves_the_next_one(desk: Desk, api: MessagesAPI) -> None:
    desk.budget = Budget(api.counted + MAX_TOKENS + 2 * 150)
    assert [made(draft).files for draft in desk.generate(3)] == [FILES] * 3
    assert (desk.budget.used, desk.budget.reserved) == (450, 0)


def test_a_budget_that_is_just_enough_is_enough(desk: Desk, api: MessagesAPI) -> None:
    desk.budget = Budget(api.counted + MAX_TOKENS)
    made(desk.draft())


def test_a_batch_takes_only_as_many_as_fit_and_the_rest_is_asked_for_when_there_is_room(
    desk: Desk, api: MessagesAPI
) -> None:
    desk.budget = Budget(5 * (api.counted + MAX_TOKENS))
    drafts = desk.generate(7)
    assert len({made(draft).arch_hash for draft in drafts}) == 7
    assert [len(batch.requests) for batch in api.batches] == [5]
    assert len(api.asked("/v1/messages")) == 2
    assert (desk.budget.used, desk.budget.reserved) == (7 * 150, 0)


def test_a_budget_that_is_spent_by_a_batch_is_said_of_all_that_are_left(desk: Desk, api: MessagesAPI) -> None:
    desk.budget = Budget(4 * (api.counted + MAX_TOKENS))
    api.otherwise = message(json.dumps(FILES), usage={"output_tokens": MAX_TOKENS})
    drafts = desk.generate(6)
    assert [draft.app is not None for draft in drafts] == [True] * 4 + [False] * 2
    assert "2 architectures are left" in reason(drafts[-1])
    assert len(api.prompts) == 4
