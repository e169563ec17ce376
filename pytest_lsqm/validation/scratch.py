"""The folder in which everything of one validation happens."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.process import guard
from pytest_lsqm.process.strays import end_strays

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEMPORARY = 45
"""Characters of a folder for temporary files below which a plugin's socket still has room."""


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder that is gone afterwards, and with it every process that had its home there."""
    # Below it lie the sockets of Terraform's plugins, and the path of a socket has room for 107 bytes.
    long = len(tempfile.gettempdir()) > LONGEST_TEMPORARY
    made = Path(tempfile.mkdtemp(prefix="lsqm-", dir="/tmp" if long else None))  # noqa: S108
    guard.watch_folder(made)
    try:
        yield made
    finally:
        end_strays(made)
        shutil.rmtree(made, ignore_errors=True)
        guard.forget_folder(made)
