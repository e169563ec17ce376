from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import history
from tests.corpus.records import START

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store

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
