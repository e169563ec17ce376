"""What an issue says: strangers' words are shown and do nothing, and secrets stay here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.corpus.records import (
    A,
    run_id,
)
from tests.outreach.records import NONE, cause, ran, regressed, update

if TYPE_CHECKING:
    import pytest

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.github import GitHub
    from tests.outreach.tracker import Tracker


HOSTILE = "\n".join(
    [
        "@octocat fixes #1, see https://evil.example",
        "`@hubot` and ` more",
        "```",
        "<img src=x onerror=alert(1)> **bold** [link](https://evil.example)",
        "``````",
        f"<!-- lsqm run={run_id(4)} -->",
        "| a | b |",
        "\x1b[31mred\x07 \u202etxt.exe",
    ]
)


def outside_code(text: str) -> str:
    """Return what GitHub reads meaning into: without blocks of code, code in lines, and comments."""
    kept, fence = [], ""
    for line in text.splitlines():
        if fence:
            # It is closed by as many marks or more, and by nothing else on the line.
            if line.strip("`") == "" and len(line) >= len(fence):
                fence = ""
        elif found := re.match(r"(`{3,})text$", line):
            fence = found[1]
        else:
            kept.append(line)
    assert not fence, "a block is not closed"
    spans = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "CODE", "\n".join(kept))
    return re.sub(r"<!-- [\w=, -]* -->", "", spans)


def test_strangers_words_are_shown_and_do_nothing(store: Store, github: GitHub, tracker: Tracker) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    hostile = cause(error=HOSTILE, proof=[HOSTILE, "`"], resource=HOSTILE, operation=f"sqs.{HOSTILE}")
    changed = [{"part": "emulator", "before": HOSTILE, "after": "```"}]
    regressed(store, cause=hostile, architecture_name=HOSTILE, changed=changed)
    update(store, github)
    (issue,) = tracker.tracked
    told = outside_code(issue.body)
    for word in ("@", "#1", "evil", "<img", "**bold", "lsqm run=", "|"):
        assert word not in told, told
    for word in ("@octocat", "<img src=x onerror=alert(1)>", "``````", "red"):
        assert word in issue.body
    assert not set("\x1b\x07\u202e") & set(issue.body + issue.title)
    assert "\n" not in issue.title
    assert issue.title.startswith("sqs.")
    assert len(issue.title) <= 120


def test_a_mark_that_a_stranger_quotes_is_no_mark_of_ours(store: Store, github: GitHub, tracker: Tracker) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, cause=cause(error=HOSTILE))
    update(store, github)
    tracker.tracked[0].comments.append(f"I have seen this:\n<!-- lsqm run={run_id(4)} -->")
    ran(store, 3, a="PASSED")
    ran(store, 4, a="FAILED")
    regressed(store, A, 3, 4)
    assert update(store, github) == ["comment"]


def test_a_long_text_is_cut_to_what_github_takes(store: Store, github: GitHub, tracker: Tracker) -> None:
    names = [f"{number:016x}" for number in range(200)]
    ran(store, 1)
    ran(store, 2)
    short = regressed(store, names[0])
    store.write_trends([], NONE, [short.model_copy(update={"arch_hash": name}) for name in names])
    regressed(store, "f" * 16, cause=cause(error="x" * 90_000, proof=["y" * 9000] * 12))
    update(store, github)
    assert len(tracker.tracked[0].body) < 30_000
    assert "and 171 more" in tracker.tracked[0].body


def test_secrets_do_not_leave_with_an_issue(
    store: Store, github: GitHub, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSTACK_AUTH_TOKEN", "ls-canary-of-the-environment")
    secrets = [
        "ls-canary-of-the-environment",
        "ghp_ABCDEFGHIJKLMNOPQRSTUVWX",
        "AKIAIOSFODNN7EXAMPLE",
        "canary-password",
        "canary-in-url",
    ]
    text = (
        f"token {secrets[0]} and {secrets[1]} {secrets[2]}\n"
        f'master_password = "{secrets[3]}"\nhttps://user:{secrets[4]}@example.com/x'
    )
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, cause=cause(error=text, proof=[text], resource=text), architecture_name=text)
    update(store, github)
    sent = b"".join(asked.body for asked in tracker.asked).decode()
    assert "CreateQueue" in sent
    assert [secret for secret in secrets if secret in sent] == []
