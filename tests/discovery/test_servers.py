"""The servers behind the tests of `lsqm mine` answer as the real ones do, and their world is what it claims."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_lsqm.discovery import fetching, mining, reading, sources
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import DiscoveryError
from pytest_lsqm.github import GitHub
from pytest_lsqm.models import Architecture
from tests.discovery.servers.github import Codeload, GitHubServer, Repository
from tests.discovery.servers.registry import Module, RegistryServer
from tests.discovery.servers.world import DUPLICATES, TOKEN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.discovery.base import Package, Source
    from tests.discovery.servers.base import ApiServer


def get(server: ApiServer, path: str, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(server.url(path), headers=headers, allow_redirects=False, timeout=20)


@pytest.fixture
def registry() -> Iterator[RegistryServer]:
    modules = [Module("acme", f"m{number}", verified=number % 2 == 0) for number in range(120)]
    with RegistryServer(*modules, Module("acme", "blue", "azurerm"), Module("other", "queue")) as server:
        yield server


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    many = [Repository(f"many/r{number}", pushed_at=f"2024-01-{number + 1:02}T00:00:00Z") for number in range(5)]
    with Codeload() as codeload, GitHubServer(*many, token=TOKEN, codeload=codeload) as server:
        yield server


# What the servers have in common


def test_requests_are_remembered_in_their_order(registry: RegistryServer) -> None:
    get(registry, "/v1/modules/acme?limit=1", "secret")
    get(registry, "/none")
    assert [(each.method, each.path) for each in registry.requests] == [
        ("GET", "/v1/modules/acme?limit=1"),
        ("GET", "/none"),
    ]
    assert [each.headers.get("Authorization") for each in registry.requests] == ["Bearer secret", None]


def test_a_fault_takes_the_place_of_so_many_answers(registry: RegistryServer) -> None:
    registry.fail("/v1/modules/acme", 503, headers={"Retry-After": "7"}, times=2, body=b"busy")
    registry.fail(lambda path: "limit=9" in path, 418)
    first = get(registry, "/v1/modules/acme")
    assert (first.status_code, first.headers["Retry-After"], first.content) == (503, "7", b"busy")
    wanted = {
        "/v1/modules/other": 200,
        "/v1/modules/acme": 503,
        "/v1/modules?limit=9": 418,
        "/v1/modules/acme?x": 200,
    }
    assert {path: get(registry, path).status_code for path in wanted} == wanted


# The registry


def test_the_registry_pages_its_listings(registry: RegistryServer) -> None:
    first = get(registry, "/v1/modules/acme?provider=aws&limit=1000").json()
    assert first["meta"] == {
        "limit": 100,
        "current_offset": 0,
        "next_offset": 100,
        "next_url": "/v1/modules/acme?limit=100&offset=100&provider=aws",
    }
    last = get(registry, first["meta"]["next_url"]).json()
    assert last["meta"] == {"limit": 100, "current_offset": 100, "prev_offset": 0}
    assert [each["name"] for each in first["modules"] + last["modules"]] == [f"m{n}" for n in range(120)]
    assert get(registry, "/v1/modules").json()["meta"]["limit"] == 15


def test_the_registry_narrows_a_listing_down(registry: RegistryServer) -> None:
    def names(path: str) -> list[str]:
        return [each["name"] for each in get(registry, f"/v1/modules{path}").json()["modules"]]

    assert names("/acme?provider=azurerm") == ["blue"]
    assert names("/acme?verified=true&limit=2") == ["m0", "m2"]
    assert names("/search?q=queue") == ["queue"]
    assert names("/nobody") == []
    assert get(registry, "/v1/modules/search").status_code == 400


def test_the_registry_says_where_a_version_lies(registry: RegistryServer) -> None:
    registry.modules += [Module("acme", "near", get="./archive.tar.gz", archive=lambda: b"near")]
    assert get(registry, "/.well-known/terraform.json").json() == {"modules.v1": "/v1/modules/"}
    versions = get(registry, "/v1/modules/acme/near/aws/versions").json()
    assert versions == {"modules": [{"source": "acme/near/aws", "versions": [{"version": "1.0.0"}]}]}
    given = get(registry, "/v1/modules/acme/near/aws/1.0.0/download")
    assert (given.status_code, given.content, given.headers["X-Terraform-Get"]) == (204, b"", "./archive.tar.gz")
    assert get(registry, "/v1/modules/acme/near/aws/1.0.0/archive.tar.gz").content == b"near"
    assert get(registry, "/v1/modules/acme/near/aws/9.9.9/download").status_code == 404
    far = get(registry, "/v1/modules/acme/m0/aws/1.0.0/download").headers["X-Terraform-Get"]
    assert far == registry.url("/archives/acme/m0/aws/1.0.0.tar.gz?archive=tar.gz")


# GitHub


def test_github_pages_by_links(github: GitHubServer) -> None:
    path = "/users/many/repos?sort=pushed&direction=desc&per_page=2"
    found = []
    answer = get(github, path)
    assert answer.links["last"]["url"].endswith("&page=3")
    while True:
        found += [each["name"] for each in answer.json()]
        if "next" not in answer.links:
            break
        answer = requests.get(answer.links["next"]["url"], timeout=20)
    assert found == ["r4", "r3", "r2", "r1", "r0"]
    assert answer.links["prev"]["url"].endswith("&page=2")
    assert get(github, "/orgs/many/repos").json() == get(github, "/users/many/repos").json()


def test_github_counts_what_is_asked(github: GitHubServer) -> None:
    first, second = get(github, "/users/many"), get(github, "/users/many", TOKEN)
    assert [each.headers["X-RateLimit-Limit"] for each in (first, second)] == ["60", "5000"]
    assert [each.headers["X-RateLimit-Remaining"] for each in (first, second)] == ["59", "4998"]
    github.allowed = 0
    over = get(github, "/users/many", TOKEN)
    assert (over.status_code, over.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert over.json()["message"].startswith("API rate limit exceeded")
    assert int(over.headers["X-RateLimit-Reset"]) > time.time()


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/users/many", "wrong", 401),
        ("/users/nobody", None, 404),
        ("/repos/many/none", None, 404),
        ("/repos/many/r0/commits/none", None, 422),
        ("/search/code?q=x", None, 401),
        ("/search/code", TOKEN, 422),
        ("/search/code?q=x", TOKEN, 200),
        ("/what", None, 404),
    ],
)
def test_github_refuses_with_a_message(github: GitHubServer, path: str, token: str | None, status: int) -> None:
    answer = get(github, path, token)
    assert answer.status_code == status
    assert status == 200 or answer.json()["message"]


def test_an_archive_is_elsewhere_and_wants_its_own_secret(github: GitHubServer) -> None:
    github.repositories["many/r0"].archive = lambda: b"content"
    sent = get(github, "/repos/many/r0/tarball/main")
    assert sent.status_code == 302
    there = sent.headers["Location"]
    assert not there.startswith(github.address)
    assert requests.get(there, timeout=20).content == b"content"
    assert requests.get(there.partition("?")[0], timeout=20).status_code == 404


def test_a_push_makes_another_commit(github: GitHubServer) -> None:
    before = get(github, "/repos/many/r0/commits/main").json()["sha"]
    assert get(github, f"/repos/many/r0/commits/{before}").json()["sha"] == before
    github.repositories["many/r0"].pushed_at = "2024-02-01T00:00:00Z"
    assert get(github, "/repos/many/r0/commits/main").json()["sha"] != before


# The world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World().serve(tmp_path_factory.mktemp("world")) as served:
        yield served


def test_there_are_300_candidates_and_60_can_run(world: World) -> None:
    assert len(world.candidates) == 300
    assert len(world.runnable) == 60
    assert sum(each.reason is None for each in world.candidates) == 60 + DUPLICATES


def test_the_reasons_are_many(world: World) -> None:
    reasons = Counter(each.reason for each in world.candidates if each.reason)
    assert len(reasons) >= 12
    assert min(reasons.values()) >= 6


def located(world: World, web: Web, store: Path, name: Any) -> Iterator[tuple[Source, Package]]:
    (store / "sources.toml").write_text(world.sources_toml())
    client = GitHub(TOKEN, world.github.address)
    source = sources.create(name, sources.configuration(store), web, lambda: client)
    return ((source, package) for package in source.packages(None))


def key(package: Package) -> str:
    """Return by which name the world knows a package."""
    return package.url.rpartition("/modules/")[2] if package.layout == "module" else package.name


def test_the_sources_find_every_package_and_no_other(world: World, tmp_path: Path) -> None:
    with Web() as web:
        found = {
            name: sorted(key(package) for _, package in located(world, web, tmp_path, name))
            for name in sources.NAMES
        }
    assert found == {
        name: sorted(each.name for each in world.packages.values() if each.source == name)
        for name in sources.NAMES
    }


@pytest.fixture(scope="module")
def read(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return what the product reads in each package that it takes, and why it takes none of the others."""
    found: dict[str, dict[str, Any]] = {}
    scratch = tmp_path_factory.mktemp("read")
    with Web() as web:
        for name in sources.NAMES:
            for number, (source, package) in enumerate(located(world, web, scratch, name)):
                place = scratch / f"{name}-{number}"
                try:
                    folder, _ = fetching.fetch(source.locate(package), place / "package", web)
                except DiscoveryError as error:
                    found[key(package)] = {".": str(error)}
                    continue
                parts = reading._read(folder.resolve(), package.layout, place / "read")
                found[key(package)] = {each["path"]: each for each in parts}
    return found


