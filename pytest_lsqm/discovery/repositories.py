"""GitHub: the repositories of owners, of globs, of code searches; and the well-known collections of samples."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_lsqm.discovery.base import Location, Package, once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pytest_lsqm.github import GitHub, Repository
    from pytest_lsqm.models import SourceType

_WILD = "*?["


@dataclass
class Repositories:
    """Repositories of GitHub; `largest` in kilobytes, with their history."""

    github: GitHub
    owners: Sequence[str] = ()
    repositories: Sequence[str] = ()
    searches: Sequence[str] = ()
    largest: int = 500_000
    name: SourceType = "github"

    def packages(self, since: datetime | None) -> Iterator[Package]:
        """Give each repository once: those that are named, those of the owners, those that the searches find.

        One that is not there keeps nobody from the others: that is said at the end.
        """
        return once((self._packages(some) for some in self._found()), since)

    def locate(self, package: Package) -> Location:
        """Ask for the commit at the head of the default branch, and where its archive lies."""
        commit = self.github.commit(package.name, package.ref or "HEAD")
        return Location(self.github.archive_url(package.name, commit), commit=commit)

    def _found(self) -> Iterator[Iterable[Repository]]:
        single = [name for name in self.repositories if not any(sign in name for sign in _WILD)]
        yield from (self._named([name]) for name in single)
        yield from map(self._owned, self.owners)
        yield from (self._named(self.github.search_code(words)) for words in self.searches)

    def _named(self, names: Iterable[str]) -> Iterator[Repository]:
        return map(self.github.repository, names)

    def _owned(self, owner: str) -> Iterator[Repository]:
        globs = [name for name in self.repositories if any(sign in name for sign in _WILD)]
        wanted = [glob for glob in globs if fnmatchcase(owner, glob.split("/")[0])]
        for repository in self.github.owned_by(owner):
            if not wanted or any(fnmatchcase(repository.full_name, glob) for glob in wanted):
                yield repository

    def _packages(self, repositories: Iterable[Repository]) -> Iterator[Package]:
        for each in repositories:
            if not (each.archived or each.fork or each.size > self.largest):
                yield self._package(each)

    def _package(self, repository: Repository) -> Package:
        branch = repository.default_branch
        return Package(
            url=repository.url,
            revision=repository.pushed_at.isoformat() if repository.pushed_at else branch,
            source_type=self.name,
            name=repository.full_name,
            page=f"{repository.url}/tree/{branch}",
            description=repository.description,
            ref=branch,
            license=repository.license,
            published_at=repository.pushed_at,
        )
