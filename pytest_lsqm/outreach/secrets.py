"""What must not leave this machine, taken out of texts that do: credentials, and who logs in to a server."""

from __future__ import annotations

import re

from pytest_lsqm import masking

_USER_OF_URL = re.compile(r"(?<=://)[^/\s@]+@")


def hide(text: str) -> str:
    """Return a text without this process's own secrets, and without what looks like anybody's."""
    return _USER_OF_URL.sub("", masking.mask(text))


def holds(text: str) -> bool:
    """Whether a text has a secret in it."""
    return hide(text) != text
