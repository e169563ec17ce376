"""Generated code in the form that a person would give it, by ruff where that is installed."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm import process

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMON = ("--isolated", "--quiet", "--no-cache", "--line-length=88", "--target-version=py311")


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files with imports sorted, what is unused removed, and lines of at most 88 characters."""
    if importlib.util.find_spec("ruff") is None:
        return dict(files)
    with tempfile.TemporaryDirectory(prefix="lsqm-") as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text)
        for command in (("check", "--fix", "--exit-zero", "--select=F401,F541,I", *_COMMON), ("format", *_COMMON)):
            process.run(
                [sys.executable, "-m", "ruff", *command, name],
                env=process.base_environment(folder),
                cwd=folder,
                timeout=60,
            )
        return {file: (folder / file).read_text() for file in files}
