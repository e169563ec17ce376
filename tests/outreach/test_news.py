"""What is told of a run, and that it reaches a webhook or a sentence says why not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError, OutreachError, UsageError
from pytest_lsqm.outreach import news, webhooks
from tests.cli.test_commands import lsqm
from tests.corpus.records import A, run_id
from tests.outreach.test_issues import ran, regressed, tracker
from tests.outreach.tracker import NAME, TOKEN
from tests.support.loopback import Server, answer, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.outreach.tracker import Tracker

__all__ = ["tracker"]

ADDRESS = f"https://github.com/{NAME}/issues/1"
SECRET = "T0/B0/canary-of-a-webhook"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "corpus")


@pytest.fixture
def channel() -> Iterator[Server]:
    with Server({f"/{SECRET}": answer(200, b"ok")}) as serving:
        yield serving


def refused(kind: type[LsqmError], call: Callable[[], object]) -> str:
    with pytest.raises(LsqmError) as caught:
        call()
    assert type(caught.value) is kind, caught.value
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is told


def test_a_run_is_told_with_its_rate_and_by_how_much_that_changed(store: Store) -> None:
    ran(store, 1, "4.6.0", a="PASSED", b="PASSED", c="FAILED")
    ran(store, 2, a="PASSED", b="FAILED", c="FAILED")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: 33.3 % passed (1 of 3), -33.3 points"


def test_the_change_is_that_of_architectures_which_have_a_result_before(store: Store) -> None:
    # As rates they are 50 % and 100 %: nothing became better.
    ran(store, 1, a="PASSED", b="FAILED")
    ran(store, 2, a="PASSED", c="PASSED")
    assert news.of_run(store).headline() == "localstack-host 4.14.0: 100.0 % passed (2 of 2), as before"


def test_the_first_run_has_no_change(store: Store) -> None:
    ran(store, 1, a="PASSED")
    assert news.of_run(store).headline() == "localstack-host 4.14.0: 100.0 % passed (1 of 1)"


def test_an_error_counts_neither_for_nor_against(store: Store) -> None:
    ran(store, 1, a="PASSED", b="PASSED")
    ran(store, 2, a="PASSED", b="ERROR")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: 100.0 % passed (1 of 1), as before"
    assert list(found.lines()) == ["1 ERROR, of which nothing was learnt"]


def test_a_run_of_errors_has_no_rate(store: Store) -> None:
    ran(store, 1, a="ERROR")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: nothing was learnt, 1 ERROR"
    assert found.rate is None


def test_regressions_fixes_and_new_architectures_are_told(store: Store) -> None:
    ran(store, 1, "4.6.0", a="PASSED", b="FAILED")
    ran(store, 2, a="FAILED", b="PASSED", c="PASSED")
    regressed(store, A)
    found = news.of_run(store)
    found = news.News(**{**vars(found), "run": with_new(found.run, 2)})
    assert list(found.lines()) == [
        "2 new architectures",
        "REGRESSION arch-a: PASSED → FAILED [emulator]",
        "FIXED arch-b: FAILED → PASSED",
    ]


def with_new(run: Any, count: int) -> Any:
    return run.model_copy(update={"summary": run.summary.model_copy(update={"new_architectures": count})})


def test_another_run_can_be_named_and_the_latest_is_the_default(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    assert (news.of_run(store, run_id(1)).rate, news.of_run(store).rate) == (1.0, 0.0)
    assert "there is no run x" in refused(UsageError, lambda: news.of_run(store, "x"))


def test_many_regressions_are_counted_and_not_all_listed(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    for number in range(14):
        regressed(store, f"{number:016x}")
    told = list(news.of_run(store).lines())
    assert sum(line.startswith("REGRESSION") for line in told) == 10
    assert told[-1] == "and 4 more regressions"


def test_slack_is_given_text_that_calls_nobody(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED", emulator="http://<!channel>&", b="PASSED")
    hostile = "<!channel> <@U123> <https://evil.example|x> *b*"
    regressed(store, A, architecture_name=hostile, emulator="http://<!channel>&")
    told = news.of_run(store, link="https://example.com/r?a=1&b=2").as_slack()
    header, section, link = told["blocks"]
    # Plain text is not read for meaning; what is, has it taken out.
    assert {header["text"]["type"], section["text"]["type"]} == {"plain_text"}
    assert hostile in section["text"]["text"]
    assert "<" not in told["text"]
    assert link["text"] == {"type": "mrkdwn", "text": "<https://example.com/r?a=1&amp;b=2|Read more>"}
    assert len(header["text"]["text"]) <= 150


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x|<!channel>", "https://x y", "here"])
def test_a_link_that_is_none_is_a_wrong_call(store: Store, link: str) -> None:
    ran(store, 1, a="PASSED")
    assert "--link wants" in refused(UsageError, lambda: news.of_run(store, link=link))


def test_what_logs_say_is_not_told_to_a_channel(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, A)
    found = news.of_run(store)
    told = json.dumps([found.as_json(), found.as_slack()])
    assert "sqs.CreateQueue" in told
    assert "InternalError" not in told


# Posting


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


# The command


def test_notify_without_a_channel_tells_it_here(store: Store) -> None:
    ran(store, 1, a="PASSED")
    done = lsqm("notify", "--link", "https://example.com/r", cwd=store.root.parent)
    assert done.stdout.splitlines() == [
        "localstack-host 4.14.0: 100.0 % passed (1 of 1)",
        "https://example.com/r",
    ]


def test_notify_tells_slack_a_webhook_and_github_and_names_the_issue(
    store: Store, channel: Server, tracker: Tracker
) -> None:
    ran(store, 1, "4.6.0", a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, A)
    channel.answers["/hook"] = answer(200)
    variables = {
        "LSQM_SLACK_WEBHOOK": channel.url(f"/{SECRET}"),
        "LSQM_WEBHOOK": channel.url("/hook"),
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": tracker.address,
    }
    words = ("notify", "--slack", "--webhook", "--github-repo", NAME, "--create")
    done = lsqm(*words, cwd=store.root.parent, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"created {ADDRESS}: sqs.CreateQueue: emulator defect in localstack-host since 4.14.0",
        "told Slack's webhook and the webhook: localstack-host 4.14.0: 0.0 % passed (0 of 1), -100.0 points",
    ]
    slack, hook = (json.loads(asked.body) for asked in channel.asked)
    assert ADDRESS in slack["blocks"][1]["text"]["text"]
    (regression,) = hook["regressions"]
    assert regression["github_issue_url"] == ADDRESS
    assert (hook["pass_rate"], hook["pass_rate_delta"]) == (0.0, -1.0)


def test_a_channel_that_fails_keeps_no_other_from_being_told(store: Store, channel: Server) -> None:
    ran(store, 1, a="PASSED")
    channel.answers["/hook"] = answer(403, b"no")
    variables = {"LSQM_SLACK_WEBHOOK": channel.url("/hook"), "LSQM_WEBHOOK": channel.url(f"/{SECRET}")}
    done = lsqm("notify", "--slack", "--webhook", "--json", cwd=store.root.parent, **variables)
    assert done.returncode == 1
    assert done.stderr == "lsqm: Slack's webhook answered 403 no: check the address in the environment\n"
    told = json.loads(done.stdout)
    assert told["sent"] == ["the webhook"]
    assert "canary" not in done.stdout
    assert len(channel.asked) == 2


def test_notify_previews_issues_without_a_token(store: Store, tracker: Tracker) -> None:
    ran(store, 1, "4.6.0", a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, A)
    variables = {"GITHUB_API_URL": tracker.address, "GITHUB_TOKEN": "", "GH_TOKEN": ""}
    done = lsqm("notify", "--github-repo", NAME, cwd=store.root.parent, **variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("would create: sqs.CreateQueue")
    assert done.stdout.endswith("nothing was written: --create does it\n")
    assert tracker.written == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--create",), "--github-repo OWNER/NAME"),
        (("--github-repo", "acme"), "name it as OWNER/NAME"),
        (("--github-repo", "acme/x", "--create"), "set GITHUB_TOKEN"),
        (("--slack",), "LSQM_SLACK_WEBHOOK is not set"),
        (("--webhook",), "LSQM_WEBHOOK is not set"),
    ],
)
def test_a_wrong_call_is_said_before_anything_is_sent(store: Store, words: tuple[str, ...], said: str) -> None:
    ran(store, 1, a="PASSED")
    done = lsqm("notify", *words, cwd=store.root.parent, GITHUB_TOKEN="", GH_TOKEN="")
    assert done.returncode == 4
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
