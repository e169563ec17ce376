"""`lsqm sync` and `lsqm push`: the store and its archive."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_lsqm.outreach import archive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pytest_lsqm.outreach.archive import Archived


def sync(arguments: argparse.Namespace) -> int:
    """Bring what others have pushed into the store."""
    return _tell(archive.sync(arguments.corpus, arguments.remote), arguments)


def push(arguments: argparse.Namespace) -> int:
    """Push the store to its archive."""
    return _tell(archive.push(arguments.corpus, arguments.report), arguments)


def _tell(done: Archived, arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps(asdict(done), indent=2))  # noqa: T201
        return 0
    told = [
        *_counted(done.sent, "sent"),
        *_counted(done.received, "received"),
        *_counted(done.removed, "removed, the oldest"),
    ]
    where = f"commit {done.commit[:12]}" if done.commit else "nothing is there yet"
    print(f"{', '.join(told) or 'no run is new'}; {where}")  # noqa: T201
    return 0


def _counted(runs: Sequence[str], what: str) -> list[str]:
    return [f"{len(runs)} run{'s' if len(runs) > 1 else ''} {what}"] if runs else []
