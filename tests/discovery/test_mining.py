"""From sources to the store: a world of 300 candidates, 60 of which can run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from tests.cli.test_commands import lsqm
from tests.discovery.servers.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World().serve(tmp_path / "world") as served:
        corpus = tmp_path / "corpus"
        corpus.mkdir()
        (corpus / "sources.toml").write_text(served.sources_toml())
        yield served


def mine(world: World, folder: Path, *words: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    done = lsqm("mine", "--json", *words, cwd=folder, **world.environment())
    return done, json.loads(done.stdout) if done.stdout.startswith("[") else []


def found(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [new for report in reports for package in report["packages"] for new in package["new"]]


def can_run(store: Store) -> list[str]:
    return [each.hash for each in store.architectures() if not each.skipped and not each.executes]


def test_what_can_run_is_found_once_and_the_next_time_nothing_is_new(world: World, tmp_path: Path) -> None:
    done, reports = mine(world, tmp_path)
    store = Store.open(tmp_path / "corpus")
    assert done.returncode == 0, done.stderr
    assert len(can_run(store)) == len(world.runnable) == 60
    assert len(found(reports)) == len(list(store.architectures()))
    before = {each.hash for each in store.architectures()}
    asked = len(world.codeload.requests)
    done, reports = mine(world, tmp_path)
    assert found(reports) == []
    assert {each.hash for each in Store.open(tmp_path / "corpus").architectures()} == before
    assert len(world.codeload.requests) == asked, "what was seen is not fetched again"


def test_everything_that_was_not_taken_has_its_reason(world: World, tmp_path: Path) -> None:
    _, reports = mine(world, tmp_path)
    packages = [package for report in reports for package in report["packages"]]
    told = {
        reason for package in packages for reason in (*package["refused"].values(), package["problem"]) if reason
    }
    told |= {new["skip_reason"] for package in packages for new in package["new"] if new["skip_reason"]}
    # These two are told in another way: by the field that a run looks at, and for the package as a whole.
    assert any(not new["can_run"] and not new["skip_reason"] for package in packages for new in package["new"])
    assert sum(bool(package["problem"]) for package in packages) == 6
    expected = {each.reason for each in world.candidates if each.reason}
    expected -= {"it executes programs", "its package is refused"}
    assert not {reason for reason in expected if not any(reason in said for said in told)}
    assert not [said for said in told if str(tmp_path) in said or "lsqm-mine-" in said]


def test_a_run_that_is_killed_half_way_is_resumed_with_nothing_lost_and_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from pytest_lsqm.cli import main; main(['mine', '-n', '1'])"]
    child = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **world.environment()}, start_new_session=True
    )
    corpus = tmp_path / "corpus" / "architectures"
    deadline = time.monotonic() + 100
    while len(list(corpus.glob("*/metadata.json"))) < 20:
        assert child.poll() is None, "it came to its end before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    half = {path.parent.name for path in corpus.glob("*/metadata.json")}
    _, reports = mine(world, tmp_path)
    store = Store.open(tmp_path / "corpus")
    assert len(can_run(store)) == 60
    assert half <= {each.hash for each in store.architectures()}
    assert not half & {new["hash"] for new in found(reports)}, "what was there is not told as new"


def test_a_changed_upstream_is_a_new_architecture_with_its_predecessor(world: World, tmp_path: Path) -> None:
    mine(world, tmp_path)
    store = Store.open(tmp_path / "corpus")
    before = {each.source_url: each.hash for each in store.architectures()}
    name = next(
        name for name, package in world.packages.items() if package.changing() and package.source == "github"
    )
    path = world.change(name)
    assert path is not None
    _, reports = mine(world, tmp_path)
    (new,) = found(reports)
    architecture = Store.open(tmp_path / "corpus").architecture(new["hash"])
    assert architecture.source_url.endswith(path)
    assert architecture.predecessor == before[architecture.source_url]


def test_a_source_that_fails_is_told_and_the_others_go_on(world: World, tmp_path: Path) -> None:
    world.registry.fail("/", 500, times=1000)
    done, reports = mine(world, tmp_path)
    assert done.returncode == 1
    by_name = {report["source"]: report for report in reports}
    assert by_name["terraform_registry"]["problem"]
    assert by_name["github"]["problem"] is None
    assert found([by_name["github"]])


def test_the_token_is_written_nowhere(world: World, tmp_path: Path) -> None:
    done, _ = mine(world, tmp_path, "--source", "github", "--limit", "5")
    token = world.environment()["GITHUB_TOKEN"]
    assert token not in done.stdout + done.stderr
    written = [path for path in (tmp_path / "corpus").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if token.encode() in path.read_bytes()]


def test_a_limit_is_of_new_packages_and_the_rest_is_for_the_next_run(world: World, tmp_path: Path) -> None:
    _, reports = mine(world, tmp_path, "--source", "github", "--limit", "3")
    assert [len(report["packages"]) for report in reports] == [3]
    _, reports = mine(world, tmp_path, "--source", "github", "--limit", "2")
    assert [(len(report["packages"]), report["unchanged"]) for report in reports] == [(2, 3)]
