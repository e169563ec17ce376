"""GitHub's client against a server that answers as GitHub does, and as it should not."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from github import Requester

from pytest_lsqm import github
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, LsqmError, Unreachable, UsageError
from pytest_lsqm.github import GitHub
from tests.discovery.servers.github import SECONDARY, Codeload, GitHubServer, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "ghp_secret"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with Codeload() as codeload, GitHubServer(Repository("acme/one"), token=TOKEN, codeload=codeload) as serving:
        yield serving


@pytest.fixture
def client(server: GitHubServer) -> GitHub:
    return GitHub(TOKEN, server.address, patience=0.05)


def refused(kind: type[LsqmError], call: Callable[[], Any]) -> str:
    with pytest.raises(LsqmError) as caught:
        call()
    assert type(caught.value) is kind, caught.value
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is found


def test_a_repository_is_what_github_says_of_it(server: GitHubServer, client: GitHub) -> None:
    found = client.repository("acme/one")
    assert found == github.Repository(
        full_name="acme/one",
        url="https://github.com/acme/one",
        description="A repository",
        default_branch="main",
        pushed_at=datetime(2024, 3, 1, 12, tzinfo=UTC),
        license="Apache-2.0",
        archived=False,
        fork=False,
        size=100,
    )
    assert server.paths() == ["/repos/acme/one"]


@pytest.mark.parametrize("stated", [None, "NOASSERTION"])
def test_a_license_that_github_does_not_know_is_none(
    server: GitHubServer, client: GitHub, stated: str | None
) -> None:
    server.repositories["acme/one"].license = stated
    assert client.repository("acme/one").license is None


def test_a_repository_without_description_and_push_is_one(server: GitHubServer, client: GitHub) -> None:
    server.repositories["acme/one"] = Repository("acme/one", description=None, pushed_at=None)
    found = client.repository("acme/one")
    assert (found.description, found.pushed_at) == (None, None)


def test_the_repositories_of_an_owner_come_page_by_page_the_last_pushed_first(
    server: GitHubServer, client: GitHub
) -> None:
    days = [f"2024-{1 + day // 28:02}-{1 + day % 28:02}T00:00:00Z" for day in range(250)]
    many = [Repository(f"many/r{number}", pushed_at=day) for number, day in enumerate(days)]
    server.repositories |= {each.full_name: each for each in many}
    found = client.owned_by("many")
    assert next(found).full_name == "many/r249"
    assert len(server.asked) == 2
    assert [each.full_name for each in found] == [f"many/r{number}" for number in range(248, -1, -1)]
    assert len(server.asked) == 4


def test_a_listing_that_never_ends_is_left(
    server: GitHubServer, client: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "OWNED", 120)
    server.repositories |= {f"acme/{number}": Repository(f"acme/{number}") for number in range(500)}
    some = client.owned_by("acme")
    assert len([next(some) for _ in range(120)]) == 120
    assert "more than 120 repositories of acme" in refused(DiscoveryError, lambda: next(some))
    assert sum("/repos?" in asked.path for asked in server.requests) == 2


def test_a_renamed_repository_is_found_by_its_old_name(server: GitHubServer, client: GitHub) -> None:
    server.renamed["acme/old"] = "acme/one"
    assert client.repository("acme/old").full_name == "acme/one"


def test_a_search_gives_each_repository_once_and_to_the_last_page(server: GitHubServer, client: GitHub) -> None:
    words = "language:HCL aws_sqs_queue"
    many = [Repository(f"found/r{number}", code=[words]) for number in range(130)]
    server.repositories |= {each.full_name: each for each in many}
    server.repositories["found/again"] = many[0]
    assert list(client.search_code(words)) == [each.full_name for each in many]
    assert len(server.asked) == 2


def test_a_search_ends_where_github_ends_it(
    server: GitHubServer, client: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "SEARCH_RESULTS", 3)
    server.repositories |= {f"a/r{number}": Repository(f"a/r{number}", code=["x"]) for number in range(9)}
    assert len(list(client.search_code("x"))) == 3


def test_a_branch_leads_to_a_commit_and_that_to_an_archive(
    server: GitHubServer, client: GitHub, tmp_path: Path
) -> None:
    assert server.codeload is not None
    server.repositories["acme/one"].archive = lambda: b"content"
    commit = client.commit("acme/one", "main")
    assert commit == server.repositories["acme/one"].commit
    with Web({server.netloc: TOKEN}) as web:
        web.download(client.archive_url("acme/one", commit), tmp_path / "archive")
    assert (tmp_path / "archive").read_bytes() == b"content"
    assert server.codeload.asked


def test_several_threads_may_ask_at_once(
    server: GitHubServer, client: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["acme/a", "acme/b"]
    server.repositories |= {name: Repository(name) for name in names}
    client.repository("acme/one")
    both = threading.Barrier(2, timeout=20)
    connection = Requester.HTTPRequestsConnectionClass
    prepare = connection.request

    def request(self: Any, *arguments: Any) -> None:
        prepare(self, *arguments)
        both.wait()

    monkeypatch.setattr(connection, "request", request)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(client.commit, names, ["main"] * 2))
    assert found == [server.repositories[name].commit for name in names]


# The token


def test_the_token_is_taken_from_the_environment(server: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", f"{server.address}/")
    for name in github.TOKENS:
        monkeypatch.delenv(name, raising=False)
    assert not GitHub.from_environment().has_token
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    GitHub.from_environment().repository("acme/one")
    monkeypatch.setenv("GITHUB_TOKEN", "another")
    assert "refuses the token" in refused(
        EnvironmentProblem, lambda: GitHub.from_environment().repository("acme/one")
    )


def test_the_token_is_shown_to_nobody_else(server: GitHubServer, client: GitHub, tmp_path: Path) -> None:
    assert server.codeload is not None
    with Web({server.netloc: TOKEN}) as web:
        web.download(f"{server.address}/repos/acme/one/tarball/main", tmp_path / "archive")
        web.download(client.archive_url("acme/one", "main"), tmp_path / "archive")
    assert [each.headers.get("Authorization") for each in server.codeload.asked] == [None, None]
    assert all(TOKEN in (each.headers.get("Authorization") or "") for each in server.asked)


def test_a_redirect_to_another_host_is_not_followed(server: GitHubServer, client: GitHub) -> None:
    assert server.codeload is not None
    elsewhere = server.codeload.url("/repos/acme/one").replace("127.0.0.1", "localhost")
    server.fail("/repos/acme/one", 301, headers={"Location": elsewhere})
    reason = refused(DiscoveryError, lambda: client.repository("acme/one"))
    assert "makes no sense" in reason
    assert server.codeload.asked == []


def test_a_next_page_on_another_host_is_not_asked_for(server: GitHubServer, client: GitHub) -> None:
    assert server.codeload is not None
    elsewhere = server.codeload.url("/").replace("127.0.0.1", "localhost")
    first = [{"full_name": "acme/one", "html_url": "https://github.com/acme/one", "default_branch": "main"}]
    server.fail("/users/acme/repos", 200, headers={"Link": f'<{elsewhere}>; rel="next"'}, body=first)
    assert "makes no sense" in refused(DiscoveryError, lambda: list(client.owned_by("acme")))
    assert server.codeload.asked == []


def test_a_token_that_github_does_not_know_is_named(server: GitHubServer) -> None:
    client = GitHub("wrong", server.address)
    reason = refused(EnvironmentProblem, lambda: client.repository("acme/one"))
    assert reason == "GitHub refuses the token of GITHUB_TOKEN or GH_TOKEN: renew it"


def test_a_search_without_a_token_says_what_to_set(server: GitHubServer) -> None:
    client = GitHub(None, server.address)
    assert "wants a token: set GITHUB_TOKEN" in refused(UsageError, lambda: list(client.search_code("x")))
    assert server.asked == []


def test_without_pygithub_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "github", None)
    with pytest.raises(UsageError, match=r"GitHub needs PyGithub: pip install 'pytest-lsqm\[mine\]'"):
        GitHub()


# Rate limits


@pytest.mark.parametrize(
    ("token", "advice"), [(TOKEN, "wait an hour"), (None, "set GITHUB_TOKEN, which allows 5000 requests an hour")]
)
def test_a_rate_limit_of_an_hour_is_not_waited_for(server: GitHubServer, token: str | None, advice: str) -> None:
    server.allowed = 1
    client = GitHub(token, server.address)
    client.repository("acme/one")
    reason = refused(Unreachable, lambda: client.repository("acme/one"))
    assert reason == f"GitHub's rate limit is used up (repository acme/one): {advice}, then run again"
    assert len(server.asked) == 2


def test_a_rate_limit_that_is_about_to_end_is_waited_for(server: GitHubServer) -> None:
    reset = {"X-RateLimit-Reset": str(int(time.time()))}
    server.fail("/", 403, headers=reset, body={"message": "API rate limit exceeded for user ID 1."})
    assert GitHub(TOKEN, server.address, patience=5.0).repository("acme/one").full_name == "acme/one"
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_rate_limit_is_waited_for_as_long_as_it_says(server: GitHubServer, status: int) -> None:
    server.fail("/", status, headers={"Retry-After": "1"}, body={"message": SECONDARY})
    assert GitHub(TOKEN, server.address, patience=5.0).repository("acme/one").full_name == "acme/one"
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_server_that_asks_for_more_patience_than_there_is_ends_it(
    server: GitHubServer, client: GitHub, status: int
) -> None:
    server.fail("/", status, headers={"Retry-After": "3600"}, body={"message": SECONDARY}, times=9)
    reason = refused(Unreachable, lambda: client.repository("acme/one"))
    assert reason == "GitHub wants to be asked again no sooner than in 3600 s"
    assert len(server.asked) == 1


def test_a_secondary_rate_limit_without_a_time_is_a_rate_limit(server: GitHubServer, client: GitHub) -> None:
    server.fail("/", 429, body={"message": SECONDARY}, times=9)
    assert "rate limit is used up" in refused(Unreachable, lambda: client.repository("acme/one"))


def test_a_rate_limit_in_the_midst_of_a_listing_leaves_what_came(server: GitHubServer, client: GitHub) -> None:
    server.repositories |= {f"acme/r{number}": Repository(f"acme/r{number}") for number in range(150)}
    server.allowed = 2
    found: list[github.Repository] = []
    refused(Unreachable, lambda: found.extend(client.owned_by("acme")))
    assert len(found) == 100


def test_a_wait_is_not_written_to_the_terminal(
    server: GitHubServer, client: GitHub, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail("/", 403, headers={"Retry-After": "0"}, body={"message": SECONDARY})
    client.repository("acme/one")
    assert len(server.asked) == 2
    assert caplog.records == []


# What else goes wrong


def test_a_server_in_trouble_for_a_while_is_asked_again(server: GitHubServer, client: GitHub) -> None:
    server.fail("/", 502, body=b"<html>", times=3)
    assert client.repository("acme/one").full_name == "acme/one"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_in_trouble_for_ever_is_given_up(server: GitHubServer, client: GitHub, status: int) -> None:
    server.fail("/", status, times=99)
    reason = refused(Unreachable, lambda: client.repository("acme/one"))
    assert (
        reason == "GitHub, asked for repository acme/one, answered with an error 6 times in a row: run again later"
    )
    assert len(server.asked) == 6


def test_what_is_not_there_is_named(server: GitHubServer, client: GitHub) -> None:
    reasons = [
        refused(DiscoveryError, lambda: client.repository("acme/none")),
        refused(DiscoveryError, lambda: list(client.owned_by("nobody"))),
        refused(DiscoveryError, lambda: client.archive_url("acme/none", "main")),
        refused(DiscoveryError, lambda: client.commit("acme/one", "none")),
    ]
    assert reasons == [
        "GitHub, asked for repository acme/none, answered 404 Not Found",
        "GitHub, asked for repositories of nobody, answered 404 Not Found",
        "GitHub, asked for archive of acme/none, answered 404 Not Found",
        "GitHub, asked for acme/one at none, answered 422 No commit found for SHA: none",
    ]


def test_an_empty_repository_is_refused(server: GitHubServer, client: GitHub) -> None:
    server.repositories["acme/one"].empty = True
    reason = refused(DiscoveryError, lambda: client.commit("acme/one", "main"))
    assert "409 Git Repository is empty." in reason


def test_a_refusal_without_a_known_reason_says_what_github_says(server: GitHubServer, client: GitHub) -> None:
    server.fail("/", 451, body={"message": "Repository access blocked"})
    assert "451 Repository access blocked" in refused(DiscoveryError, lambda: client.repository("acme/one"))


@pytest.mark.parametrize("body", [b"[1,", b"what", b"[]", b"{}", b"\xff", {"full_name": 5}, {"full_name": "a/b"}])
def test_an_answer_without_sense_is_no_repository(server: GitHubServer, client: GitHub, body: Any) -> None:
    server.fail("/", 200, body=body, times=9)
    assert "makes no sense" in refused(DiscoveryError, lambda: client.repository("acme/one"))


def test_an_archive_that_lies_nowhere_is_refused(server: GitHubServer, client: GitHub) -> None:
    server.fail("/", 200, body={})
    assert "makes no sense" in refused(DiscoveryError, lambda: client.archive_url("acme/one", "main"))


def test_a_server_that_is_not_there_is_the_networks_trouble() -> None:
    with GitHubServer() as gone:
        address = gone.address
    client = GitHub(TOKEN, address, patience=0.01)
    reason = refused(Unreachable, lambda: client.repository("acme/one"))
    assert "GitHub cannot be asked for repository acme/one (ConnectionError): check the network" in reason
