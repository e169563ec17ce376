"""`lsqm mine` as a person runs it, in a world of 300 candidates in 56 packages, 60 of which can run."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import analysis
from pytest_lsqm.corpus import Store
from tests.discovery.servers.world import TOKEN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.models import Architecture

COMMAND = [sys.executable, "-c", "import sys; from pytest_lsqm.cli import main; sys.exit(main())", "mine"]

PATIENCE = 500
"""Seconds after which a run hangs: alone on a machine it takes 20."""

UNTOLD = {"it executes programs", "its package is refused"}
"""Reasons that are told in another way: by a field that a run looks at, and for the package as a whole."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World().serve(tmp_path / "world") as served:
        corpus = tmp_path / "corpus"
        corpus.mkdir()
        (corpus / "sources.toml").write_text(served.sources_toml())
        yield served


def environment(world: World) -> dict[str, str]:
    return {**os.environ, **world.environment()}


def mine(world: World, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(world),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def told(world: World, folder: Path, *words: str) -> list[dict[str, Any]]:
    done = mine(world, folder, "--json", *words)
    assert done.stdout, done.stderr
    return list(json.loads(done.stdout))


def new(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for report in reports for package in report["packages"] for each in package["new"]]


def kept(folder: Path) -> dict[str, Architecture]:
    """Return what the store holds, after a look at each file of it."""
    store = Store.open(folder / "corpus")
    found = {each.hash: each for each in store.architectures()}
    assert not store.problems
    assert set(store.index().architectures) == set(found), "the index names what is there"
    for arch_hash, architecture in found.items():
        place = store.terraform_folder(arch_hash)
        files = {
            path.relative_to(place).as_posix(): path
            for path in place.rglob("*")
            if path.is_file() and path != place / "metadata.json"
        }
        assert analysis.content_hash(files, architecture.root) == arch_hash, "what lies there is what was hashed"
    return found


def can_run(found: dict[str, Architecture]) -> set[str]:
    return {each.hash for each in found.values() if not each.skipped and not each.executes}


@pytest.mark.slow
def test_of_300_candidates_the_60_that_can_run_are_found_once_and_later_only_what_changed(
    world: World, tmp_path: Path
) -> None:
    assert (len(world.candidates), len(world.runnable)) == (300, 60)
    reports = told(world, tmp_path)
    found = kept(tmp_path)
    assert len(can_run(found)) == 60
    assert {each["hash"] for each in new(reports)} == set(found)
    _each_reason_is_told(world, reports, tmp_path)

    asked = len(world.codeload.requests)
    again = told(world, tmp_path)
    assert new(again) == []
    assert kept(tmp_path) == found
    assert len(world.codeload.requests) == asked, "what was seen is not fetched again"

    name, package = next((n, p) for n, p in world.packages.items() if p.changing() and p.source == "github")
    path = world.change(name)
    assert path
    (changed,) = new(told(world, tmp_path))
    after = kept(tmp_path)
    assert set(after) - set(found) == {changed["hash"]}
    (before,) = (each for each in found.values() if each.source_url == changed["source_url"])
    assert changed["source_url"].endswith(f"{package.name}/tree/main/{path}")
    assert after[changed["hash"]].predecessor == before.hash


def _each_reason_is_told(world: World, reports: list[dict[str, Any]], folder: Path) -> None:
    packages = [package for report in reports for package in report["packages"]]
    said = {reason for each in packages for reason in (*each["refused"].values(), each["problem"]) if reason}
    said |= {each["skip_reason"] for each in new(reports) if each["skip_reason"]}
    wanted = {each.reason for each in world.candidates if each.reason} - UNTOLD
    assert not {reason for reason in wanted if not any(reason in each for each in said)}
    assert sum(bool(each["problem"]) for each in packages) == 6, "nothing is taken of the hostile ones"
    assert not [each for each in said if str(folder) in each or "lsqm-mine-" in each]


def _wait_for(child: subprocess.Popen[Any], folder: Path, count: int) -> Path:
    """Wait until so many architectures are there, and return the folder of all."""
    architectures = folder / "corpus" / "architectures"
    deadline = time.monotonic() + PATIENCE
    while len(list(architectures.glob("[!.]*/metadata.json"))) < count:
        assert child.poll() is None, "it came to its end before"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return architectures


@pytest.mark.slow
def test_a_run_that_is_killed_half_way_is_resumed_with_nothing_lost_and_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    child = subprocess.Popen(COMMAND, cwd=tmp_path, env=environment(world), start_new_session=True)
    architectures = _wait_for(child, tmp_path, 100)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    half = {path.parent.name for path in architectures.glob("[!.]*/metadata.json")}
    fetched = [asked.path for asked in world.codeload.requests]

    reports = told(world, tmp_path)
    found = kept(tmp_path)
    assert len(can_run(found)) == 60
    assert half <= set(found)
    assert {each["hash"] for each in new(reports)} == set(found) - half, "what was there is not told as new"
    assert not list(architectures.glob(".*")), "nothing that was half-written is left"
    # Entered as seen every second: so most of what was fetched before is not fetched again.
    twice = [asked.path for asked in world.codeload.requests[len(fetched) :] if asked.path in fetched]
    assert len(twice) < len(fetched) / 2
    assert new(told(world, tmp_path)) == []


@pytest.mark.slow
def test_ctrl_c_ends_it_with_what_it_has_and_without_a_traceback(world: World, tmp_path: Path) -> None:
    words = [*COMMAND, "--source", "github", "-n", "1"]
    child = subprocess.Popen(words, cwd=tmp_path, env=environment(world), stderr=subprocess.PIPE, text=True)
    _wait_for(child, tmp_path, 5)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=PATIENCE)
    assert (child.returncode, said) == (130, "")
    found = {path.parent.name for path in (tmp_path / "corpus" / "architectures").glob("*/metadata.json")}
    seen = Store.open(tmp_path / "corpus").seen().packages
    assert {each for package in seen.values() for each in package.architectures.values()} == found
    assert len(seen) < 20, "it did not go on to its end"


