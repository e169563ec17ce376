"""`architectures/seen.json`: the packages that were looked at, so that a later run looks at what is new."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_lsqm import masking
from pytest_lsqm.corpus import files
from pytest_lsqm.models import Seen

if TYPE_CHECKING:
    from pytest_lsqm.corpus.files import Place
    from pytest_lsqm.models import SeenPackage

SEEN = "architectures/seen.json"


def read(place: Place) -> Seen:
    """Return what was looked at so far."""
    path = place.root / SEEN
    return files.read(path, Seen) if os.path.lexists(path) else Seen(packages={})


def add(place: Place, packages: dict[str, SeenPackage]) -> None:
    """Enter packages by their URL, beside those that are there by then."""
    with place.locked():
        known = read(place)
        masker = masking.masker()
        merged = {**known.packages, **{url: masker.record(package) for url, package in packages.items()}}
        files.write(place.root / SEEN, known.model_copy(update={"packages": dict(sorted(merged.items()))}))
