"""What lies in a folder, to the byte."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write_tree(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write files by their paths below a folder, and return the folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


@contextmanager
def short_folder() -> Iterator[Path]:
    """Offer a folder with a short path, as the sockets of Terraform's plugins need one, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="lt-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
