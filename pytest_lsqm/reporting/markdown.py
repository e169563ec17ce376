"""Markdown in which text of strangers stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_lsqm.reporting.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~:@$])")


def escape(text: str) -> str:
    """Return text in one line that Markdown shows as it is: no markup, no HTML, no link."""
    line = " ".join(plain(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table; its cells are escaped."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(escape, row))} |"
