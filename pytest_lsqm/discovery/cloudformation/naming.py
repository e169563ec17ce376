"""The names of a template as Terraform's: of resources and variables, and of local values."""

from __future__ import annotations

import re


def snake(name: str) -> str:
    """Return a logical id as Terraform's names are written."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    found = re.sub(r"[^a-z0-9_]+", "_", spaced.lower())
    return found if found[:1].isalpha() else f"r_{found}"


def plain(name: str) -> str:
    """Return a name without the signs that no identifier may have, its letters as they are."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def mapping_name(name: str) -> str:
    """Return the local value's name for a mapping."""
    return f"mapping_{plain(name)}"


def condition_name(name: str) -> str:
    """Return the local value's name for a condition."""
    return f"condition_{plain(name)}"
