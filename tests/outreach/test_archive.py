"""The archive of a store, with real git against repositories on this disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import archive
from tests.cli.test_commands import lsqm
from tests.corpus.records import (
    A,
    B,
    C,
    add_run,
    architecture,
    run_id,
    snapshot,
)
from tests.outreach.conftest import Remote, conclude, git, make_store, refused

if TYPE_CHECKING:
    from pathlib import Path


# One machine


def test_a_push_commits_the_whole_store_with_the_counts_of_its_run(one: Store, remote: Remote) -> None:
    ours = {path for path in snapshot(one.root) if not path.startswith(".git/")}
    assert set(remote.files()) == ours
    assert {"architectures/index.json", "trends/services.json", f"runs/{run_id(1)}/summary.json"} <= ours
    assert remote.subjects() == ["localstack 4.14.0: 2 of 2 passed"]


def test_a_push_without_news_makes_no_commit(one: Store, remote: Remote) -> None:
    archive.push(one.root)
    archive.sync(one.root)
    assert len(remote.subjects()) == 1


def test_a_store_from_the_archive_is_the_store_byte_by_byte(one: Store, two: Store) -> None:
    ours, theirs = (
        {path: content for path, content in snapshot(store.root).items() if not path.startswith(".git/")}
        for store in (one, two)
    )
    assert theirs == ours
    assert two.index() == one.index()


def test_a_push_counts_the_regressions_of_its_run(one: Store, remote: Remote) -> None:
    add_run(one, 2, {A: "PASSED", B: "FAILED"})
    conclude(one, 2)
    done = archive.push(one.root)
    assert done.sent == (run_id(2),)
    assert remote.subjects()[0] == "localstack 4.14.0: 1 of 2 passed, 1 regressions"


def test_the_last_52_runs_are_kept_in_the_archive(one: Store, remote: Remote) -> None:
    for number in range(2, 55):
        add_run(one, number, {A: "PASSED"})
    done = archive.push(one.root)
    assert set(done.removed) == {run_id(1), run_id(2)}
    assert remote.runs() == {run_id(number) for number in range(3, 55)}


def test_a_report_becomes_the_latest(one: Store, remote: Remote, tmp_path: Path) -> None:
    for text in ("<html>first</html>", "<html>second</html>"):
        (tmp_path / "made.html").write_text(text)
        archive.push(one.root, tmp_path / "made.html")
        assert remote.read("reports/latest/index.html") == text


def test_a_report_that_is_not_there_is_a_wrong_call(one: Store, tmp_path: Path) -> None:
    assert "--lsqm-report" in refused(UsageError, lambda: archive.push(one.root, tmp_path / "none.html"))


def test_an_architecture_is_kept_as_it_is_whatever_git_is_told_by_its_files(
    one: Store, two: Store, tmp_path: Path
) -> None:
    contents = {
        ".gitignore": b"*.zip\npoetry.lock\n",
        ".gitattributes": b"* text=auto eol=crlf ident\n*.txt working-tree-encoding=UTF-16\n*.zip filter=lfs\n",
        "main.tf": b"# $Id$\r\nlocals {}\n",
        "function.zip": b"PK\x03\x04\r\n\x00\n",
        "poetry.lock": b"[[package]]\n",
        "note.txt": "ü\n".encode(),
    }
    found = {}
    for name, content in contents.items():
        found[name] = tmp_path / "source" / name
        found[name].parent.mkdir(exist_ok=True)
        found[name].write_bytes(content)
    one.add_architecture(architecture(C), found)
    archive.push(one.root)
    archive.sync(two.root)
    folder = two.terraform_folder(C)
    assert {name: (folder / name).read_bytes() for name in contents} == contents


# What else lies in the folder


def test_files_that_are_not_the_stores_are_left_alone(one: Store, two: Store, remote: Remote) -> None:
    (one.root / "README.md").write_text("of the archive\n")
    git(one.root, "add", "README.md")
    git(one.root, "commit", "-q", "-m", "a readme")
    (one.root / "README.md").write_text("changed, and not committed\n")
    (one.root / ".env").write_text("PASSWORD=x\n")
    add_run(one, 2, {A: "PASSED"})
    add_run(two, 3, {A: "PASSED"})
    archive.push(two.root)
    archive.push(one.root)
    assert remote.read("README.md") == "of the archive"
    assert (one.root / "README.md").read_text() == "changed, and not committed\n"
    assert ".env" not in remote.files()
    assert remote.runs() == {run_id(number) for number in (1, 2, 3)}


def test_what_a_person_has_staged_is_not_committed_with_the_store(one: Store) -> None:
    (one.root / "notes.md").write_text("mine\n")
    git(one.root, "add", "notes.md")
    assert "notes.md is staged" in refused(OutreachError, lambda: archive.push(one.root))
    assert git(one.root, "status", "--short", "notes.md") == "A  notes.md"


def test_a_merge_that_a_person_has_begun_is_not_ended(one: Store) -> None:
    git(one.root, "switch", "-q", "-c", "other")
    git(one.root, "commit", "-q", "--allow-empty", "-m", "x")
    git(one.root, "switch", "-q", "main")
    git(one.root, "merge", "--no-ff", "--no-commit", "other")
    assert "in the midst of a merge" in refused(OutreachError, lambda: archive.push(one.root))
    assert (one.root / ".git/MERGE_HEAD").exists()


def test_another_git_that_is_at_work_is_not_disturbed(one: Store) -> None:
    lock = one.root / ".git/index.lock"
    lock.touch()
    assert f"remove {lock}" in refused(OutreachError, lambda: archive.push(one.root))
    assert lock.exists()


def test_the_stores_own_marks_do_not_show_up_as_news(one: Store) -> None:
    archive.push(one.root)
    assert git(one.root, "status", "--short") == ""


def test_a_folder_without_an_archive_is_told_how_to_get_one(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", 1)
    assert "lsqm sync --corpus" in refused(UsageError, lambda: archive.push(store.root))
    assert not (store.root / ".git").exists()
    git(tmp_path, "init", "-q", "store")
    assert "has no archive" in refused(UsageError, lambda: archive.push(store.root))


def test_a_store_that_another_repository_holds_is_not_given_a_second_one(tmp_path: Path, remote: Remote) -> None:
    git(tmp_path, "init", "-q", "product")
    store = make_store(tmp_path / "product/corpus", 1)
    git(tmp_path / "product", "add", "-A")
    told = refused(UsageError, lambda: archive.sync(store.root, str(remote.folder)))
    assert "is part of a repository already" in told
    assert not (store.root / ".git").exists()


def test_a_store_beside_the_files_of_another_repository_may_have_its_own(tmp_path: Path, remote: Remote) -> None:
    git(tmp_path, "init", "-q", "product")
    store = make_store(tmp_path / "product/results", 1)
    archive.sync(store.root, str(remote.folder))
    archive.push(store.root)
    assert remote.runs() == {run_id(1)}


def test_a_store_does_not_change_its_archive_unasked(one: Store, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "other.git")
    told = refused(UsageError, lambda: archive.sync(one.root, str(tmp_path / "other.git")))
    assert "has another archive" in told


def test_a_detached_head_is_named(one: Store) -> None:
    git(one.root, "checkout", "-q", "--detach")
    assert "is on no branch" in refused(OutreachError, lambda: archive.push(one.root))


# The commands


def test_sync_and_push_say_what_they_did(tmp_path: Path, remote: Remote) -> None:
    store = make_store(tmp_path / "corpus", 1)
    words = [
        lsqm("push", cwd=tmp_path),
        lsqm("sync", "--remote", "remote.git", cwd=tmp_path),
        lsqm("push", cwd=tmp_path),
        lsqm("push", "--json", cwd=tmp_path),
        lsqm("sync", "--corpus", "other", "--remote", "remote.git", cwd=tmp_path),
    ]
    assert [done.returncode for done in words] == [4, 0, 0, 0, 0]
    assert words[0].stderr.startswith(f"lsqm: {store.root} has no archive")
    commit = git(remote.folder, "rev-parse", "main")
    assert words[2].stdout == f"1 run sent; commit {commit[:12]}\n"
    told = json.loads(words[3].stdout)
    assert told == {"commit": commit, "received": [], "sent": [], "removed": [], "tries": 1}
    assert words[4].stdout == f"1 run received; commit {commit[:12]}\n"
    assert [run.run_id for run in Store.open(tmp_path / "other").runs()] == [run_id(1)]
