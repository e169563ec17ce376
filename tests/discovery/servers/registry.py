"""A module registry by the Terraform Registry's documented API, with the files of its modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.discovery.servers.base import ApiServer, Query, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BASE = "/v1/modules"

DEFAULT_LIMIT = 15
"""Modules on a page when no limit is asked for."""

MOST = 100
"""Modules on a page whatever limit is asked for."""


def nothing() -> bytes:
    return b""


@dataclass
class Module:
    """A module in its newest version.

    `get` is the text of X-Terraform-Get, by default the archive's address; `{url}` in it stands for the server's.
    """

    namespace: str
    name: str
    provider: str = "aws"
    version: str = "1.0.0"
    description: str | None = "A module"
    published_at: str | None = "2024-03-01T12:00:00.123456Z"
    verified: bool = True
    get: str | None = None
    archive: Callable[[], bytes] = nothing

    @property
    def id(self) -> str:
        return f"{self.namespace}/{self.name}/{self.provider}"

    def entry(self) -> dict[str, Any]:
        """Return how a listing shows it."""
        return {
            "id": f"{self.id}/{self.version}",
            "owner": "",
            "namespace": self.namespace,
            "name": self.name,
            "version": self.version,
            "provider": self.provider,
            "description": self.description,
            "source": f"https://github.com/{self.namespace}/terraform-{self.provider}-{self.name}",
            "published_at": self.published_at,
            "downloads": 10,
            "verified": self.verified,
        }


class RegistryServer(ApiServer):
    """Serves modules; `most` caps a page, `endless` gives the first page again and again as the next."""

    def __init__(self, *modules: Module, most: int = MOST, endless: bool = False) -> None:
        super().__init__()
        self.modules = list(modules)
        self.most = most
        self.endless = endless

    def reply(self, query: Query) -> Reply:
        if query.path == "/.well-known/terraform.json":
            return Reply(body={"modules.v1": f"{BASE}/"})
        match query.parts:
            case ("archives", namespace, name, provider, file):
                return self._archive(f"{namespace}/{name}/{provider}", file)
            case ("v1", "modules", *rest):
                return self._api(rest, query)
            case _:
                return _missing()

    def _api(self, rest: list[str], query: Query) -> Reply:
        match rest:
            case []:
                return self._page(self.modules, query)
            case ["search"]:
                return self._search(query)
            case [namespace]:
                return self._page([each for each in self.modules if each.namespace == namespace], query)
            case [namespace, name, provider, "versions"]:
                return self._versions(f"{namespace}/{name}/{provider}")
            case [namespace, name, provider, version, "download"]:
                return self._download(f"{namespace}/{name}/{provider}", version)
            case [namespace, name, provider, version, "archive.tar.gz"]:
                return self._archive(f"{namespace}/{name}/{provider}", f"{version}.tar.gz")
            case _:
                return _missing()

    def _search(self, query: Query) -> Reply:
        words = query.values.get("q", "").lower()
        if not words:
            return Reply(400, {"errors": ["parameter required: q"]})
        return self._page(
            [each for each in self.modules if words in f"{each.id} {each.description}".lower()], query
        )

    def _page(self, modules: Iterable[Module], query: Query) -> Reply:
        provider, verified = query.values.get("provider"), query.values.get("verified") == "true"
        found = [
            each
            for each in modules
            if (not provider or each.provider == provider) and (each.verified or not verified)
        ]
        limit = min(query.number("limit", DEFAULT_LIMIT), self.most)
        offset = query.number("offset", 0)
        meta: dict[str, Any] = {"limit": limit, "current_offset": offset}
        if self.endless or offset + limit < len(found):
            meta["next_offset"] = offset + limit
            rest = {**query.values, "limit": limit, "offset": offset + limit}
            meta["next_url"] = f"{query.path}?{urlencode(sorted(rest.items()))}"
        if offset:
            meta["prev_offset"] = max(offset - limit, 0)
        first = 0 if self.endless else offset
        return Reply(body={"meta": meta, "modules": [each.entry() for each in found[first : first + limit]]})

    def _versions(self, which: str) -> Reply:
        versions = [{"version": each.version} for each in self.modules if each.id == which]
        return Reply(body={"modules": [{"source": which, "versions": versions}]}) if versions else _missing()

    def _download(self, which: str, version: str) -> Reply:
        for each in self.modules:
            if each.id == which and each.version == version:
                given = each.get or f"{{url}}/archives/{which}/{version}.tar.gz?archive=tar.gz"
                return Reply(204, headers={"X-Terraform-Get": given.replace("{url}", self.address)})
        return _missing()

    def _archive(self, which: str, file: str) -> Reply:
        for each in self.modules:
            if each.id == which and file == f"{each.version}.tar.gz":
                return Reply(body=each.archive(), headers={"Content-Type": "application/gzip"})
        return _missing()


def _missing() -> Reply:
    return Reply(404, {"errors": ["Not Found"]})
