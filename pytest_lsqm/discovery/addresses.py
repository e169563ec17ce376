"""Addresses that are asked, and how a message names one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from pytest_lsqm.discovery import limits
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from urllib.parse import SplitResult


def shown(url: str) -> str:
    """Return an address as a message may have it: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    host = parts.netloc.rpartition("@")[2]
    return limits.shown(urlunsplit((parts.scheme, host, parts.path, "", "")))


def checked(url: str) -> SplitResult:
    """Return the parts of an address, refused with a DiscoveryError unless it is one of http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # Not even shown: where its secrets would end cannot be told.
        raise DiscoveryError("what should be fetched has no address of the web") from None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise DiscoveryError(f"{shown(url)} is not fetched: only addresses of http and https are")
    return parts


def leads_to(url: str, location: str | None) -> str | None:
    """Return the address that an answer's Location stands for, refused unless it is one of http or https."""
    if location is None:
        return None
    try:
        # Headers are read as Latin-1, and who writes other letters into one means UTF-8.
        following = urljoin(url, location.encode("latin-1").decode())
        scheme = urlsplit(following).scheme
    except ValueError as error:
        raise DiscoveryError(f"{shown(url)} leads to what is no address") from error
    if scheme not in {"http", "https"}:
        raise DiscoveryError(f"{shown(url)} leads to {shown(following)}, and only http and https are followed")
    return following
