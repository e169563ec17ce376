"""A page of bounded size: what an architecture has beyond its share goes from the middle of its longest texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOTAL = 16_000_000
"""What the texts of all architectures may take together, in characters."""

MOST = 400_000
"""What those of one architecture may take, but for the words that tell of a cut."""

SHORT = 300
"""Texts up to this are never cut: names, messages, addresses."""


def share(architectures: int) -> int:
    """Return the characters that each of so many architectures may have."""
    return min(MOST, TOTAL // max(architectures, 1))


def shorten(value: Any, limit: int) -> tuple[Any, list[str]]:
    """Return JSON whose texts have at most `limit` characters together, and where it was cut, as dotted paths.

    Short texts stay whole: the limit is poured over the texts as water into glasses, the smallest first.
    """
    lengths = sorted(len(text) for text in _texts(value) if len(text) > SHORT)
    level = _level(lengths, limit)
    cut: list[str] = []
    if lengths and lengths[-1] > level:
        value = _mapped(value, "", lambda place, text: _cut(place, text, level, cut))
    return value, cut


def _level(lengths: list[int], limit: int) -> int:
    left = limit
    for number, length in enumerate(lengths):
        even = left // (len(lengths) - number)
        if length > even:
            return max(even, SHORT)
        left -= length
    return limit


def _cut(place: str, text: str, level: int, cut: list[str]) -> str:
    if len(text) <= level:
        return text
    cut.append(place)
    head = level // 3  # how it ended tells more than how it began
    return f"{text[:head]}\n… {len(text) - level:,} characters left out …\n{text[head - level :]}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _mapped(value: Any, place: str, change: Callable[[str, str], str]) -> Any:
    if isinstance(value, str):
        return change(place, value)
    if isinstance(value, dict):
        return {key: _mapped(each, f"{place}.{key}".lstrip("."), change) for key, each in value.items()}
    if isinstance(value, list):
        return [_mapped(each, f"{place}[{number}]", change) for number, each in enumerate(value)]
    return value
