"""`lsqm compare`: what got worse between two runs, and what got better."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm import history
from pytest_lsqm.corpus import Store
from pytest_lsqm.reporting import actions, comparison, document

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Print the comparison; exit code 1 where there are regressions."""
    before, after = (_outcomes(name, arguments.corpus) for name in (arguments.before, arguments.after))
    found = history.compare(before, after, datetime.now(UTC))
    if arguments.format == "json":
        lines = [actions.harmless_json(comparison.as_json(found))]
    elif arguments.format == "markdown":
        lines = list(comparison.markdown(found))
    else:
        lines = list(comparison.text(found, shutil.get_terminal_size((200, 50)).columns))
    for line in lines:
        print(actions.harmless(line))  # noqa: T201
    return 1 if found.regressions else 0


def _outcomes(name: str, corpus: Path) -> history.RunOutcomes:
    # A path has a suffix or a folder in it, a run's name has neither.
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return history.RunOutcomes(*document.read(path))
    store = Store.open(corpus)
    found = history.find_run(store.runs(), name)
    return history.RunOutcomes(found, store.statuses(found.run_id))
