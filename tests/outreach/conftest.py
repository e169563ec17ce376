"""Stores with an archive, a repository with issues, and git as a person has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import history
from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError
from pytest_lsqm.github import GitHub
from pytest_lsqm.outreach import archive
from tests.corpus.records import (
    START,
    A,
    B,
    C,
    add_architecture,
    add_run,
)
from tests.outreach.records import cause, ran, regressed
from tests.outreach.tracker import TOKEN, Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


ROOT = Path(__file__).parents[2]


def git(folder: Path, *words: str, **env: str) -> str:
    """Run git as a person does who has set nothing."""
    settings = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(
        ["git", *identity, *words],
        cwd=folder,
        env=settings | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Remote:
    """A bare repository, and what lies in it."""

    folder: Path

    def files(self) -> list[str]:
        return git(self.folder, "ls-tree", "-r", "--name-only", "main").splitlines()

    def runs(self) -> set[str]:
        return {path.split("/")[1] for path in self.files() if path.startswith("runs/")}

    def read(self, path: str) -> str:
        return git(self.folder, "show", f"main:{path}")

    def subjects(self) -> list[str]:
        return git(self.folder, "log", "--format=%s", "main").splitlines()


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    return Remote(tmp_path / "remote.git")


def conclude(store: Store, number: int) -> None:
    """Write trends and index as the end of a run does."""
    index = store.refresh_index()
    runs = [history.RunOutcomes(run, store.statuses(run.run_id)) for run in store.runs()]
    current = next(each for each in runs if each.run.started_at.day == START.day + number)
    corpus = {key: entry.services for key, entry in index.architectures.items()}
    store.write_trends(
        history.service_trends(runs, corpus),
        history.architecture_trends(runs, START),
        history.regressions(current, history.baseline(current.run, runs), START),
    )
    store.write_operations(history.service_operations(current.run, store.results(current.run.run_id).values()))
    store.update_index([])


def make_store(folder: Path, number: int, **statuses: str) -> Store:
    """Make a store of two architectures and one run that has been concluded."""
    store = Store.create(folder)
    for arch_hash in (A, B):
        add_architecture(store, arch_hash)
    add_run(store, number, {A: "PASSED", B: "PASSED"} | statuses)  # type: ignore[arg-type]
    conclude(store, number)
    return store


@pytest.fixture
def one(tmp_path: Path, remote: Remote) -> Store:
    """A store that has been pushed."""
    (tmp_path / "one").mkdir()
    store = make_store(tmp_path / "one" / "store", 1)
    archive.sync(store.root, str(remote.folder))
    archive.push(store.root)
    return store


@pytest.fixture
def two(tmp_path: Path, remote: Remote, one: Store) -> Store:
    """Another machine's copy of the same store."""
    (tmp_path / "two").mkdir()
    archive.sync(tmp_path / "two" / "store", str(remote.folder))
    return Store.open(tmp_path / "two" / "store")


def refused(kind: type[LsqmError], call: Callable[[], object]) -> str:
    with pytest.raises(LsqmError) as caught:
        call()
    assert type(caught.value) is kind, caught.value
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)
    return str(caught.value)


def start_push(root: Path, home: Path, path: Path | None = None, **variables: str) -> subprocess.Popen[str]:
    code = "import sys; from pytest_lsqm.cli import main; sys.exit(main())"
    search = f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]
    env = {"PATH": search, "HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    return subprocess.Popen(
        [sys.executable, "-c", code, "push", "--corpus", str(root)],
        env=env,
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shim(folder: Path, text: str) -> Path:
    """Put a program before git that does something around one of its commands; `$*` are its words."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f'#!/bin/sh\nREAL={shutil.which("git")}\n{text}\nexec $REAL "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    with Tracker() as serving:
        yield serving


@pytest.fixture
def github(tracker: Tracker) -> GitHub:
    return GitHub(TOKEN, tracker.address, patience=0.05, pause=0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "corpus")


@pytest.fixture
def broken(store: Store) -> Store:
    """A store in which two architectures stumble over one operation, and a third over another."""
    ran(store, 1, "4.6.0", a="PASSED", b="PASSED", c="PASSED")
    ran(store, 2, a="FAILED", b="FAILED", c="FAILED")
    regressed(store, A)
    regressed(store, B)
    regressed(store, C, cause=cause(kind="emulator_gap", service="sns", operation="sns.Publish"))
    return store
