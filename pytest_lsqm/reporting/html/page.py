"""The page itself: one HTML file under a content security policy that allows its own script and style alone."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import PASSING, STATUSES
from pytest_lsqm.reporting import matrix as matrix_views
from pytest_lsqm.reporting import terminal
from pytest_lsqm.reporting.html import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lsqm.models import Matrix
    from pytest_lsqm.reporting.html.gathering import Page

HERE = Path(__file__).parent

STYLES = ("vendor/uPlot.min.css", "static/colours.css", "static/page.css", "static/parts.css", "static/print.css")
LIBRARIES = ("vendor/uPlot.iife.min.js",)
SCRIPTS = (
    "static/elements.js",
    "static/highlight.js",
    "static/address.js",
    "static/table.js",
    "static/cause.js",
    "static/sections.js",
    "static/detail.js",
    "static/chart.js",
    "static/main.js",
)
"""In this order in one block: what stands first is used by what follows."""

EARLY = 200
"""So many rows of the table are laid out at once, the others when the page has nothing else to do."""

ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
"""What could end a script element, open a comment in it, or end a line where JavaScript counts lines."""


def render(page: Page) -> str:
    """Return the document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "plain": lambda value: terminal.plain(str(value)),
        "first_line": terminal.clip,
        "seconds": terminal.seconds,
        "json": lambda value: Markup(embedded(value)),  # noqa: S704
        "percent": sentences.percent,
        "sparkline": sentences.sparkline,
    }
    style, library = _joined(STYLES), _joined(LIBRARIES)
    script = f"(() => {{\n'use strict';\n{_joined(SCRIPTS)}}})();\n"
    report = page.recalled.report
    return environment.get_template("page.html").render(
        page=page,
        report=report,
        run=report.run,
        statuses=STATUSES,
        passing=PASSING,
        early=EARLY,
        says=sentences,
        matrix=_matrix(page.matrix) if page.matrix else None,
        matrix_record=page.matrix.model_dump(mode="json", exclude_none=True) if page.matrix else None,
        policy=policy(scripts=(library, script), styles=(style,)),
        # Ours and the chart library's own text; nothing of a run is in it.
        style=Markup(style),  # noqa: S704
        library=Markup(library),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Return a policy that allows just these inlined texts, nothing from a network, and no text as markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_digest, scripts))}",
            f"style-src {' '.join(map(_digest, styles))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def embedded(value: Any) -> str:
    """Return JSON that may stand in a script element, whatever its texts are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(ESCAPED)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _joined(names: Iterable[str]) -> str:
    return "".join((HERE / name).read_text(encoding="utf-8").rstrip("\n") + "\n" for name in names)


def _matrix(matrix: Matrix) -> Mapping[str, Any]:
    names = matrix.names
    return {
        "record": matrix,
        "labels": [column.label for column in matrix.columns],
        "rows": sorted(
            ((names.get(key, key), key, row) for key, row in matrix.cells.items()), key=lambda each: each[:2]
        ),
        "totals": matrix_views.totals(matrix),
        "services": matrix_views.services(matrix),
        "gaps": matrix_views.gaps(matrix),
        "outcome": matrix_views.outcome,
        "only": matrix_views.only_here(matrix),
    }
