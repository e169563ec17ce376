"""`lsqm notify`: what came of a run, told in a channel or in issues."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pytest_lsqm import github
from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import issues, news, webhooks

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_lsqm.outreach.issues import Step

SLACK, WEBHOOK = "LSQM_SLACK_WEBHOOK", "LSQM_WEBHOOK"

_VERBS = {"create": "create", "comment": "comment on", "reopen": "reopen", "close": "close"}
_DONE = {"create": "created", "comment": "commented on", "reopen": "reopened", "close": "closed"}


def run(arguments: argparse.Namespace) -> int:
    """Tell each channel; one that fails keeps no other from being told, and makes the exit code 1."""
    # What is wrong with the call is said before anything is sent.
    channels = {
        name: (webhooks.address(variable), slack)
        for name, variable, slack, wanted in (
            ("Slack's webhook", SLACK, True, arguments.slack),
            ("the webhook", WEBHOOK, False, arguments.webhook),
        )
        if wanted
    }
    client = _client(arguments)
    store = Store.open(arguments.corpus)
    found = news.of_run(store, arguments.run_id, arguments.link)
    told: dict[str, Any] = {"issues": [], "sent": []}
    problems: list[str] = []
    if client is not None:
        done = issues.update(store, client, arguments.github_repo, create=arguments.create)
        told["issues"] = [asdict(step) for step in done.steps]
        problems += done.problems
        if not arguments.json:
            for line in _steps(done.steps, arguments.github_repo, found_out=not problems):
                _say(line)
        # The messages have the addresses of the issues.
        found = news.of_run(store, found.run.run_id, arguments.link)
    for name, (url, slack) in channels.items():
        try:
            webhooks.post(name, url, found.as_slack() if slack else found.as_json())
        except OutreachError as error:
            problems.append(str(error))
        else:
            told["sent"].append(name)
    if arguments.json:
        _say(json.dumps({"news": found.as_json(), **told, "problems": problems}, indent=2))
    elif told["sent"]:
        _say(f"told {' and '.join(told['sent'])}: {found.headline()}")
    elif not channels and client is None:
        _say("\n".join([found.headline(), *found.lines(), *([found.link] if found.link else [])]))
    for problem in problems:
        print(f"lsqm: {problem}", file=sys.stderr)  # noqa: T201
    return 1 if problems else 0


def _client(arguments: argparse.Namespace) -> github.GitHub | None:
    if not arguments.github_repo:
        if arguments.create:
            raise UsageError("--create wants the repository too: --github-repo OWNER/NAME")
        return None
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", arguments.github_repo):
        raise UsageError(f"{arguments.github_repo!r} is no repository: name it as OWNER/NAME")
    client = github.GitHub.from_environment()
    if arguments.create and not client.has_token:
        raise UsageError(f"--create wants a token that may write issues: set {github.TOKENS[0]}")
    return client


def _steps(steps: list[Step], repository: str, *, found_out: bool) -> Iterator[str]:
    if not steps and found_out:
        yield f"no issue in {repository} wants anything"
    for step in steps:
        where = f" {step.url}" if step.url else ""
        verb = _DONE[step.kind] if step.done else f"would {_VERBS[step.kind]}"
        yield f"{verb}{where}: {step.title}"
        if step.body and not step.done:
            yield from (f"    {line}" for line in step.body.splitlines())
    if any(not step.done for step in steps):
        yield "nothing was written: --create does it"


def _say(text: str) -> None:
    print(text)  # noqa: T201
