"""The archive of a store, with real git against repositories on this disk and behind a server."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import LsqmError, OutreachError, UsageError
from pytest_lsqm.models import SeenPackage
from pytest_lsqm.outreach import archive
from tests.cli.test_commands import lsqm
from tests.corpus.records import (
    START,
    A,
    B,
    C,
    add_architecture,
    add_run,
    app,
    app_files,
    architecture,
    run_id,
    snapshot,
)
from tests.discovery.test_git import GitServer
from tests.outreach.conftest import ROOT, Remote, conclude, git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

TOKEN = "canary-5f2b9c71d04e"


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
    return str(caught.value)


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


# Two machines


def test_two_that_push_one_after_the_other_keep_everything(one: Store, two: Store, remote: Remote) -> None:
    add_run(one, 2, {A: "FAILED", B: "PASSED"})
    conclude(one, 2)
    add_run(two, 3, {A: "PASSED", B: "FAILED"})
    conclude(two, 3)
    archive.push(one.root)
    done = archive.push(two.root)
    assert (done.received, done.sent) == ((run_id(2),), (run_id(3),))
    assert remote.runs() == {run_id(number) for number in (1, 2, 3)}
    archive.sync(one.root)
    for store in (one, two):
        trends = {trend.service_name: trend for trend in store.service_trends()}
        assert [(point.run_id, point.passed) for point in trends["s3"].history] == [
            (run_id(3), 1),
            (run_id(2), 1),
            (run_id(1), 2),
        ]
        known = {(each.arch_hash, each.to_run_id) for each in store.regressions()}
        assert known == {(A, run_id(2)), (B, run_id(3))}
        entries = store.index().architectures
        assert (entries[A].last_status, entries[B].last_status) == ("PASSED", "FAILED")
        histories = store.architecture_trends()
        assert histories is not None
        assert [each.status for each in histories.architectures[A].history] == ["PASSED", "FAILED", "PASSED"]


def test_the_index_knows_a_run_that_ended_before_the_one_that_was_pushed_first(one: Store, two: Store) -> None:
    # The other side's index was written later than our run ended, and does not know it all the same.
    add_run(one, 2, {B: "FAILED"})
    add_run(two, 3, {A: "FAILED"})
    conclude(two, 3)
    archive.push(two.root)
    archive.push(one.root)
    entries = one.index().architectures
    assert (entries[A].last_status, entries[B].last_status) == ("FAILED", "FAILED")


def test_the_address_of_an_issue_is_kept_from_either_side(one: Store, two: Store, remote: Remote) -> None:
    add_run(one, 2, {A: "FAILED", B: "FAILED"})
    conclude(one, 2)
    archive.push(one.root)
    archive.sync(two.root)
    for store, arch_hash in ((one, A), (two, B)):
        (found,) = (each for each in store.regressions() if each.arch_hash == arch_hash)
        url = f"https://github.com/acme/it/issues/{arch_hash[0]}"
        store.replace_regressions(found.model_copy(update={"github_issue_url": url}))
        archive.push(store.root)
    told = json.loads(remote.read("trends/regressions.json"))
    assert [each["github_issue_url"][-1] for each in told] == ["a", "b"]


def test_of_two_apps_for_an_architecture_the_newer_is_taken_whole(one: Store, two: Store, remote: Remote) -> None:
    older = app(A, generated_at=START, files=app_files(app_py="OLD = 1\n", conftest_py="old = 1\n"))
    newer = app(A, generated_at=START.replace(hour=5), files=app_files(app_py="NEW = 1\n"))
    one.add_app(newer)
    two.add_app(older)
    archive.push(one.root)
    archive.push(two.root)
    archive.sync(one.root)
    for store in (one, two):
        found = store.app(A)
        assert found is not None
        assert found.files == newer.files


def test_an_architecture_that_both_have_found_is_described_as_it_was_first(one: Store, two: Store) -> None:
    add_architecture(one, C, description="first")
    archive.push(one.root)
    add_architecture(two, C, description="second")
    archive.push(two.root)
    assert two.architecture(C).description == "first"


def test_of_two_reports_the_one_that_is_pushed_last_is_the_latest(
    one: Store, two: Store, remote: Remote, tmp_path: Path
) -> None:
    for store, text in ((one, "first"), (two, "second")):
        (tmp_path / "made.html").write_text(text)
        archive.push(store.root, tmp_path / "made.html")
    assert remote.read("reports/latest/index.html") == "second"


def test_what_both_have_looked_at_is_known_to_both(one: Store, two: Store) -> None:
    for store, url in ((one, "https://example.com/1"), (two, "https://example.com/2")):
        store.add_seen({url: SeenPackage(revision="1", seen_at=START)})
        archive.push(store.root)
    assert set(two.seen().packages) == {"https://example.com/1", "https://example.com/2"}


def test_a_run_that_is_not_the_one_that_was_pushed_is_not_decided_upon(
    one: Store, two: Store, remote: Remote
) -> None:
    for store, status in ((one, "PASSED"), (two, "FAILED")):
        add_run(store, 2, {A: status})  # type: ignore[dict-item]
    archive.push(one.root)
    before = snapshot(two.root / "runs")
    assert f"runs/{run_id(2)}" in refused(OutreachError, lambda: archive.push(two.root))
    assert snapshot(two.root / "runs") == before
    assert not (two.root / ".git/MERGE_HEAD").exists()


def test_retention_on_both_sides_takes_the_same_runs(one: Store, two: Store, remote: Remote) -> None:
    for number in range(2, 52):
        add_run(one, number, {A: "PASSED"})
    archive.push(one.root)
    archive.sync(two.root)
    for store, number in ((one, 52), (two, 53)):
        add_run(store, number, {A: "PASSED"})
        add_run(store, number + 10, {A: "PASSED"})
    archive.push(one.root)
    archive.push(two.root)
    archive.sync(one.root)
    expected = {run_id(number) for number in (*range(4, 54), 62, 63)}
    assert remote.runs() == expected
    assert {run.run_id for run in one.runs()} == {run.run_id for run in two.runs()} == expected


def test_two_processes_that_push_at_once_lose_nothing(
    one: Store, two: Store, remote: Remote, tmp_path: Path
) -> None:
    rounds = 3
    for turn in range(rounds):
        for place, store in enumerate((one, two)):
            add_run(store, 10 + 2 * turn + place, {A: "PASSED", B: "PASSED"})
            conclude(store, 10 + 2 * turn + place)
        both = [start_push(store.root, tmp_path) for store in (one, two)]
        for child in both:
            _, said = child.communicate(timeout=120)
            assert child.returncode == 0, said
    wanted = {run_id(1), *(run_id(number) for number in range(10, 10 + 2 * rounds))}
    assert remote.runs() == wanted
    for store in (one, two):
        archive.sync(store.root)
        assert {run.run_id for run in store.runs()} == wanted
        (trend,) = (each for each in store.service_trends() if each.service_name == "s3")
        assert {point.run_id for point in trend.history} == wanted
    assert git(one.root, "rev-parse", "HEAD") == git(two.root, "rev-parse", "HEAD")


def test_two_pushes_from_one_folder_take_turns(one: Store, remote: Remote, tmp_path: Path) -> None:
    add_run(one, 2, {A: "PASSED"})
    for child in [start_push(one.root, tmp_path) for _ in range(3)]:
        _, said = child.communicate(timeout=120)
        assert child.returncode == 0, said
    assert remote.runs() == {run_id(1), run_id(2)}


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


# What goes wrong


def shim(folder: Path, text: str) -> Path:
    """Put a program before git that does something around one of its commands; `$*` are its words."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f'#!/bin/sh\nREAL={shutil.which("git")}\n{text}\nexec $REAL "$@"\n')
    program.chmod(0o755)
    return folder


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


