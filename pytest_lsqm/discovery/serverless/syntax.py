"""The syntax of the Serverless Framework's variables, as its documentation gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_START = re.compile(r"\$\{\s*[a-z][A-Za-z0-9]*[:(]")
_SOURCE = re.compile(r"([a-z][A-Za-z0-9]*)(?=[:(])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}

_PLAIN = re.compile("[^,}]*")

MAX_NESTED = 20
MAX_FAILURES = 5


@dataclass(frozen=True)
class Literal:
    """A fallback that is written out."""

    value: Any


@dataclass(frozen=True)
class Reference:
    """`source(params):address`, of which each part may hold variables."""

    source: str
    params: list[str | Variable] | None
    address: list[str | Variable] | None


@dataclass(frozen=True)
class Variable:
    """A variable: what it is resolved from, in the order of preference, and the `text` inside its braces."""

    terms: tuple[Term, ...]
    text: str


Term = Literal | Reference | Variable


class _Unended(Exception):
    """What begins like a variable, and is none."""


def parse(text: str) -> list[str | Variable]:
    """Split a text into what stands for itself and its variables; what merely looks like one stays text."""
    if "${" not in text:
        return [text]
    parts, at = _parts(text, 0, "", 0)
    assert at == len(text)
    return parts


def _parts(text: str, at: int, ends: str, nested: int) -> tuple[list[str | Variable], int]:
    """Read up to one of the signs in `ends`, or to the end of the text where there are none."""
    parts: list[str | Variable] = []
    begin, failures = at, 0
    while at < len(text) and text[at] not in ends:
        if text.startswith("\\${", at):
            parts.append(text[begin:at])
            begin = at + 1
            at += 3
        elif failures < MAX_FAILURES and text.startswith("${", at) and _START.match(text, at):
            try:
                variable, after = _variable(text, at, nested + 1)
            except _Unended:
                # Only the text as a whole goes on after it: each level trying again would take for ever.
                if nested:
                    raise
                failures += 1
                at += 2
                continue
            parts += [text[begin:at], variable]
            begin = at = after
        else:
            at += 1
    if ends and at >= len(text):
        raise _Unended
    parts.append(text[begin:at])
    return [part for part in parts if part] or [""], at


def _variable(text: str, start: int, nested: int) -> tuple[Variable, int]:
    if nested > MAX_NESTED:
        raise _Unended
    terms: list[Term] = []
    at = start + 2
    while True:
        term, at = _term(text, _skip(text, at), nested)
        terms.append(term)
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return Variable(tuple(terms), text[start + 2 : at]), at + 1
        if text[at : at + 1] != ",":
            raise _Unended
        at += 1


def _term(text: str, at: int, nested: int) -> tuple[Term, int]:
    if text[at : at + 1] in {"'", '"'}:
        end = text.find(text[at], at + 1)
        if end < 0:
            raise _Unended
        return Literal(text[at + 1 : end]), end + 1
    if text.startswith("${", at) and _START.match(text, at):
        return _variable(text, at, nested + 1)
    if found := _SOURCE.match(text, at):
        return _reference(text, found[1], found.end(), nested)
    end = _PLAIN.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, if need be
    word, at = text[at:end].strip(), end
    if _NUMBER.match(word) and len(word) < 20:
        return Literal(float(word) if "." in word else int(word)), at
    return Literal(_WORDS.get(word, word)), at


def _reference(text: str, source: str, at: int, nested: int) -> tuple[Term, int]:
    params = address = None
    if text[at] == "(":
        params, at = _parts(text, at + 1, ")", nested)
        at += 1
    if text[at : at + 1] == ":":
        address, at = _parts(text, at + 1, ",}", nested)
        if isinstance(address[-1], str):
            address[-1] = address[-1].rstrip()
    return Reference(source, params, address), at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
