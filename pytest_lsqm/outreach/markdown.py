"""Strangers' words in our Markdown and in Slack's: shown as they are, and able to do nothing."""

from __future__ import annotations

import re

from pytest_lsqm.outreach import secrets

LONGEST = 4000
"""Letters of one quotation; GitHub takes 65 536 for a whole text."""


def plain(text: str) -> str:
    """Return a text without secrets, and without what is neither a letter nor a new line."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else "�" for letter in secrets.hide(text))


def line(text: str, width: int = 200) -> str:
    """Return a text as one line of bounded width."""
    words = " ".join(plain(text).split())
    return words if len(words) <= width else words[: width - 1] + "…"


def code(text: str, width: int = 200) -> str:
    """Return a text as code within a line: in it nobody is mentioned, and nothing is a link."""
    inner = line(text, width) or " "
    marks = "`" * (_longest_run(inner) + 1)
    pad = " " if "`" in {inner[0], inner[-1]} else ""
    return f"{marks}{pad}{inner}{pad}{marks}"


def block(text: str, limit: int = LONGEST) -> str:
    """Return a text as a block of code, between fences that it cannot close."""
    inner = plain(text).strip("\n")
    if len(inner) > limit:
        inner = inner[:limit].rstrip() + "\n… (cut)"
    marks = "`" * max(3, _longest_run(inner) + 1)
    return f"{marks}text\n{inner}\n{marks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def slack(text: str) -> str:
    """Return a text as Slack wants it: with no more than letters in it, so that nobody is called."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