def test_a_source_that_fails_is_told_and_the_others_go_on(world: World, tmp_path: Path) -> None:
    world.registry.fail("/", 403, times=1000)
    done = mine(world, tmp_path, "--source", "terraform_registry", "--source", "serverless")
    assert done.returncode == 1
    assert "terraform_registry: 0 packages looked at" in done.stdout
    assert "  ended early: http://127.0.0.1:" in done.stdout
    assert "does not let us in (status 403)" in done.stdout
    assert "serverless: 1 packages looked at" in done.stdout
    assert "google" in done.stdout


def test_a_limit_is_of_new_packages_and_the_token_is_written_nowhere(world: World, tmp_path: Path) -> None:
    words = ("--source", "github", "--json", "--limit")
    first, second = (mine(world, tmp_path, *words, limit) for limit in ("2", "1"))
    counts = [
        (len(report["packages"]), report["unchanged"])
        for done in (first, second)
        for report in json.loads(done.stdout)
    ]
    assert counts == [(2, 0), (1, 2)]
    assert any("Authorization" in asked.headers for asked in world.github.requests), "it was used"
    assert not [asked for asked in world.codeload.requests if "Authorization" in asked.headers]
    assert TOKEN not in first.stdout + first.stderr + second.stdout + second.stderr
    written = [path for path in (tmp_path / "corpus").rglob("*") if path.is_file()]
    assert len(written) > 5
    assert not [path for path in written if TOKEN.encode() in path.read_bytes()]


def test_nothing_older_than_a_date_is_looked_at(world: World, tmp_path: Path) -> None:
    reports = told(world, tmp_path, "--source", "serverless", "--source", "cdk", "--since", "2024-03-02")
    revisions = {report["source"]: [each["revision"] for each in report["packages"]] for report in reports}
    assert revisions == {"serverless": [], "cdk": ["2024-03-02T00:00:00+00:00"]}


def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(world: World, tmp_path: Path) -> None:
    words = ("--source", "serverless", "--json")
    assert mine(world, tmp_path, *words).stderr == ""
    world.change("serverless/examples")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=tmp_path,
        env=environment(world),
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=PATIENCE,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "serverless: 1 packages" in shown
    assert "0 new, 0 can run" in shown
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit", "0"), "-n and --limit want a number of at least 1"),
        (("-n", "0"), "-n and --limit want a number of at least 1"),
        (("--since", "yesterday"), "argument --since"),
        (("--source", "gitlab"), "invalid choice: 'gitlab'"),
    ],
)
def test_what_is_asked_wrongly_is_said(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = subprocess.run([*COMMAND, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sources_can_be_printed_edited_and_are_then_used(tmp_path: Path) -> None:
    printed = subprocess.run(
        [*COMMAND, "--print-sources"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    edited = printed.stdout.replace("https://registry.terraform.io", "http://127.0.0.1:9")
    assert edited != printed.stdout
    (corpus / "sources.toml").write_text(edited)
    done = subprocess.run(
        [*COMMAND, "--source", "terraform_registry"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ended early: http://127.0.0.1:9/" in done.stdout


def test_the_help_has_an_example(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "lsqm mine --source github --limit 50" in done.stdout
