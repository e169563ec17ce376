"""A Terraform folder made of the texts that a test writes down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files below a folder of their own; the folder `arch` in it is what the tests analyse."""

    def write(files: dict[str, str]) -> Path:
        top = tmp_path / "work"
        (top / "arch").mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = top / "arch" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return top / "arch"

    return write
