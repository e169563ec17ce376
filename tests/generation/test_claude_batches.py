"""Many architectures at once, and the second try of one that was refused."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.generation.claude import MAX_TOKENS
from pytest_lsqm.generation.prompt import MAX_REASONS
from tests.generation.desk import FILES, GOOD, KEY, QUEUE, Desk, answer, blocks, made, reason
from tests.generation.messages_api import MessagesAPI, Reply, error, message, overloaded

if TYPE_CHECKING:
    from pytest_lsqm.models import TestApp

pytestmark = pytest.mark.usefixtures("_environment")


def test_more_than_a_few_architectures_go_into_one_batch(desk: Desk, api: MessagesAPI) -> None:
    api.looks = 3
    drafts = desk.generate(4)
    assert [made(draft).arch_hash for draft in drafts] == [f"{number:016x}" for number in range(4)]
    assert api.asked("/v1/messages") == []
    [batch] = api.batches
    assert len({request["custom_id"] for request in batch.requests}) == 4
    assert {request["params"]["max_tokens"] for request in batch.requests} == {MAX_TOKENS}
    assert not any("stream" in request["params"] for request in batch.requests)
    # Three looks until it has ended; the SDK itself looks once more for the address of the results.
    assert len(api.asked("/v1/messages/batches/msgbatch_0")) == 4
    assert desk.budget.used == 4 * 150
    assert "msgbatch_0" in "".join(desk.told)


def test_three_architectures_are_not_worth_the_wait_for_a_batch(desk: Desk, api: MessagesAPI) -> None:
    for draft in desk.generate(3):
        made(draft)
    assert api.batches == []


def test_each_result_of_a_batch_is_its_own_architectures(desk: Desk, api: MessagesAPI) -> None:
    refused = {"type": "error", "error": {"type": "invalid_request_error", "message": f"odd {KEY}"}}
    cut = message("{", stop_reason="max_tokens")
    other = message(json.dumps({**FILES, "app.py": "NUMBER = 5\n"}))
    api.results = {
        f"{0:016x}": {"type": "errored", "error": refused},
        f"{1:016x}": {"type": "expired"},
        f"{2:016x}": {"type": "canceled"},
        f"{3:016x}": None,
        f"{4:016x}": {"type": "succeeded", "message": cut},
        f"{5:016x}": {"type": "succeeded", "message": other},
        f"{7:016x}": {"type": "errored"},
        f"{8:016x}": {"type": "succeeded", "message": {}},
        f"{9:016x}": {"type": "of a later version"},
    }
    drafts = {int(draft.arch_hash, 16): draft for draft in desk.generate(10)}
    assert reason(drafts[0]) == "the API could not do it: invalid_request_error: odd ***"
    assert "expired" in reason(drafts[1])
    assert "cancelled" in reason(drafts[2])
    assert reason(drafts[3]) == "the batch ended without a result for it"
    assert "cut off" in reason(drafts[4])
    assert made(drafts[5]).files["app.py"] == "NUMBER = 5\n"
    assert made(drafts[6]).files == FILES
    assert reason(drafts[7]) == "the API could not do it"
    assert "no message" in reason(drafts[8])
    assert reason(drafts[9]) == "the batch ended without a result for it"
    # Three answers, four that cost nothing, and three of which nobody knows.
    assert desk.budget.used == 3 * 150 + 3 * (api.counted + MAX_TOKENS)
    assert desk.budget.reserved == 0


def test_what_a_batch_did_not_use_is_there_for_the_repair_of_its_first_app(desk: Desk, api: MessagesAPI) -> None:
    desk.budget = Budget(4 * (api.counted + MAX_TOKENS))
    drafts = desk.claude().generate(desk.briefs(4))
    draft = desk.claude().repair(desk.brief(), made(next(drafts)), ["it fails"])
    assert draft is not None
    made(draft)
    assert len(list(drafts)) == 3


def test_a_batch_survives_a_server_that_stumbles_while_it_is_waited_for(desk: Desk, api: MessagesAPI) -> None:
    api.retrievals = [overloaded(retry_after="0.01")] * 5
    api.looks = 7
    api.downloads = [Reply(body=b'{"custom_id": "half a li', kind="application/x-jsonl", complete=False)]
    for draft in desk.generate(4):
        made(draft)
    assert len(api.batches) == 1
    assert len(api.asked("/v1/messages/batches/msgbatch_0/results")) == 2


def test_a_batch_that_takes_too_long_is_cancelled_and_what_it_has_is_taken(desk: Desk, api: MessagesAPI) -> None:
    api.looks = 1_000_000
    api.results = {f"{1:016x}": {"type": "succeeded", "message": GOOD}}
    drafts = list(desk.claude(patience=0.05).generate(desk.briefs(4)))
    made(drafts[1])
    rest = {reason(drafts[number]) for number in (0, 2, 3)}
    assert rest == {"the batch was cancelled before its turn: try again"}
    assert "/v1/messages/batches/msgbatch_0/cancel" in api.paths
    assert desk.budget.used == 150


def test_an_interrupted_batch_is_cancelled(desk: Desk, api: MessagesAPI) -> None:
    api.looks = 1_000_000
    api.on_look = lambda: os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        desk.generate(4)
    [batch] = api.batches
    assert batch.cancelled


def test_a_batch_that_is_not_accepted_costs_nothing_and_says_why(desk: Desk, api: MessagesAPI) -> None:
    api.creations = [error(400, "invalid_request_error", "too many")]
    for draft in desk.generate(4):
        assert reason(draft) == "the batch was not accepted: the API answered 400 (too many)"
    assert (desk.budget.used, desk.budget.reserved) == (0, 0)


@pytest.fixture
def first(desk: Desk) -> TestApp:
    """An app that the gate will refuse."""
    return made(desk.draft())


def test_a_repair_shows_the_app_and_what_the_gate_said_and_adds_up_what_both_have_cost(
    desk: Desk, api: MessagesAPI, first: TestApp
) -> None:
    better = {**FILES, "app.py": "FIXED = True\n"}
    api.messages = [message(json.dumps(better), usage={"input_tokens": 1000, "output_tokens": 500})]
    draft = desk.claude().repair(
        desk.brief(), first, ["test_it fails: no queue", "it passes when\nnothing is there"]
    )
    assert draft is not None
    app = made(draft)
    assert app.files == better
    assert (app.input_tokens, app.output_tokens) == (1100, 550)
    assert desk.budget.used == 1650
    asked, shown, refused = api.prompts[-1]["messages"]
    assert [turn["role"] for turn in (asked, shown, refused)] == ["user", "assistant", "user"]
    assert blocks(asked["content"]) == {"main.tf": QUEUE}
    assert json.loads(shown["content"]) == FILES
    [said] = blocks(refused["content"]).values()
    assert said == "test_it fails: no queue\n\nit passes when\nnothing is there"
    assert api.prompts[0]["system"] == api.prompts[-1]["system"]
    assert api.paths[-2:] == ["/v1/messages/count_tokens", "/v1/messages"]


def test_what_the_gate_said_is_bounded_from_its_middle(desk: Desk, api: MessagesAPI, first: TestApp) -> None:
    desk.claude().repair(desk.brief(), first, ["the beginning " + "x" * 3 * MAX_REASONS + " the end"])
    [said] = blocks(api.prompts[-1]["messages"][2]["content"]).values()
    assert said.startswith("the beginning")
    assert said.endswith("the end")
    assert len(said) < MAX_REASONS + 100


def test_a_repair_that_the_budget_does_not_cover_is_not_sent(desk: Desk, api: MessagesAPI, first: TestApp) -> None:
    desk.budget.limit = api.counted + MAX_TOKENS
    draft = desk.claude().repair(desk.brief(), first, ["it fails"])
    assert draft is not None
    assert "1 architecture is left: raise --lsqm-token-budget" in reason(draft)
    assert len(api.asked("/v1/messages")) == 1


def test_a_repair_that_is_no_app_is_refused_as_a_first_answer_is(
    desk: Desk, api: MessagesAPI, first: TestApp
) -> None:
    api.messages = [answer(app__py="x = (")]
    draft = desk.claude().repair(desk.brief(), first, ["it fails"])
    assert draft is not None
    assert "app.py is not valid Python" in reason(draft)
