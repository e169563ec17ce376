"""What a second plan wants to change right after an apply: read from the plan's JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import Change, Drift

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 300
"""Characters of a value that are kept."""

MOST = 50
"""Resources, and attributes of one, that are kept."""


def of_plan(plan: dict[str, Any]) -> tuple[Drift, ...]:
    """Return the managed resources that a plan would not leave as they are, by address."""
    found = (
        Drift(
            address=entry["address"],
            actions=tuple(change["actions"]),
            changes=tuple(_changes(change))[:MOST],
        )
        for entry in plan.get("resource_changes", ())
        if entry.get("mode") == "managed" and (change := entry["change"])["actions"] not in (["no-op"], ["read"])
    )
    return tuple(sorted(found, key=lambda drift: drift.address))[:MOST]


def _changes(change: dict[str, Any]) -> Iterator[Change]:
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    hidden = (change.get("before_sensitive") or {}, change.get("after_sensitive") or {})
    for name in sorted({*before, *after, *unknown}):
        coming = "(known after apply)" if unknown.get(name) else after.get(name)
        if before.get(name) == coming:
            continue
        secret = any(side is True or (isinstance(side, dict) and side.get(name)) for side in hidden)
        yield Change(
            attribute=name,
            before="(sensitive)" if secret else _shown(before.get(name)),
            after="(sensitive)" if secret else _shown(coming),
        )


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = value if value == "(known after apply)" else json.dumps(value, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
