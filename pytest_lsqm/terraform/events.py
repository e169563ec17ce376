"""Terraform's machine-readable log: one JSON object per line (`-json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class EventLog:
    """What a command reported: its messages for people, its diagnostics, and what it completed."""

    messages: list[str] = field(default_factory=list)
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    completed: list[tuple[str, str]] = field(default_factory=list)
    """(action, address) of each finished operation, such as ("create", "aws_sqs_queue.orders")."""

    @property
    def text(self) -> str:
        """The messages as lines, each error with its detail and its place."""
        return "".join(f"{line}\n" for line in self.messages)

    def count(self, action: str) -> int:
        """How many operations of this kind were completed."""
        return sum(1 for done, _ in self.completed if done == action)


def parse(text: str) -> EventLog:
    """Read the events; a line that is no JSON object is kept as a message."""
    log = EventLog()
    for line in text.split("\n"):  # not splitlines: Go leaves U+0085 as it is inside a string
        if not line:
            continue
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            log.messages.append(line)
            continue
        log.messages.append(str(event.get("@message", "")))
        kind = event.get("type")
        if kind == "diagnostic" and isinstance(diagnostic := event.get("diagnostic"), dict):
            log.diagnostics.append(diagnostic)
            log.messages.extend(_place(diagnostic))
        elif kind == "apply_complete" and isinstance(hook := event.get("hook"), dict):
            address = hook.get("resource", {}).get("addr", "")
            log.completed.append((str(hook.get("action")), str(address)))
    return log


def _place(diagnostic: dict[str, Any]) -> list[str]:
    if diagnostic.get("severity") != "error":
        return []
    lines = str(diagnostic.get("detail") or "").splitlines()
    where = diagnostic.get("range") or {}
    start = where.get("start", {}).get("line")
    if diagnostic.get("address") or where:
        lines.append(
            f"with {diagnostic.get('address', 'the configuration')}, {where.get('filename', '?')}:{start}"
        )
    return [f"  {line}" for line in lines if line.strip()]
