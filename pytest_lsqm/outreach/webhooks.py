"""Posting JSON to an address that is a secret in itself: it comes from the environment and is never told."""

from __future__ import annotations

import os
import time
from typing import Any
from urllib.parse import urlsplit

from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import markdown

TRIES = 4
PATIENCE = 60.0
"""Seconds to wait for all tries of one message together, as the other side asks for or as we think best."""

CONNECT, ANSWER = 10.0, 30.0
"""Seconds for the connection, and for the answer."""


def address(variable: str) -> str:
    """Return the address that a variable of the environment holds; a UsageError that does not repeat it."""
    found = os.environ.get(variable, "").strip()
    if not found:
        raise UsageError(f"{variable} is not set: it must hold the address of the webhook")
    try:
        parts = urlsplit(found)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{variable} holds no http or https address")
    return found


def post(name: str, url: str, document: dict[str, Any], *, patience: float = PATIENCE) -> None:
    """Post a document; again, a few times, where there was no connection or the other side is in trouble.

    Raises an OutreachError of one sentence, in which `name` stands for the address.
    """
    try:
        import requests
    except ImportError as error:
        raise UsageError("webhooks need requests: pip install 'pytest-lsqm[notify]'") from error
    for tried in range(1, TRIES + 1):
        wait = 2.0 ** (tried - 1)
        try:
            answer = requests.post(
                url,
                json=document,
                timeout=(CONNECT, ANSWER),
                allow_redirects=False,
                headers={"User-Agent": "lsqm"},
            )
        except requests.ConnectTimeout:
            why = "does not answer"
        except requests.Timeout:
            # It may have arrived, and told twice is worse than not known to be told.
            raise OutreachError(
                f"{name} gave no answer within {ANSWER:.0f} s: what was sent may be there"
            ) from None
        except requests.RequestException as error:
            # Not its text, which repeats the address.
            why = f"cannot be reached ({type(error).__name__})"
        else:
            if 200 <= answer.status_code < 300:
                return
            why = f"answered {answer.status_code} {_said(answer.text[:500], url)}".strip()
            if answer.status_code != 429 and answer.status_code < 500:
                raise OutreachError(f"{name} {why}: check the address in the environment")
            asked = answer.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdigit() else wait
        if tried < TRIES:
            if wait > patience:
                raise OutreachError(f"{name} {why}, and asks for {wait:.0f} s of patience: run this again later")
            patience -= wait
            time.sleep(wait)
    raise OutreachError(f"{name} {why}, {TRIES} times in a row: run this again later")


def _said(text: str, url: str) -> str:
    parts = urlsplit(url)
    # A page that says what was not found repeats what makes the address a secret.
    for part in (url, parts.path, parts.query):
        if len(part) > 1:
            text = text.replace(part, "…")
    return markdown.line(text, 120)
