"""`lsqm notify`, run as a person runs it, at servers of this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import lsqm
from tests.corpus.records import (
    A,
)
from tests.outreach.records import ran, regressed
from tests.outreach.tracker import NAME, TOKEN, Tracker
from tests.support.loopback import Server, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.corpus import Store


ADDRESS = f"https://github.com/{NAME}/issues/1"
SECRET = "T0/B0/canary-of-a-webhook"


@pytest.fixture
def channel() -> Iterator[Server]:
    with Server({f"/{SECRET}": answer(200, b"ok")}) as serving:
        yield serving


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
