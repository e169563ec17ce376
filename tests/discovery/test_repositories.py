"""GitHub's repositories as a source: which of them come, and where each one lies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery.repositories import Repositories
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable, UsageError
from pytest_lsqm.github import GitHub
from tests.discovery.servers.github import Codeload, GitHubServer, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.discovery.base import Package

TOKEN = "ghp_secret"
NAMES = ("acme/net-terraform", "acme/app-terraform", "acme/site", "other/thing", "other/app-terraform")


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with Codeload() as codeload, GitHubServer(*map(Repository, NAMES), token=TOKEN, codeload=codeload) as serving:
        yield serving


def source(server: GitHubServer, **asked: Any) -> Repositories:
    return Repositories(GitHub(TOKEN, server.address, patience=0.05), **asked)


def found(server: GitHubServer, since: datetime | None = None, **asked: Any) -> list[str]:
    return [package.name for package in source(server, **asked).packages(since)]


def package(server: GitHubServer) -> Package:
    return next(iter(source(server, repositories=["acme/site"]).packages(None)))


def test_a_repository_is_a_package_as_of_its_last_push(server: GitHubServer) -> None:
    made = package(server)
    assert (made.url, made.name) == ("https://github.com/acme/site", "acme/site")
    assert (made.revision, made.ref) == ("2024-03-01T12:00:00+00:00", "main")
    assert (made.source_type, made.layout, made.license) == ("github", "repository", "Apache-2.0")
    assert made.published_at == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert made.address_of("a/b") == "https://github.com/acme/site/tree/main/a/b"


def test_a_push_makes_another_revision(server: GitHubServer) -> None:
    before = package(server)
    server.repositories["acme/site"].pushed_at = "2024-03-01T12:00:01Z"
    assert package(server).revision != before.revision
    assert package(server).url == before.url


def test_a_repository_without_a_push_goes_by_its_branch(server: GitHubServer) -> None:
    server.repositories["acme/site"].pushed_at = None
    assert package(server).revision == "main"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, []),
        ({"owners": ["acme"]}, NAMES[:3]),
        ({"owners": ["acme", "other"]}, NAMES),
        ({"owners": ["acme"], "repositories": ["acme/*-terraform"]}, NAMES[:2]),
        ({"owners": ["acme"], "repositories": ["acme/net*", "acme/s?te"]}, [NAMES[0], NAMES[2]]),
        ({"owners": ["acme", "other"], "repositories": ["acme/app*"]}, [NAMES[1], *NAMES[3:]]),
        ({"owners": ["acme", "other"], "repositories": ["*/app-*"]}, [NAMES[1], NAMES[4]]),
        ({"owners": ["acme"], "repositories": ["acme/none*"]}, []),
        ({"repositories": ["acme/*"]}, []),
        ({"repositories": ["other/thing"]}, ["other/thing"]),
        ({"owners": ["acme"], "repositories": ["other/thing"]}, ["other/thing", *NAMES[:3]]),
    ],
)
def test_owners_are_narrowed_down_by_globs(server: GitHubServer, asked: dict[str, Any], wanted: list[str]) -> None:
    assert found(server, **asked) == list(wanted)


def test_a_search_finds_more(server: GitHubServer) -> None:
    server.repositories["other/thing"].code = ["aws_sqs_queue"]
    assert found(server, searches=["aws_sqs_queue", "nothing"]) == ["other/thing"]


def test_each_repository_comes_once(server: GitHubServer) -> None:
    server.repositories["acme/site"].code = ["x", "y"]
    server.renamed["acme/old"] = "acme/site"
    names = found(server, owners=["acme", "acme"], repositories=["acme/old", "acme/site"], searches=["x", "y"])
    assert names == ["acme/site", *NAMES[:2]]


@pytest.mark.parametrize("state", [{"archived": True}, {"fork": True}, {"size": 501}])
def test_a_repository_that_is_archived_a_fork_or_too_large_is_passed_over(
    server: GitHubServer, state: dict[str, Any]
) -> None:
    server.repositories["acme/site"] = Repository("acme/site", **state)
    server.repositories["acme/site"].code = ["x"]
    names = found(server, owners=["acme"], repositories=["acme/site"], searches=["x"], largest=500)
    assert names == list(NAMES[:2])


def test_a_repository_of_the_largest_size_is_taken(server: GitHubServer) -> None:
    server.repositories["acme/site"].size = 500
    assert found(server, repositories=["acme/site"], largest=500) == ["acme/site"]


def test_what_was_pushed_before_is_left_out(server: GitHubServer) -> None:
    server.repositories["acme/site"].pushed_at = "2024-01-31T23:59:59Z"
    server.repositories["acme/app-terraform"].pushed_at = None
    assert found(server, datetime(2024, 2, 1, tzinfo=UTC), owners=["acme"]) == list(NAMES[:2])


def test_no_more_pages_are_asked_for_than_are_wanted(server: GitHubServer) -> None:
    many = [Repository(f"many/r{number}") for number in range(300)]
    server.repositories |= {each.full_name: each for each in many}
    packages = source(server, owners=["many"], searches=["x"]).packages(None)
    assert [next(packages).name for _ in range(100)] == [each.full_name for each in many[:100]]
    assert len(server.asked) == 2


# Where one lies


def test_a_repository_lies_at_the_commit_of_its_branch(server: GitHubServer) -> None:
    assert server.codeload is not None
    location = source(server).locate(package(server))
    assert location.commit == server.repositories["acme/site"].commit
    assert location.url.startswith(f"{server.codeload.address}/acme/site/legacy.tar.gz/{location.commit}?token=")
    assert (location.git, location.inner) == (False, "")


def test_an_empty_repository_is_refused(server: GitHubServer) -> None:
    made = package(server)
    server.repositories["acme/site"].empty = True
    with pytest.raises(DiscoveryError, match="Git Repository is empty"):
        source(server).locate(made)


# What goes wrong


@pytest.mark.parametrize(
    "asked",
    [
        {"owners": ["nobody", "acme"]},
        {"repositories": ["acme/none"], "owners": ["acme"]},
        {"repositories": ["acme/net-terraform", "acme/none", "acme/app-terraform", "acme/site"]},
    ],
)
def test_one_that_is_not_there_keeps_nobody_from_the_others(
    server: GitHubServer, asked: dict[str, list[str]]
) -> None:
    names: list[str] = []
    with pytest.raises(DiscoveryError, match="404 Not Found"):
        names.extend(each.name for each in source(server, **asked).packages(None))
    assert names == list(NAMES[:3])


def test_a_rate_limit_ends_the_search(server: GitHubServer) -> None:
    server.allowed = 1
    names: list[str] = []
    with pytest.raises(Unreachable, match="rate limit is used up"):
        names.extend(each.name for each in source(server, repositories=NAMES).packages(None))
    assert names == [NAMES[0]]
    assert len(server.asked) == 2


def test_a_bad_token_ends_the_search(server: GitHubServer) -> None:
    server.token = "another"
    with pytest.raises(EnvironmentProblem, match="refuses the token"):
        found(server, owners=["acme", "other"])
    assert len(server.asked) == 1


def test_a_search_without_a_token_comes_after_what_needs_none(server: GitHubServer) -> None:
    names: list[str] = []
    packages = Repositories(GitHub(None, server.address), owners=["acme"], searches=["x"]).packages(None)
    with pytest.raises(UsageError, match="set GITHUB_TOKEN"):
        names.extend(each.name for each in packages)
    assert names == list(NAMES[:3])
