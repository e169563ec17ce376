"""A package's files, from an archive or a repository, into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.discovery import archives, git
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.discovery.base import Location
    from pytest_lsqm.discovery.web import Web


def fetch(location: Location, into: Path, web: Web) -> tuple[Path, str | None]:
    """Fetch a package below `into`; its top folder, and the commit that it is at where that is known."""
    commit = location.commit
    if location.git:
        top = into / "clone"
        commit = git.clone(location.url, top, ref=location.ref)
    else:
        archive = into / "archive"
        web.download(location.url, archive)
        top = archives.unpack(archive, into / "unpacked")
        archive.unlink()
    inner = (top / location.inner).resolve() if location.inner else top
    if not inner.is_relative_to(top.resolve()) or not inner.is_dir():
        raise DiscoveryError(f"there is no folder {location.inner} in it")
    return inner, commit
