"""The path arguments of pytest, before anything of ours is set up."""

from __future__ import annotations

import os
import re
from pathlib import Path

_HASH = re.compile(r"[0-9a-fA-F]{16}")


def outside(here: Path, argument: str) -> str:
    """Return an argument, or, for what lies in an architecture's or an app's folder, the folder that holds it."""
    path = Path(os.path.abspath(here / argument.partition("::")[0]))  # noqa: PTH100  as pytest does: links stay
    for folder in (path, *path.parents):
        if _HASH.fullmatch(folder.name) and folder.parent.name in {"architectures", "apps"}:
            return str(folder.parent)
    return argument