# The token


class Guarded(GitServer):
    """A git server that wants a token, and knows what it was shown."""

    def __post_init__(self) -> None:
        self.shown: list[str | None] = []
        super().__post_init__()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization")
        self.shown.append(given)
        if given != "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode():
            handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="archive"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        super().answer(handler)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    (tmp_path / "served").mkdir()
    git(tmp_path / "served", "init", "--quiet", "--bare", "--initial-branch=main", "archive.git")
    git(tmp_path / "served/archive.git", "config", "http.receivepack", "true")
    server = Guarded(tmp_path / "served")
    yield server
    server.close()


def test_a_token_opens_the_archive_and_is_nowhere_on_disk_nor_on_a_command_line(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, home = tmp_path / "tmp", tmp_path / "home"
    for folder in (temporary, home):
        folder.mkdir()
    # While git runs: what its command line is, and what lies in every folder that it and we write to.
    needle = f'{TOKEN[:8]}""{TOKEN[8:]}'  # the program itself does not have it
    look = f"""echo "$*" >> {tmp_path}/words
grep -rl {needle} {tmp_path} >> {tmp_path}/leaks
case "$*" in
  *" ls-remote "* | *" fetch "* | *" push "*) ;;
  *) env | grep -c {needle} >> {tmp_path}/in-vain ;;
esac"""
    store = make_store(tmp_path / "store", 1)
    bin_ = shim(tmp_path / "bin", look)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    monkeypatch.setenv("LSQM_GIT_TOKEN", TOKEN)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    archive.sync(store.root, guarded.url("archive.git"))
    archive.push(store.root)
    assert Remote(guarded.root / "archive.git").runs() == {run_id(1)}
    words = (tmp_path / "words").read_text()
    assert " push " in words
    assert TOKEN not in words
    assert (tmp_path / "leaks").read_text() == ""
    assert set((tmp_path / "in-vain").read_text().split()) == {"0"}
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode())
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in everything if TOKEN.encode() in path.read_bytes()] == []
    assert [path for path in everything if encoded in path.read_bytes()] == []
    assert list(temporary.iterdir()) == []


