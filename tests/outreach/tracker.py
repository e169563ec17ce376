"""GitHub's REST API with issues: they are listed, opened, labelled, commented on and closed as there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discovery.servers.base import Query, Reply
from tests.discovery.servers.github import GitHubServer, Repository, _refusal

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "ghp_0123456789abcdefghijklmnop"
NAME = "acme/emulators"


@dataclass
class Issue:
    """An issue as GitHub keeps it."""

    number: int
    title: str
    body: str
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    reason: str | None = None
    comments: list[str] = field(default_factory=list)
    locked: bool = False
    pull_request: bool = False


class Tracker(GitHubServer):
    """Serves one repository's issues; `lose` says of which writes the answer is lost, though they were done."""

    def __init__(self) -> None:
        super().__init__(Repository(NAME), token=TOKEN)
        self.tracked: list[Issue] = []
        self.may_label = True
        self.enabled = True
        self.lose: Callable[[str], bool] = lambda what: False
        self.written: list[str] = []

    def open(self, title: str = "x", body: str = "", labels: tuple[str, ...] = ("lsqm",), **more: Any) -> Issue:
        self.tracked.append(Issue(len(self.tracked) + 1, title, body, list(labels), **more))
        return self.tracked[-1]

    def _repository(self, name: str, rest: list[str], query: Query) -> Reply:
        if not rest or rest[0] != "issues" or name not in self.repositories:
            return super()._repository(name, rest, query)
        if not self.enabled:
            return _refusal(410, "Issues has been disabled in this repository.")
        if query.method != "GET" and not self._authorised(query):
            return _refusal(401, "Requires authentication")
        match query.method, rest[1:]:
            case "GET", []:
                return self._listed(query)
            case "POST", []:
                return self._wrote("create", lambda: self._opened(json.loads(query.body)))
            case method, [number, *what]:
                issue = next((each for each in self.tracked if str(each.number) == number), None)
                return self._of(method, issue, what, query) if issue else _refusal(404, "Not Found")
        return _refusal(404, "Not Found")

    def _listed(self, query: Query) -> Reply:
        wanted = set(query.values["labels"].split(",")) if "labels" in query.values else set()
        state = query.values.get("state", "open")
        found = [each for each in self.tracked if wanted <= set(each.labels) and state in {"all", each.state}]
        if query.values.get("direction", "desc") == "desc":
            found.reverse()
        page, links = self._page(found, query)
        return Reply(body=[self._told(each) for each in page], headers=links)

    def _of(self, method: str, issue: Issue, what: list[str], query: Query) -> Reply:  # type: ignore[override]
        match method, what:
            case "GET", []:
                return Reply(body=self._told(issue))
            case "PATCH", []:
                return self._wrote("state", lambda: self._changed(issue, json.loads(query.body)))
            case "GET", ["comments"]:
                page, links = self._page(issue.comments, query)
                return Reply(body=[self._comment(issue, text) for text in page], headers=links)
            case "POST", ["comments"]:
                if issue.locked:
                    return _refusal(403, "Unable to create comment because issue is locked.")
                return self._wrote("comment", lambda: self._commented(issue, json.loads(query.body)["body"]))
        return _refusal(404, "Not Found")

    def _wrote(self, what: str, do: Callable[[], Reply]) -> Reply:
        self.written.append(what)
        reply = do()
        return Reply(502, b"<html>Bad Gateway</html>") if self.lose(what) else reply

    def _opened(self, given: dict[str, Any]) -> Reply:
        labels = given.get("labels", []) if self.may_label else []
        return Reply(201, self._told(self.open(given["title"], given["body"], tuple(labels))))

    def _changed(self, issue: Issue, given: dict[str, Any]) -> Reply:
        issue.state, issue.reason = given["state"], given.get("state_reason")
        return Reply(body=self._told(issue))

    def _commented(self, issue: Issue, text: str) -> Reply:
        issue.comments.append(text)
        return Reply(201, self._comment(issue, text))

    def _comment(self, issue: Issue, text: str) -> dict[str, Any]:
        return {"id": issue.comments.index(text) + 1, "body": text, "url": f"{self.address}/comments"}

    def _told(self, issue: Issue) -> dict[str, Any]:
        url = f"{self.address}/repos/{NAME}/issues/{issue.number}"
        return {
            "id": issue.number,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or None,
            "state": issue.state,
            "state_reason": issue.reason,
            "labels": [{"name": name, "url": f"{self.address}/labels/{name}"} for name in issue.labels],
            "url": url,
            "html_url": f"https://github.com/{NAME}/issues/{issue.number}",
            "comments": len(issue.comments),
            "comments_url": f"{url}/comments",
            "pull_request": {"url": f"{self.address}/pulls/{issue.number}"} if issue.pull_request else None,
        }
