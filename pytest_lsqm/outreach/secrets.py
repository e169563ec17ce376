"""What must not leave this machine, taken out of texts that do."""

from __future__ import annotations

import os
import re

HIDDEN = "[secret]"

_NAMED = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|WEBHOOK|PRIVATE", re.IGNORECASE)
SHORTEST = 8
"""A value of fewer letters is no secret, but a word that may stand anywhere."""

_FORMS = re.compile(
    r"gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[a-z]-[\w-]{10,}|sk-ant-[\w-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|https://hooks\.slack\.com/\S+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_USER_OF_URL = re.compile(r"(?<=://)[^/\s@]+@")
_ASSIGNED = re.compile(
    r"""(?ix) (
      \b [\w-]* (?: password | passwd | secret | token | api_?key ) [\w-]* ["']? \s*
      # Not `=>`, nor the colon after the name of an error: those are no assignments.
      (?: = (?![=>]) \s* | : \s* (?=["']) )
    | \b password \s* : \s*
    )
    ( "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s,;})\]"'&]+ )"""
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")


def hide(text: str) -> str:
    """Return a text without this process's own secrets, and without what looks like anybody's."""
    # The longest first: one may be a part of another.
    for value in sorted(_own(), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    text = _FORMS.sub(HIDDEN, text)
    text = _USER_OF_URL.sub("", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    return _ASSIGNED.sub(rf"\1{HIDDEN}", text)


def holds(text: str) -> bool:
    """Whether a text has a secret in it."""
    return hide(text) != text


def _own() -> set[str]:
    return {value for name, value in os.environ.items() if _NAMED.search(name) and len(value) >= SHORTEST}
