"""What becomes of an event on its way to a target: as it was, a part of it, or what a template makes of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.sinks import code

if TYPE_CHECKING:
    from pytest_lsqm.generation.base import Resource


@dataclass(frozen=True)
class Form:
    """What arrives, with the mark in it; `equals` is the code that compares `told` with it, if that is known."""

    equals: str | None = None


def marked(event: dict[str, Any], marker: str) -> dict[str, Any]:
    """The event with a mark in its detail."""
    detail = event.get("detail")
    return event | {"detail": (detail if isinstance(detail, dict) else {}) | {"probe": marker}}


def form(it: Resource, hit: dict[str, Any]) -> tuple[Form | None, dict[str, Any]]:
    """Return what arrives of an event that fits, and the event with the mark; None where no mark would arrive."""
    event = marked(hit, "@wanted@")
    fixed, path = it.attributes.get("input"), it.attributes.get("input_path")
    transformer = (it.attributes.get("input_transformer") or [None])[0]
    if fixed:
        return None, event  # it looks the same whatever event it was
    if transformer:
        return _transformed(transformer, event)
    if not path:
        same = ", ".join(f'told["{key}"]' for key in ("source", "detail-type", "detail") if key in event)
        sent = ", ".join(f'event["{key}"]' for key in ("source", "detail-type", "detail") if key in event)
        return Form(f"({same},) == ({sent},)"), event
    if path == "$.detail":
        return Form('told == event["detail"]'), event
    steps = _steps(path)
    if steps is None or not _mark(event, steps):
        return None, event
    return Form(), event


def _steps(path: str) -> list[str] | None:
    """The keys of a plain JSON path into an event's detail, None for any other."""
    return path.split(".")[1:] if re.fullmatch(r"\$\.detail(\.[\w-]+)+", path) else None


def _mark(event: dict[str, Any], steps: list[str]) -> bool:
    """Put the mark where a path leads; not where the pattern wants a value."""
    inside: Any = event
    for step in steps[:-1]:
        inside = inside.setdefault(step, {})
        if not isinstance(inside, dict):
            return False
    return bool(inside.setdefault(steps[-1], "@wanted@") == "@wanted@")


def _transformed(transformer: dict[str, Any], event: dict[str, Any]) -> tuple[Form | None, dict[str, Any]]:
    paths: dict[str, str] = transformer.get("input_paths") or {}
    template = str(transformer.get("input_template"))
    marked = False
    values: dict[str, Any] = {}
    for name, path in sorted(paths.items()):
        steps = _steps(path)
        if steps and f"<{name}>" in template:
            marked = _mark(event, steps) or marked
            values[name] = _get(event, steps)
    if not marked:
        return None, event
    return Form(_rendered(template, values)), event


def _get(event: Any, steps: list[str]) -> Any:
    for step in steps:
        event = event.get(step) if isinstance(event, dict) else None
    return event


def _rendered(template: str, values: dict[str, Any]) -> str | None:
    """What a template for a JSON object must become; None where that takes more than the values at hand."""
    if not template.strip().startswith("{") or set(re.findall(r"<([\w.-]+)>", template)) - set(values):
        return None
    text = template
    for name, value in values.items():
        quoted, plain = f'"<{name}>"', str(value)
        text = text.replace(quoted, json.dumps(plain)).replace(f"<{name}>", json.dumps(value))
    try:
        return f"told == {code(json.loads(text))}"
    except ValueError:
        return None
