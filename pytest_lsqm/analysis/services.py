"""Which AWS service a Terraform type belongs to, by an explicit table: unknown types are reported, not guessed."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RETIRED = frozenset({"elastictranscoder", "evidently", "finspace", "macie", "opsworks", "qldb", "worklink"})
"""Services that AWS closed and botocore dropped; the types that call them still stand in old Terraform."""

_NO_SERVICE = "-"


@cache
def table() -> Mapping[str, str | None]:
    """Map each known `aws_…` type to its service; None where the provider computes it by itself."""
    text = resources.files(__package__).joinpath("services.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: None if service == _NO_SERVICE else service for name, service in rows}


def services_of(types: Iterable[str]) -> tuple[str, ...]:
    """List the services, sorted, that these types call; types that the table lacks add nothing."""
    known = table()
    return tuple(sorted({service for name in types if (service := known.get(name))}))


def unknown(types: Iterable[str]) -> tuple[str, ...]:
    """List the AWS types, sorted, that the table lacks: newer than it, or misspelt."""
    known = table()
    return tuple(sorted({name for name in types if name.startswith("aws_") and name not in known}))