def test_without_a_token_the_variable_is_named(guarded: Guarded, tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", 1)
    told = refused(OutreachError, lambda: archive.sync(store.root, guarded.url("archive.git")))
    assert "set LSQM_GIT_TOKEN" in told


def test_a_token_that_is_refused_is_not_told(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSQM_GIT_TOKEN", "wrong-secret-token")
    store = make_store(tmp_path / "store", 1)
    told = refused(OutreachError, lambda: archive.sync(store.root, guarded.url("archive.git")))
    assert "set LSQM_GIT_TOKEN" in told
    assert "wrong-secret-token" not in told


def test_githubs_token_is_shown_to_github_only(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    store = make_store(tmp_path / "store", 1)
    refused(OutreachError, lambda: archive.sync(store.root, guarded.url("archive.git")))
    assert set(guarded.shown) == {None}
    monkeypatch.setenv("GITHUB_SERVER_URL", guarded.url(""))
    archive.sync(store.root, guarded.url("archive.git"))
    assert guarded.shown[-1] is not None


def test_a_token_is_not_taken_elsewhere_by_a_redirect(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = guarded.url("archive.git/info/refs?service=git-upload-pack").replace("127.0.0.1", "localhost")
    (tmp_path / "leading").mkdir()
    leading = GitServer(tmp_path / "leading", faults={"info/refs": (302, {"Location": there})})
    monkeypatch.setenv("LSQM_GIT_TOKEN", TOKEN)
    try:
        store = make_store(tmp_path / "store", 1)
        refused(OutreachError, lambda: archive.sync(store.root, leading.url("archive.git")))
    finally:
        leading.close()
    assert guarded.shown
    assert set(guarded.shown) == {None}


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSQM_GIT_TOKEN", TOKEN)
    store = make_store(tmp_path / "store", 1)
    told = refused(UsageError, lambda: archive.sync(store.root, "http://archive.example/x.git"))
    assert "use its https address" in told


@pytest.mark.parametrize("user", [f"x:{TOKEN}", "ghp_0123456789abcdefghijklmnop"])
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(one: Store, tmp_path: Path, user: str) -> None:
    address = f"https://{user}@example.com/x.git"
    told = [refused(UsageError, lambda: archive.sync(tmp_path / "new", address))]
    git(one.root, "remote", "set-url", "origin", address)
    told.append(refused(UsageError, lambda: archive.push(one.root)))
    for sentence in told:
        assert "git keeps in a file" in sentence
        assert user not in sentence
    assert not (tmp_path / "new" / ".git").exists()


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
