"""From a source to the store: what is kept of a package, what is said of it, and when a source is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.discovery import mining
from pytest_lsqm.discovery.mining import Mine
from pytest_lsqm.discovery.registry import TerraformRegistry
from pytest_lsqm.discovery.repositories import Repositories
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.github import GitHub
from tests.discovery.servers.github import Codeload, GitHubServer, Repository
from tests.discovery.servers.registry import Module, RegistryServer
from tests.support.archives import Entry, tar_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lsqm.models import Architecture, SeenPackage

TOKEN = "ghp_secret"
QUEUE = 'resource "aws_sqs_queue" "it" {\n  name = "%s"\n}\n'
LICENSE = "Apache License, Version 2.0\n"


def no_modules(root: Path) -> None:
    raise AssertionError(f"nothing in {root} is remote")


@contextmanager
def mine(folder: Path, vendor: Callable[[Path], None] = no_modules) -> Iterator[Mine]:
    with Web(timeout=5) as web:
        yield Mine(Store.create(folder / "corpus"), web, vendor, workers=1)


def packed(files: dict[str, str]) -> Callable[[], bytes]:
    return lambda: tar_of(*(Entry(f"top/{name}", text.encode()) for name, text in files.items()))


def kept(folder: Path) -> dict[str, Architecture]:
    return {each.source_url: each for each in Store.open(folder / "corpus").architectures()}


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with Codeload() as codeload, GitHubServer(token=TOKEN, codeload=codeload) as serving:
        yield serving


def repositories(server: GitHubServer, **asked: Any) -> Repositories:
    return Repositories(GitHub(TOKEN, server.address, patience=0.05), **asked)


def publish(server: GitHubServer, *names: str, files: dict[str, str] | None = None, **more: str) -> None:
    for name in names:
        archive = packed(files or {"main.tf": QUEUE % name.replace("/", "-")})
        server.repositories[name] = Repository(name, archive, **more)  # type: ignore[arg-type]


# Metadata


def test_an_architecture_says_where_it_is_from_at_which_commit_and_under_which_licence(
    github: GitHubServer, tmp_path: Path
) -> None:
    publish(
        github, "acme/one", files={"stacks/a b/main.tf": QUEUE % "q"}, description="Queues,\n\x1b[31mred  ones"
    )
    with mine(tmp_path) as mining_:
        mining_.run(repositories(github, owners=["acme"]))
    ((url, found),) = kept(tmp_path).items()
    assert url == "https://github.com/acme/one/tree/main/stacks/a%20b"
    assert found.commit == github.repositories["acme/one"].commit
    assert (found.source_type, found.license) == ("github", "Apache-2.0")
    assert (found.name, found.description) == ("one-stacks-a-b", "Queues, [31mred ones")


def test_a_modules_version_and_the_licence_in_its_archive_are_kept(tmp_path: Path) -> None:
    files = {"main.tf": QUEUE % "a", "examples/b/main.tf": QUEUE % "b", "LICENSE": LICENSE}
    with (
        RegistryServer(Module("acme", "queue", version="2.1.0", archive=packed(files))) as server,
        mine(tmp_path) as it,
    ):
        it.run(TerraformRegistry(it.web, server.address, ["acme"]))
        base = f"{server.address}/modules/acme/queue/aws/2.1.0"
    found = kept(tmp_path)
    assert set(found) == {base, f"{base}/examples/b"}
    assert {(each.version, each.license) for each in found.values()} == {("2.1.0", "Apache-2.0")}
    assert all(each.source_type == "terraform_registry" for each in found.values())


def test_an_address_that_is_none_is_told_and_nothing_is_written(github: GitHubServer, tmp_path: Path) -> None:
    publish(github, "acme/one")
    source = repositories(github, owners=["acme"])
    source._package = lambda repository: Repositories._package(  # type: ignore[method-assign]
        source, replace(repository, url="no address")
    )
    with mine(tmp_path) as it:
        (looked,) = it.run(source).looked
    assert looked.refused["."].startswith("its source_url cannot be kept: ")
    assert not kept(tmp_path)


def test_a_service_of_a_general_repository_goes_by_its_format(github: GitHubServer, tmp_path: Path) -> None:
    service = "service: s\nprovider:\n  name: google\nfunctions: {}\n"
    publish(github, "acme/one", files={"a/serverless.yml": service, "b/main.tf": QUEUE % "q"})
    with mine(tmp_path) as it:
        (looked,) = it.run(repositories(github, owners=["acme"])).looked
    assert set(looked.refused) == {"a/serverless.yml"}
    assert [each.source_url.rpartition("/")[2] for each in looked.new] == ["b"]


# Once, whoever has it


def test_the_same_content_of_another_source_is_no_second_one(github: GitHubServer, tmp_path: Path) -> None:
    same = {"main.tf": QUEUE % "same"}
    publish(github, "acme/one", files=same)
    module = Module("acme", "queue", archive=packed(same))
    with RegistryServer(module) as server, mine(tmp_path) as it:
        first = it.run(TerraformRegistry(it.web, server.address, ["acme"]))
        second = it.run(repositories(github, owners=["acme"]))
    assert [len(each.looked[0].new) for each in (first, second)] == [1, 0]
    assert second.looked[0].known == 1
    assert [each.source_type for each in kept(tmp_path).values()] == ["terraform_registry"]


def test_a_new_version_of_a_module_names_what_it_follows_and_what_did_not_change_stays(tmp_path: Path) -> None:
    def version(number: str, text: str) -> Module:
        files = {"main.tf": QUEUE % text, "examples/same/main.tf": QUEUE % "same"}
        return Module("acme", "queue", version=number, archive=packed(files))

    with RegistryServer(version("1.0.0", "a")) as server, mine(tmp_path) as it:
        first = it.run(TerraformRegistry(it.web, server.address, ["acme"])).looked[0]
        server.modules = [version("1.1.0", "b")]
        second = it.run(TerraformRegistry(it.web, server.address, ["acme"])).looked[0]
    assert (len(first.new), len(second.new), second.known) == (2, 1, 1)
    root = next(each for each in first.new if each.source_url.endswith("/1.0.0"))
    assert second.new[0].predecessor == root.hash != second.new[0].hash


# What cannot be had


def test_a_package_that_cannot_be_reached_is_tried_again_next_time(github: GitHubServer, tmp_path: Path) -> None:
    publish(github, "acme/one", "acme/two")
    github.fail(lambda path: "/acme/two/tarball" in path, 404)
    with mine(tmp_path) as it:
        first = it.run(repositories(github, owners=["acme"]))
        refused = next(each for each in first.looked if each.problem)
        assert not refused.later
    github.faults.clear()
    publish(github, "acme/three")
    assert github.codeload
    github.codeload.fail(lambda path: "three" in path, 503, headers={"Retry-After": "3600"})
    with mine(tmp_path) as it:
        (looked,) = it.run(repositories(github, owners=["acme"])).looked
        assert looked.later
    github.codeload.faults.clear()
    with mine(tmp_path) as it:
        (looked,) = it.run(repositories(github, owners=["acme"])).looked
    assert [each.source_url for each in looked.new] == ["https://github.com/acme/three/tree/main"]


def test_a_source_that_lets_nobody_in_any_more_is_left(github: GitHubServer, tmp_path: Path) -> None:
    publish(github, *(f"acme/{number}" for number in range(60)))
    github.allowed = 2 + 2 * 5  # the owner and the listing, and for each package its commit and its archive
    with mine(tmp_path) as it:
        report = it.run(repositories(github, owners=["acme"]))
    assert report.problem
    assert "GitHub's rate limit is used up" in report.problem
    assert "(3 packages in a row)" in report.problem
    assert len(kept(tmp_path)) == 5
    assert len(report.looked) < 20, "it is not asked for all the others"


def test_what_this_machine_lacks_does_not_make_a_package_seen(github: GitHubServer, tmp_path: Path) -> None:
    publish(github, "acme/one", files={"main.tf": 'module "m" {\n  source = "acme/queue/aws"\n}\n' + QUEUE % "q"})

    def lacking(root: Path) -> None:
        raise EnvironmentProblem("there is no terraform here")

    with mine(tmp_path, lacking) as it:
        (looked,) = it.run(repositories(github, owners=["acme"])).looked
        assert (looked.problem, looked.later) == ("there is no terraform here", True)
    assert not Store.open(tmp_path / "corpus").seen().packages


def test_what_a_killed_run_left_of_packages_is_removed_and_what_lives_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead = tmp_path / f"{mining.SCRATCH}{int(ended.stdout)}-x"
    living = tmp_path / f"{mining.SCRATCH}{os.getpid()}-x"
    others = tmp_path / f"{mining.SCRATCH}of-somebody"
    for folder in (dead, living, others):
        (folder / "package").mkdir(parents=True)
    mining.remove_leftovers()
    assert {path.name for path in tmp_path.iterdir()} == {living.name, others.name}


@pytest.mark.parametrize("written", [1, 2])
def test_a_ctrl_c_while_what_was_seen_is_being_written_loses_none_of_it(
    github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    publish(github, *(f"acme/{name}" for name in "abcdefgh"))
    monkeypatch.setattr(mining, "FLUSH", 0.0)
    add, times = Store.add_seen, 0

    def interrupted(store: Store, packages: dict[str, SeenPackage]) -> None:
        nonlocal times
        times += 1
        if times == written:
            raise KeyboardInterrupt
        add(store, packages)

    monkeypatch.setattr(Store, "add_seen", interrupted)
    with mine(tmp_path) as it, pytest.raises(KeyboardInterrupt):
        it.run(repositories(github, owners=["acme"]))
    seen = Store.open(tmp_path / "corpus").seen().packages
    assert {each for package in seen.values() for each in package.architectures.values()} == {
        each.hash for each in kept(tmp_path).values()
    }
    assert 0 < len(seen) < 8, "it did not go on to its end"


def test_nothing_of_a_package_stays_beside_the_store(
    github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    publish(github, "acme/one")
    with mine(tmp_path) as it:
        it.run(repositories(github, owners=["acme"]))
    assert list(place.iterdir()) == []
    assert json.loads((tmp_path / "corpus/architectures/seen.json").read_text())["packages"]
