"""The one client of GitHub's API: PyGithub, with bounded waits and errors that are sentences."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

API = "https://api.github.com"

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Environment variables that may hold a token; without one GitHub answers 60 requests an hour."""

PATIENCE = 90.0
"""Seconds to wait for a rate limit to end; the limit of an hour is not waited for."""

PAUSE = 1.0
"""Seconds between two things written, as GitHub asks for."""

PAGE = 100
SEARCH_RESULTS = 1000
"""The most that GitHub gives of one search."""

OWNED = 20_000
"""Repositories of one owner that are listed; the largest that is looked at by default has about 8000."""

TRIES = 6


@dataclass(frozen=True)
class Repository:
    """What a search for architectures needs to know of a repository; `size` in kilobytes, with its history."""

    full_name: str
    url: str
    description: str | None
    default_branch: str
    pushed_at: datetime | None
    license: str | None
    archived: bool
    fork: bool
    size: int


@dataclass(frozen=True)
class Issue:
    """An issue; `state` is `open` or `closed`."""

    number: int
    url: str
    body: str
    state: str
    labels: tuple[str, ...]


class GitHub:
    """A client for one API address, with a token or without, to be shared among threads.

    Every method raises Unreachable for what may be had later (a rate limit, the network), DiscoveryError for what
    is refused, and EnvironmentProblem for a token that GitHub does not know.
    """

    def __init__(
        self, token: str | None = None, api: str = API, *, patience: float = PATIENCE, pause: float = PAUSE
    ) -> None:
        try:
            import github
        except ImportError as error:
            raise UsageError("GitHub needs PyGithub: pip install 'pytest-lsqm[mine]'") from error
        # PyGithub writes to stderr of each wait, into the midst of a progress bar.
        logging.getLogger("github").setLevel(logging.WARNING)
        self.has_token = bool(token)
        self._github = github
        self._token = token
        self._api = api.rstrip("/")
        self._patience = patience
        self._pause = pause
        self._local = threading.local()

    @property
    def _client(self) -> Any:
        # One for each thread: a request lies on PyGithub's connection until its answer is asked for.
        client = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._github.Github(
                auth=self._github.Auth.Token(self._token) if self._token else None,
                base_url=self._api,
                per_page=PAGE,
                timeout=30,
                retry=_retries(self._patience),
                # Their own limits stop us where it matters; a fixed pause per request would stop us everywhere.
                seconds_between_requests=0,
                seconds_between_writes=self._pause,
            )
        return client

    @classmethod
    def from_environment(cls) -> GitHub:
        """Make a client with the token and the API address that the environment names."""
        token = next((os.environ[name] for name in TOKENS if os.environ.get(name)), None)
        return cls(token, os.environ.get("GITHUB_API_URL") or API)

    def owned_by(self, owner: str) -> Iterator[Repository]:
        """Yield the repositories of an organisation or a person, those pushed last first."""
        with self._speaking(f"repositories of {owner}"):
            found = self._client.get_user(owner).get_repos(type="owner", sort="pushed", direction="desc")
            for position, each in enumerate(found):
                if position >= OWNED:
                    raise DiscoveryError(
                        f"GitHub lists more than {OWNED} repositories of {owner}: name some of them"
                    )
                yield _repository(each)

    def repository(self, full_name: str) -> Repository:
        """Return one repository by `owner/name`."""
        with self._speaking(f"repository {full_name}"):
            return _repository(self._client.get_repo(full_name))

    def search_code(self, query: str) -> Iterator[str]:
        """Yield the full names of the repositories in which code search finds something, once each."""
        if not self.has_token:
            raise UsageError(f"GitHub's code search ({query}) wants a token: set {TOKENS[0]}")
        seen: set[str] = set()
        with self._speaking(f"code search {query!r}"):
            for position, item in enumerate(self._client.search_code(query)):
                if position >= SEARCH_RESULTS:
                    return
                name = item.repository.full_name
                if name not in seen:
                    seen.add(name)
                    yield name

    def commit(self, full_name: str, ref: str) -> str:
        """Return the commit that a branch or a tag stands at."""
        with self._speaking(f"{full_name} at {ref}"):
            # Of the files that it changed, which come along, one will do.
            _, found = self._get(full_name, "commits", ref, per_page=1)
            return str(found["sha"])

    def archive_url(self, full_name: str, commit: str) -> str:
        """Return where a commit's tarball can be had; it may carry a short-lived secret of its own."""
        with self._speaking(f"archive of {full_name}"):
            headers, _ = self._get(full_name, "tarball", commit)
            return str(headers["location"])

    def issues(self, full_name: str, label: str) -> Iterator[Issue]:
        """Yield the issues with a label, open and closed, the oldest first; pull requests are none."""
        with self._speaking(f"issues of {full_name}"):
            found = self._client.get_repo(full_name).get_issues(
                state="all", labels=[label], sort="created", direction="asc"
            )
            for each in found:
                if each.pull_request is None:
                    yield _issue(each)

    def issue(self, full_name: str, number: int) -> Issue:
        """Return one issue."""
        with self._speaking(f"issue {number} of {full_name}"):
            return _issue(self._client.get_repo(full_name).get_issue(number))

    def comments(self, full_name: str, number: int) -> Iterator[str]:
        """Yield the texts of an issue's comments."""
        with self._speaking(f"comments on issue {number} of {full_name}"):
            for each in self._client.get_repo(full_name).get_issue(number).get_comments():
                yield each.body or ""

    def create_issue(self, full_name: str, title: str, body: str, label: str) -> Issue:
        """Open an issue, and return it as GitHub took it: without the label, where we may not give any."""
        with self._speaking(f"a new issue in {full_name}"):
            return _issue(self._client.get_repo(full_name).create_issue(title, body, labels=[label]))

    def comment(self, full_name: str, number: int, body: str) -> None:
        """Comment on an issue."""
        with self._speaking(f"a comment on issue {number} of {full_name}"):
            self._client.get_repo(full_name).get_issue(number).create_comment(body)

    def set_state(self, full_name: str, number: int, state: str) -> None:
        """Close an issue as done (`closed`), or open it again (`open`)."""
        reason = "completed" if state == "closed" else "reopened"
        with self._speaking(f"issue {number} of {full_name}"):
            self._client.get_repo(full_name).get_issue(number).edit(state=state, state_reason=reason)

    def _get(self, full_name: str, what: str, which: str, **parameters: Any) -> tuple[dict[str, Any], Any]:
        # PyGithub's own objects would ask for the repository before, or, being lazy, not ask at all.
        address = f"/repos/{quote(full_name)}/{what}/{quote(which, safe='')}"
        answer: tuple[dict[str, Any], Any] = self._client.requester.requestJsonAndCheck("GET", address, parameters)
        return answer

    @contextmanager
    def _speaking(self, what: str) -> Iterator[None]:
        """Turn PyGithub's errors, and those of the network below it, into a sentence."""
        import requests
        from github import BadAttributeException, BadCredentialsException, GithubException

        try:
            yield
        except BadCredentialsException as error:
            raise EnvironmentProblem(f"GitHub refuses the token of {' or '.join(TOKENS)}: renew it") from error
        except GithubException as error:
            raise self._refused(what, error) from error
        except requests.exceptions.RetryError as error:
            raise Unreachable(
                f"GitHub, asked for {what}, answered with an error {TRIES} times in a row: run again later"
            ) from error
        except (requests.RequestException, OSError) as error:
            raise Unreachable(
                f"GitHub cannot be asked for {what} ({type(error).__name__}): check the network, then run again"
            ) from error
        except (BadAttributeException, AssertionError, RuntimeError, LookupError, TypeError, ValueError) as error:
            # PyGithub believes what it is told; these are its ways to stumble over it.
            raise DiscoveryError(f"GitHub, asked for {what}, answered with what makes no sense") from error

    def _refused(self, what: str, error: Any) -> Exception:
        limited = isinstance(error, self._github.RateLimitExceededException) or error.status == 429
        if limited:
            how = "wait an hour" if self.has_token else f"set {TOKENS[0]}, which allows 5000 requests an hour"
            return Unreachable(f"GitHub's rate limit is used up ({what}): {how}, then run again")
        kind = Unreachable if error.status >= 500 else DiscoveryError
        return kind(f"GitHub, asked for {what}, answered {_said(error)}")


