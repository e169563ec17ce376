"""Strings with interpolations, for the places where the parser leaves them whole: heredocs and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.analysis.values import Expression, Template, Value

if TYPE_CHECKING:
    from collections.abc import Callable


def joined(parts: list[Value]) -> Value:
    """Make one value of a template's parts: text where all is text, the value itself where it stands alone."""
    merged: list[Value] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else Template(tuple(merged))


def template(text: str, expression: Callable[[str], Value]) -> Value:
    """Read text in which `${…}` and `%{…}` stand for values; `expression` reads what is between the braces."""
    parts: list[Value] = []
    begin = at = 0
    while at < len(text):
        opener = text[at : at + 2]
        if opener not in {"${", "%{"}:
            at += 1
        elif at > begin and text[at - 1] == text[at]:  # `$${` is a literal `${`
            parts.append(text[begin : at - 1])
            begin, at = at, at + 2
        else:
            end = _end(text, at)
            parts.append(text[begin:at])
            inner = text[at + 2 : end - 1].strip("~")
            parts.append(expression(inner) if opener == "${" else Expression("directive"))
            begin = at = end
    parts.append(text[begin:])
    return joined([part for part in parts if part != ""])


def _end(text: str, start: int) -> int:
    """Find the place after the brace that closes the sequence at `start`, past strings and nested braces."""
    inside = ["{"]
    at = start + 2
    while at < len(text) and inside:
        quoted = inside[-1] == '"'
        if quoted and text[at] == "\\":
            at += 1
        elif text[at] == '"':
            if quoted:
                inside.pop()
            else:
                inside.append('"')
        elif text[at] == "{" and (not quoted or text[at - 1] in "$%"):
            inside.append("{")
        elif text[at] == "}" and not quoted:
            inside.pop()
        at += 1
    return at
