"""The HTML report: one file that needs nothing else, made from the records alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import Matrix, Run

PLACE = "reports/latest/index.html"
"""Where in a store `lsqm report` puts the page."""


def write(store: Store, run: Run, target: Path, matrix: Matrix | None) -> None:
    """Write the page of a run; folders are made as needed. A StoreError says what could not be written."""
    from pytest_lsqm.reporting.html.gathering import gather
    from pytest_lsqm.reporting.html.page import render

    text = render(gather(store, run, target, matrix)).encode("utf-8", "replace")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        temporary.write_bytes(text)
        temporary.replace(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}.") from error