def _retries(patience: float) -> Any:
    """Make PyGithub's way of trying again, with an end to every wait."""
    import github

    class Patient(github.GithubRetry):
        def increment(self, *arguments: Any, **named: Any) -> Any:
            response = named.get("response")
            asked = response.headers.get("Retry-After") if response is not None else None
            # The waits that PyGithub works out have an end; the one that the server asks for has none.
            if asked and (seconds := self.parse_retry_after(asked)) > patience:
                raise Unreachable(f"GitHub wants to be asked again no sooner than in {seconds:.0f} s")
            return super().increment(*arguments, **named)

    return Patient(
        total=TRIES - 1,
        # What is written may have been done although the answer was lost: whoever writes looks again first.
        allowed_methods=frozenset({"GET"}),
        backoff_factor=0.5,
        backoff_max=patience,
        secondary_rate_wait=min(30.0, patience),
        max_rate_limit_wait=patience,
    )


def _issue(found: Any) -> Issue:
    if not (found.number and found.html_url and found.state):
        raise ValueError("no issue")
    return Issue(
        number=found.number,
        url=found.html_url,
        body=found.body or "",
        state=found.state,
        labels=tuple(label.name for label in found.labels),
    )


def _said(error: Any) -> str:
    message = error.data.get("message", "") if isinstance(error.data, dict) else str(error.data or "")
    return f"{error.status} {message[:200]}".strip()


def _repository(found: Any) -> Repository:
    if not (found.full_name and found.html_url and found.default_branch):
        raise ValueError("no repository")
    # Not its `raw_data`, which would ask for each repository once more.
    license_ = found.license.spdx_id if found.license else None
    return Repository(
        full_name=found.full_name,
        url=found.html_url,
        description=found.description,
        default_branch=found.default_branch,
        pushed_at=found.pushed_at,
        license=license_ if license_ and license_ != "NOASSERTION" else None,
        archived=bool(found.archived),
        fork=bool(found.fork),
        size=int(found.size or 0),
    )
