"""Terraform's language as values, and how they are written: literals, expressions, texts with parts, blocks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*$")
_WORDS = frozenset({"for", "if", "null", "true", "false"})
"""Identifiers that mean something else where a key is expected."""


@dataclass(frozen=True)
class Expr:
    """An expression as it is written."""

    code: str


@dataclass(frozen=True)
class Text:
    """A text some of whose parts are expressions; `join` makes them."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True)
class Json:
    """A value whose JSON is meant."""

    value: Any


@dataclass
class Block:
    """A nested block."""

    body: dict[str, Any]


@dataclass
class Piece:
    """A block at the top of a file: `kind` is its word, `labels` come after it."""

    kind: str
    labels: tuple[str, ...]
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """How other expressions call a resource or a data source."""
        return ".".join((("data",) if self.kind == "data" else ()) + self.labels)


def join(parts: Iterable[Any]) -> Any:
    """Make one text of literals, expressions and texts; without an expression in it, it is a `str`."""
    merged: list[str | Expr] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Text) else (part,):
            each = piece if isinstance(piece, Expr) else scalar(piece)
            if isinstance(each, str) and merged and isinstance(merged[-1], str):
                merged[-1] += each
            elif each != "":
                merged.append(each)
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    return Text(tuple(merged))


def scalar(value: Any) -> str:
    """Return a literal as CloudFormation writes it into a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def call(name: str, *arguments: Any) -> Expr:
    """Return the call of a function."""
    return Expr(f"{name}({', '.join(inline(each) for each in arguments)})")


def inline(value: Any) -> str:  # noqa: PLR0911  one kind of value a line
    """Write a value in one line."""
    if isinstance(value, Expr):
        return value.code
    if isinstance(value, Text):
        inner = "".join(f"${{{part.code}}}" if isinstance(part, Expr) else _escape(part) for part in value.parts)
        return f'"{inner}"'
    if isinstance(value, Json):
        return f"jsonencode({inline(value.value)})"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {inline(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(inline(each) for each in value)}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value) if isinstance(value, int | float) else f'"{_escape(str(value))}"'


def literal(value: Any) -> bool:
    """Whether there is no expression in a value."""
    if isinstance(value, dict):
        return all(literal(each) for each in value.values())
    if isinstance(value, list):
        return all(literal(each) for each in value)
    return not isinstance(value, Expr | Text | Json)


def write(pieces: Iterable[Piece]) -> str:
    """Write a file."""
    return "\n".join("\n".join(_block(" ".join([p.kind, *(f'"{x}"' for x in p.labels)]), p.body)) for p in pieces)


def _escape(text: str) -> str:
    # Every character that JSON escapes, Terraform reads by the same sign.
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return quoted.replace("${", "$${").replace("%{", "%%{").replace("\x7f", "\\u007f")


def _key(key: Any) -> str:
    text = scalar(key)
    return text if _IDENTIFIER.match(text) and text not in _WORDS else f'"{_escape(text)}"'


def _block(head: str, body: Mapping[str, Any]) -> list[str]:
    lines = [f"{head} {{"]
    blocks: list[str] = []
    attributes: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, Block):
            blocks += ["", *_block(name, value.body)]
        elif isinstance(value, list) and value and isinstance(value[0], Block):
            for each in value:
                blocks += ["", *_block(name, each.body)]
        else:
            attributes[name] = value
    inner = [*_attributes({_key(name): value for name, value in attributes.items()}), *blocks]
    if inner and not inner[0]:
        inner = inner[1:]
    lines += [f"  {line}" if line else "" for line in inner]
    return [*lines, "}", ""] if head.count('"') or head in {"locals", "terraform"} else [*lines, "}"]


def _attributes(items: Mapping[str, Any]) -> list[str]:
    """Write arguments, those of one line below each other with their signs aligned, as `terraform fmt` does."""
    written = [(name, _lines(value)) for name, value in items.items()]
    lines: list[str] = []
    group: list[tuple[str, list[str]]] = []
    for entry in written:
        group.append(entry)
        if len(entry[1]) > 1:
            lines += _aligned(group)
            group = []
    return lines + _aligned(group)


def _aligned(group: list[tuple[str, list[str]]]) -> list[str]:
    lines = []
    short = [name for name, value in group if len(value) == 1]
    width = max((len(name) for name in short), default=0)
    for name, value in group:
        sign = f"{name:<{width}} = " if len(value) == 1 else f"{name} = "
        lines += [sign + value[0], *value[1:]]
    return lines


def _lines(value: Any) -> list[str]:
    """Write a value in as many lines as make it readable."""
    if isinstance(value, Json):
        first, *rest = _lines(value.value)
        return [f"jsonencode({first}", *rest[:-1], f"{rest[-1]})"] if rest else [f"jsonencode({first})"]
    if isinstance(value, dict) and value:
        return ["{", *(f"  {line}" for line in _attributes({_key(k): v for k, v in value.items()})), "}"]
    if isinstance(value, list) and value:
        one = inline(value)
        if len(one) <= 90 and not any(isinstance(each, dict | list | Json) for each in value):
            return [one]
        lines = ["["]
        for each in value:
            inner = _lines(each)
            lines += [f"  {line}" for line in [*inner[:-1], f"{inner[-1]},"]]
        return [*lines, "]"]
    return [inline(value)]