def test_the_product_finds_each_candidate_where_it_is_said_to_be(
    world: World, read: dict[str, dict[str, Any]]
) -> None:
    wanted = {each.name: set(each.candidates) for each in world.packages.values()}
    assert {name: set(parts) for name, parts in read.items()} == wanted


def test_the_product_says_of_each_candidate_what_the_world_says(
    world: World, read: dict[str, dict[str, Any]]
) -> None:
    for package in world.packages.values():
        for path, candidate in package.candidates.items():
            part = read[package.name][path]
            if isinstance(part, str):
                assert candidate.reason == "its package is refused"
            elif "problem" in part:
                assert candidate.reason
                assert candidate.reason in part["problem"]
            else:
                architecture = Architecture.model_validate(part["architecture"])
                assert mining.can_run(architecture) == (candidate.reason is None), candidate.kind
                said = architecture.skip_reason or ("it executes programs" if architecture.executes else None)
                assert (candidate.reason or "") in (said or ""), candidate.kind


def test_as_many_contents_can_run_as_the_world_says(read: dict[str, dict[str, Any]]) -> None:
    architectures = [
        Architecture.model_validate(part["architecture"])
        for parts in read.values()
        for part in parts.values()
        if not isinstance(part, str) and "architecture" in part
    ]
    hashes = Counter(each.hash for each in architectures if mining.can_run(each))
    assert len(hashes) == 60
    assert sum(count - 1 for count in hashes.values()) == DUPLICATES


@pytest.mark.parametrize(
    "name", ["acme/part-0/aws", "acme/part-1/aws", "acme/part-2/aws", "acme/part-3/aws", "infra/stacks-3"]
)
def test_a_change_is_a_new_revision_with_one_other_candidate(tmp_path: Path, name: str) -> None:
    def look() -> tuple[str, dict[str, bytes]]:
        source, package = next(
            each
            for kind in ("terraform_registry", "github")
            for each in located(world, web, tmp_path, kind)
            if key(each[1]) == name
        )
        folder, _ = fetching.fetch(source.locate(package), tmp_path / package.revision, web)
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return package.revision, files

    with World().serve(tmp_path / "world") as world, Web() as web:
        before = look()
        changed = world.change(name)
        after = look()
    assert before[0] != after[0]
    assert {path for path in after[1] if before[1].get(path) != after[1][path]} == {f"{changed}/main.tf"}
    assert set(before[1]) == set(after[1])
