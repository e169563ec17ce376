"""How the API of Claude is reached: as the environment says, and what in it is no use is refused with its name."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pytest_lsqm.errors import UsageError

THE_API = "https://api.anthropic.com"


def api_key() -> str:
    """Return the key of the API."""
    key = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    if not key:
        raise UsageError("the generator `claude` needs a key: put one into ANTHROPIC_API_KEY, or use `builtin`")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("ANTHROPIC_API_KEY holds something that is no key: look for a second line in it")
    return key


def base_url() -> str:
    """Return the address of the API."""
    text = os.environ.get("ANTHROPIC_BASE_URL", "").strip() or THE_API
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        valid = False
    # The HTTP client would send a password from there in place of the key, and write it into its log.
    if not valid or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("ANTHROPIC_BASE_URL must be an http address, without user, password, query or fragment")
    return text
