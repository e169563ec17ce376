"""What a source of architectures is, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from pytest_lsqm.errors import DiscoveryError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from pytest_lsqm.models import SourceType

Layout = Literal["module", "repository"]
"""In a module the root and its `examples` are architectures; in a repository every root that none other calls."""


@dataclass(frozen=True)
class Package:
    """What can be fetched as a whole and may hold architectures: a module, a repository.

    `url` is its identity over time; `revision` changes whenever its content may have (a version, the time of
    the last push). `page` is the address of its top folder, `ref` the branch or tag that is meant.
    """

    url: str
    revision: str
    source_type: SourceType
    name: str
    page: str
    layout: Layout = "repository"
    description: str | None = None
    version: str | None = None
    ref: str | None = None
    license: str | None = None
    published_at: datetime | None = None

    def address_of(self, path: str) -> str:
        """Return the address of the folder at a path in the package, `.` for the package itself."""
        return self.page if path == "." else f"{self.page}/{quote(path, safe='/#')}"


@dataclass(frozen=True)
class Location:
    """Where a package's files are fetched: an archive, or a `ref` of a git repository; `inner` a folder in it."""

    url: str
    git: bool = False
    ref: str | None = None
    inner: str = ""
    commit: str | None = None


def once(listings: Iterable[Iterable[Package]], since: datetime | None) -> Iterator[Package]:
    """Yield each package of some listings once, without those that are older than `since`.

    A listing that is refused keeps nobody from the others: that is raised at the end.
    """
    seen: set[str] = set()
    problem: DiscoveryError | None = None
    for listing in listings:
        try:
            for package in listing:
                old = since is not None and package.published_at is not None and package.published_at < since
                if package.url not in seen and not old:
                    yield package
                seen.add(package.url)
        except Unreachable:
            raise
        except DiscoveryError as error:
            problem = problem or error
    if problem:
        raise problem


class Source(Protocol):
    """A place where architectures are looked for."""

    name: SourceType

    def packages(self, since: datetime | None) -> Iterator[Package]:
        """Yield what there is, the newest or the most used first; what is older than `since` may be left out."""
        ...

    def locate(self, package: Package) -> Location:
        """Ask where one of its packages can be fetched."""
        ...
