"""Pushes that are overtaken, killed, refused: nothing is lost, and the next one goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import OutreachError
from pytest_lsqm.outreach import archive
from tests.corpus.records import (
    A,
    add_run,
    app,
    app_files,
    run_id,
)
from tests.outreach.conftest import Remote, conclude, git, refused, shim, start_push

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus import Store


def test_who_is_overtaken_while_pushing_tries_again(
    one: Store, two: Store, remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(two, 2, {A: "PASSED"})
    archive.sync(two.root)  # committed there, and not pushed yet
    add_run(one, 3, {A: "PASSED"})
    between = f"""case "$*" in *" push "*) if mkdir {tmp_path}/once 2>/dev/null; then
        $REAL -C {two.root} push -q origin HEAD:main; fi;; esac"""
    monkeypatch.setenv("PATH", f"{shim(tmp_path / 'bin', between)}:{os.environ['PATH']}")
    done = archive.push(one.root)
    assert done.tries == 2
    assert (done.sent, done.received) == ((run_id(3),), (run_id(2),))
    assert remote.runs() == {run_id(1), run_id(2), run_id(3)}


def test_who_is_always_overtaken_gives_up_with_all_committed(
    one: Store, two: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "TRIES", 2)
    add_run(one, 3, {A: "PASSED"})
    between = f"""case "$*" in *" push "*) $REAL -C {two.root} -c user.name=a -c user.email=a@b \
        commit -q --allow-empty -m x; $REAL -C {two.root} push -q origin HEAD:main --force;; esac"""
    monkeypatch.setenv("PATH", f"{shim(tmp_path / 'bin', between)}:{os.environ['PATH']}")
    assert "2 times in a row" in refused(OutreachError, lambda: archive.push(one.root))
    assert f"runs/{run_id(3)}/summary.json" in git(one.root, "ls-tree", "-r", "--name-only", "HEAD")


@pytest.mark.parametrize(
    "moment",
    [
        "*' add '*) $REAL \"$@\"; touch .git/index.lock; kill -9 $PPID; exit 1",
        "*' commit '*) kill -9 $PPID; exit 1",
        "*' fetch '*) $REAL \"$@\"; kill -9 $PPID; exit 1",
        "*' merge '*) $REAL \"$@\"; kill -9 $PPID; exit 1",
        "*' restore '*) $REAL \"$@\"; kill -9 $PPID; exit 1",
        "*' push '*) kill -9 $PPID; exit 1",
        "*' push '*) $REAL \"$@\"; kill -9 $PPID; exit 1",
    ],
    ids=["adding", "committing", "fetching", "merging", "settling", "pushing", "pushed"],
)
def test_a_push_that_is_killed_is_ended_by_the_next(
    one: Store, two: Store, remote: Remote, tmp_path: Path, moment: str
) -> None:
    for store, number in ((two, 2), (one, 3)):
        add_run(store, number, {A: "PASSED"})
        conclude(store, number)
        store.add_app(app(A, files=app_files(app_py=f"NUMBER = {number}\n")))
    archive.push(two.root)
    killed = start_push(one.root, tmp_path, shim(tmp_path / "bin", f'case "$*" in {moment};; esac'))
    killed.communicate(timeout=60)
    assert killed.returncode == -9
    archive.push(one.root)
    assert remote.runs() == {run_id(1), run_id(2), run_id(3)}
    (trend,) = (each for each in one.service_trends() if each.service_name == "s3")
    assert len(trend.history) == 3
    assert git(one.root, "status", "--short", "--untracked-files=no") == ""


def test_an_archive_that_is_gone_keeps_the_commit_for_later(one: Store, remote: Remote) -> None:
    add_run(one, 2, {A: "PASSED"})
    aside = remote.folder.with_name("aside.git")
    remote.folder.rename(aside)
    told = refused(OutreachError, lambda: archive.push(one.root))
    assert "the archive cannot be read" in told
    assert "run this again" in told
    aside.rename(remote.folder)
    archive.push(one.root)
    assert remote.runs() == {run_id(1), run_id(2)}


def test_an_archive_with_another_history_is_not_mixed_in(
    one: Store, two: Store, remote: Remote, tmp_path: Path
) -> None:
    git(two.root, "checkout", "-q", "--orphan", "new")
    git(two.root, "commit", "-q", "-m", "begun anew")
    git(two.root, "push", "-q", "--force", "origin", "new:main")
    add_run(one, 2, {A: "PASSED"})
    assert "unrelated histories" in refused(OutreachError, lambda: archive.push(one.root))
    assert remote.subjects() == ["begun anew"]


def test_an_archive_that_refuses_says_why(one: Store, remote: Remote) -> None:
    hook = remote.folder / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'the branch is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    add_run(one, 2, {A: "PASSED"})
    told = refused(OutreachError, lambda: archive.push(one.root))
    assert "[remote rejected] (pre-receive hook declined); remote: the branch is protected" in told


def test_the_folders_own_hooks_are_not_run(one: Store, tmp_path: Path) -> None:
    (one.root / ".git/hooks").mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit", "pre-push", "post-merge"):
        hook = one.root / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\n")
        hook.chmod(0o755)
    add_run(one, 2, {A: "PASSED"})
    archive.push(one.root)
    assert not list(tmp_path.glob("ran-*"))
