"""The licence that a package states by a file of the usual name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = ("license", "licence", "copying", "license.md", "licence.md", "license.txt", "licence.txt")
"""In whatever case."""

_TITLES = (
    (r"Apache License,?\s+Version 2\.0", "Apache-2.0"),
    (r"Mozilla Public License,?\s+[Vv]ersion 2\.0", "MPL-2.0"),
    (r"MIT No Attribution|MIT-0", "MIT-0"),
    (r"MIT License|Permission is hereby granted, free of charge", "MIT"),
    (r"GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3", "AGPL-3.0"),
    (r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3", "LGPL-3.0"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 3", "GPL-3.0"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 2", "GPL-2.0"),
    (r"Redistributions? of source code must retain[\s\S]*Neither the name", "BSD-3-Clause"),
    (r"Redistributions? of source code must retain", "BSD-2-Clause"),
    (r"Permission to use, copy, modify, and(/or)? distribute\s+this\s+software", "ISC"),
    (r"This is free and unencumbered software", "Unlicense"),
)
"""By a phrase of its text; the more special one first."""

_LOOKED_AT = 4096


def stated(folder: Path) -> str | None:
    """Return the SPDX identifier of the licence whose text lies at the top of a folder, None for any other."""
    here = {path.name.lower(): path for path in sorted(folder.iterdir(), reverse=True)}
    for path in filter(None, map(here.get, _NAMES)):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                text = stream.read(_LOOKED_AT).decode("utf-8", "replace")
            return next((spdx for phrase, spdx in _TITLES if re.search(phrase, text)), None)
    return None
