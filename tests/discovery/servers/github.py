"""GitHub's REST API as far as repositories are looked for and fetched, and the server of their archives."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.discovery.servers.base import ApiServer, Query, Reply
from tests.discovery.servers.registry import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PER_PAGE = 30
MOST = 100
SEARCH_RESULTS = 1000
DOCS = "https://docs.github.com/rest"

SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class Repository:
    """A repository with the tarball of its default branch; `code` is what code search finds it by."""

    full_name: str
    archive: Callable[[], bytes] = nothing
    description: str | None = "A repository"
    default_branch: str = "main"
    pushed_at: str | None = "2024-03-01T12:00:00Z"
    license: str | None = "Apache-2.0"
    archived: bool = False
    fork: bool = False
    size: int = 100
    code: Sequence[str] = ()
    empty: bool = False

    @property
    def commit(self) -> str:
        """The commit at the head, another one after each push."""
        return hashlib.sha1(f"{self.full_name} {self.pushed_at}".encode()).hexdigest()


class Codeload(ApiServer):
    """Gives archives to those whom the API has sent, and to them only."""

    def __init__(self) -> None:
        super().__init__()
        self.archives: dict[str, tuple[str, Callable[[], bytes]]] = {}

    def reply(self, query: Query) -> Reply:
        secret, archive = self.archives.get(query.path, ("", nothing))
        if not secret or query.values.get("token") != secret:
            return Reply(404, b"404: Not Found")
        return Reply(body=archive(), headers={"Content-Type": "application/x-gzip"})


class GitHubServer(ApiServer):
    """Serves repositories to whoever asks, code search and more requests to who has the `token`.

    `allowed` is what is left of the rate limit, None for what GitHub allows; `reset` is the time of its end in
    seconds since the epoch. `renamed` leads from an old name to the one that a repository has now.
    """

    def __init__(self, *repositories: Repository, token: str = "", codeload: Codeload | None = None) -> None:
        super().__init__()
        self.repositories = {each.full_name: each for each in repositories}
        self.token = token
        self.codeload = codeload
        self.allowed: int | None = None
        self.reset: float | None = None
        self.renamed: dict[str, str] = {}
        self._used = 0

    def decorate(self, query: Query, reply: Reply) -> Reply:
        limit = 5000 if self._authorised(query) else 60
        left = self.allowed if self.allowed is not None else max(limit - self._used, 0)
        counted = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(int(self.reset or time.time() + 3600)),
            "X-RateLimit-Resource": "code_search" if query.path == "/search/code" else "core",
        }
        return Reply(reply.status, reply.body, counted | reply.headers)

    def reply(self, query: Query) -> Reply:
        given = query.headers.get("Authorization")
        if given is not None and not self._authorised(query):
            return _refusal(401, "Bad credentials")
        self._used += 1
        if self.allowed is not None:
            if not self.allowed:
                return _refusal(403, "API rate limit exceeded for 127.0.0.1. (But here's the good news: ...)")
            self.allowed -= 1
        match query.parts:
            case ("users", owner):
                return self._owner(owner)
            case ("users" | "orgs", owner, "repos"):
                return self._owned(owner, query)
            case ("repos", owner, name, *rest):
                return self._repository(f"{owner}/{name}", rest, query)
            case ("search", "code"):
                return self._search(query)
            case _:
                return _refusal(404, "Not Found")

    def _authorised(self, query: Query) -> bool:
        given = query.headers.get("Authorization", "")
        return bool(self.token) and given in {f"token {self.token}", f"Bearer {self.token}"}

    def _of(self, owner: str) -> list[Repository]:
        return [each for name, each in self.repositories.items() if name.split("/")[0] == owner]

    def _owner(self, owner: str) -> Reply:
        if not self._of(owner):
            return _refusal(404, "Not Found")
        url = f"{self.address}/users/{owner}"
        return Reply(body={"login": owner, "type": "Organization", "url": url, "repos_url": f"{url}/repos"})

    def _owned(self, owner: str, query: Query) -> Reply:
        found = self._of(owner)
        if not found:
            return _refusal(404, "Not Found")
        if query.values.get("sort") == "pushed":
            newest_first = query.values.get("direction", "desc") == "desc"
            found.sort(key=lambda each: each.pushed_at or "", reverse=newest_first)
        page, links = self._page(found, query)
        return Reply(body=[self._shown(each) for each in page], headers=links)

    def _page(self, found: Sequence[Any], query: Query) -> tuple[Sequence[Any], dict[str, str]]:
        """Cut a page out, with the header that leads to the others."""
        size = min(query.number("per_page", PER_PAGE), MOST)
        number = max(query.number("page", 1), 1)
        last = max(-(-len(found) // size), 1)
        pages = {"prev": number - 1, "first": 1} if number > 1 else {}
        pages |= {"next": number + 1, "last": last} if number < last else {}
        links = (
            f'<{self.address}{query.path}?{urlencode({**query.values, "page": page})}>; rel="{name}"'
            for name, page in pages.items()
        )
        header = {"Link": ", ".join(links)} if pages else {}
        return found[(number - 1) * size : number * size], header

    def _repository(self, name: str, rest: list[str], query: Query) -> Reply:
        if name in self.renamed:
            there = query.path.replace(f"/repos/{name}", f"/repos/{self.renamed[name]}", 1)
            return Reply(301, {"message": "Moved Permanently"}, {"Location": f"{self.address}{there}"})
        found = self.repositories.get(name)
        if found is None:
            return _refusal(404, "Not Found")
        match rest:
            case []:
                return Reply(body=self._shown(found))
            case ["commits", ref]:
                return self._commit(found, ref)
            case ["tarball", *ref]:
                return self._tarball(found, "/".join(ref) or found.default_branch)
            case _:
                return _refusal(404, "Not Found")

    def _commit(self, found: Repository, ref: str) -> Reply:
        if found.empty:
            return _refusal(409, "Git Repository is empty.")
        if ref not in {found.default_branch, "HEAD", found.commit}:
            return _refusal(422, f"No commit found for SHA: {ref}")
        url = f"{self.address}/repos/{found.full_name}/commits/{found.commit}"
        return Reply(body={"sha": found.commit, "url": url})

    def _tarball(self, found: Repository, ref: str) -> Reply:
        assert self.codeload is not None
        path = f"/{found.full_name}/legacy.tar.gz/{ref}"
        secret = hashlib.sha1(f"{path} {found.commit}".encode()).hexdigest()
        self.codeload.archives[path] = (secret, found.archive)
        return Reply(302, headers={"Location": f"{self.codeload.address}{path}?token={secret}"})

    def _search(self, query: Query) -> Reply:
        if not self._authorised(query):
            return _refusal(401, "Requires authentication")
        words = query.values.get("q", "")
        if not words:
            return _refusal(422, "Validation Failed")
        found = [each for each in self.repositories.values() if words in each.code]
        page, links = self._page(found[:SEARCH_RESULTS], query)
        items = [
            {
                "name": "main.tf",
                "path": "main.tf",
                "sha": each.commit,
                "url": f"{self.address}/repos/{each.full_name}/contents/main.tf",
                "repository": {
                    "full_name": each.full_name,
                    "url": f"{self.address}/repos/{each.full_name}",
                    "html_url": f"https://github.com/{each.full_name}",
                },
            }
            for each in page
        ]
        body = {"total_count": len(found), "incomplete_results": False, "items": items}
        return Reply(body=body, headers=links)

    def _shown(self, found: Repository) -> dict[str, Any]:
        owner, name = found.full_name.split("/")
        license_ = {"key": found.license.lower(), "spdx_id": found.license} if found.license else None
        return {
            "id": int(hashlib.sha1(found.full_name.encode()).hexdigest()[:7], 16),
            "name": name,
            "full_name": found.full_name,
            "owner": {"login": owner, "url": f"{self.address}/users/{owner}"},
            "url": f"{self.address}/repos/{found.full_name}",
            "html_url": f"https://github.com/{found.full_name}",
            "description": found.description,
            "default_branch": found.default_branch,
            "pushed_at": found.pushed_at,
            "license": license_,
            "archived": found.archived,
            "fork": found.fork,
            "size": found.size,
        }


def _refusal(status: int, message: str) -> Reply:
    return Reply(status, {"message": message, "documentation_url": DOCS, "status": str(status)})
