"""The Terraform Registry, by its documented API: modules of namespaces, modules that a search finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit, urlunsplit

from pytest_lsqm.discovery.addresses import checked
from pytest_lsqm.discovery.base import Location, Package, once
from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.discovery.web import Web
    from pytest_lsqm.models import SourceType

PAGE = 100
MAX_PAGES = 100
"""Of one listing: the registry answers for ever if it gives a next page for ever."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORCED = re.compile(r"(?:([A-Za-z0-9]+)::)?(.*)", re.DOTALL)


@dataclass
class TerraformRegistry:
    """A registry at `url`; `verified` asks for the modules of verified publishers only."""

    web: Web
    url: str
    namespaces: Sequence[str] = ()
    searches: Sequence[str] = ()
    verified: bool = True
    name: SourceType = "terraform_registry"

    def packages(self, since: datetime | None) -> Iterator[Package]:
        """Give the newest version of each module for AWS, once; what a namespace lacks is said at the end."""
        listings = (filter(None, map(self._package, self._listed(*each))) for each in self._listings())
        return once(listings, since)

    def locate(self, package: Package) -> Location:
        """Ask the registry where a module's version lies: git's address of a commit, or an archive."""
        inner = urlsplit(package.url).path.removeprefix("/modules/")
        address = urljoin(self._modules, f"{inner}/{package.version}/download")
        given = self.web.header(address, "X-Terraform-Get")
        if not given:
            raise DiscoveryError(f"{package.url}: the registry does not say where {package.version} lies")
        return location(given, address)

    @cached_property
    def _modules(self) -> str:
        """The address below which the registry says that its modules are."""
        services = self.web.get_json(urljoin(self.url, "/.well-known/terraform.json"))
        path = services.get("modules.v1") if isinstance(services, dict) else None
        if not isinstance(path, str):
            raise DiscoveryError(f"{self.url} is no module registry: it names no modules.v1 service")
        return urljoin(self.url, path if path.endswith("/") else f"{path}/")

    def _listings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        # Who names a namespace trusts it: few of the best known publishers are verified.
        verified = {"verified": "true"} if self.verified else {}
        for namespace in self.namespaces:
            yield urljoin(self._modules, quote(namespace, safe="")), {}
        for words in self.searches:
            yield urljoin(self._modules, "search"), {"q": words, **verified}
        if not self.namespaces and not self.searches:
            yield self._modules.rstrip("/"), verified

    def _listed(self, address: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        for _ in range(MAX_PAGES):
            page = self.web.get_json(address, params={**query, "provider": "aws", "limit": PAGE, "offset": offset})
            modules = page.get("modules") if isinstance(page, dict) else None
            if not isinstance(modules, list):
                raise DiscoveryError(f"{address} answers with something other than a list of modules")
            yield from (entry for entry in modules if isinstance(entry, dict))
            meta = page.get("meta")
            following = meta.get("next_offset") if isinstance(meta, dict) else None
            if not modules or not isinstance(following, int) or following <= offset:
                return
            offset = following

    def _package(self, entry: dict[str, Any]) -> Package | None:
        parts = [entry.get(key) for key in ("namespace", "name", "provider", "version")]
        if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
            return None
        namespace, name, provider, version = map(str, parts)
        if provider != "aws":
            return None
        url = urljoin(self.url, f"/modules/{namespace}/{name}/{provider}")
        description = entry.get("description")
        return Package(
            url=url,
            revision=version,
            source_type=self.name,
            name=f"{namespace}-{name}",
            page=f"{url}/{version}",
            layout="module",
            description=description if isinstance(description, str) else None,
            version=version,
            published_at=_time(entry.get("published_at")),
        )


def location(given: str, base: str) -> Location:
    """Understand the address that a registry gives: a go-getter address, absolute or relative to its own."""
    forced, rest = _FORCED.fullmatch(given).groups()  # type: ignore[union-attr]  # it fits every text
    if forced not in {None, "git"}:
        raise DiscoveryError(f"{base} leads to {forced}::, which nothing here fetches")
    path, _, query = rest.partition("?")
    _, scheme, tail = path.rpartition("://")
    if not scheme and not path.startswith(("/", "./", "../")):
        raise DiscoveryError(f"{base} leads to {shown(path)}, which nothing here fetches")
    _, slashes, inner = tail[1:].partition("//")
    try:
        parts = checked(urljoin(base, path.removesuffix(f"{slashes}{inner}")))
    except ValueError as error:
        raise DiscoveryError(f"{base} leads to what is no address") from error
    if forced == "git" or parts.path.endswith(".git"):
        ref = parse_qs(query).get("ref", [None])[0]
        commit = ref if ref and _COMMIT.fullmatch(ref) else None
        return Location(urlunsplit(parts), True, ref, _inner(inner), commit)
    found = _COMMIT.search(parts.path)
    # `archive` tells go-getter how to unpack it, and the server nothing.
    left = "&".join(word for word in query.split("&") if not word.startswith("archive="))
    return Location(urlunsplit(parts._replace(query=left)), False, None, _inner(inner), found and found.group())


def _inner(inner: str) -> str:
    # `//*` stands for the single folder at the top of an archive, which is taken away in any case.
    return "" if inner == "*" else inner.removeprefix("*/")


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
