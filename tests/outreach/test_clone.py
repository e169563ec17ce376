"""The token of an archive: who is shown it, and where it is not."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import archive
from tests.corpus.records import (
    run_id,
)
from tests.discovery.test_git import GitServer
from tests.outreach.conftest import Remote, git, make_store, refused, shim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from pytest_lsqm.corpus import Store


ARCHIVE_TOKEN = "canary-5f2b9c71d04e"


class Guarded(GitServer):
    """A git server that wants a token, and knows what it was shown."""

    def __post_init__(self) -> None:
        self.shown: list[str | None] = []
        super().__post_init__()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization")
        self.shown.append(given)
        if given != "Basic " + base64.b64encode(f"x-access-token:{ARCHIVE_TOKEN}".encode()).decode():
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
    needle = f'{ARCHIVE_TOKEN[:8]}""{ARCHIVE_TOKEN[8:]}'  # the program itself does not have it
    look = f"""echo "$*" >> {tmp_path}/words
grep -rl {needle} {tmp_path} >> {tmp_path}/leaks
case "$*" in
  *" ls-remote "* | *" fetch "* | *" push "*) ;;
  *) env | grep -c {needle} >> {tmp_path}/in-vain ;;
esac"""
    store = make_store(tmp_path / "store", 1)
    bin_ = shim(tmp_path / "bin", look)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    monkeypatch.setenv("LSQM_GIT_TOKEN", ARCHIVE_TOKEN)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    archive.sync(store.root, guarded.url("archive.git"))
    archive.push(store.root)
    assert Remote(guarded.root / "archive.git").runs() == {run_id(1)}
    words = (tmp_path / "words").read_text()
    assert " push " in words
    assert ARCHIVE_TOKEN not in words
    assert (tmp_path / "leaks").read_text() == ""
    assert set((tmp_path / "in-vain").read_text().split()) == {"0"}
    encoded = base64.b64encode(f"x-access-token:{ARCHIVE_TOKEN}".encode())
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in everything if ARCHIVE_TOKEN.encode() in path.read_bytes()] == []
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
    monkeypatch.setenv("GITHUB_TOKEN", ARCHIVE_TOKEN)
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
    monkeypatch.setenv("LSQM_GIT_TOKEN", ARCHIVE_TOKEN)
    try:
        store = make_store(tmp_path / "store", 1)
        refused(OutreachError, lambda: archive.sync(store.root, leading.url("archive.git")))
    finally:
        leading.close()
    assert guarded.shown
    assert set(guarded.shown) == {None}


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSQM_GIT_TOKEN", ARCHIVE_TOKEN)
    store = make_store(tmp_path / "store", 1)
    told = refused(UsageError, lambda: archive.sync(store.root, "http://archive.example/x.git"))
    assert "use its https address" in told


@pytest.mark.parametrize("user", [f"x:{ARCHIVE_TOKEN}", "ghp_0123456789abcdefghijklmnop"])
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(one: Store, tmp_path: Path, user: str) -> None:
    address = f"https://{user}@example.com/x.git"
    told = [refused(UsageError, lambda: archive.sync(tmp_path / "new", address))]
    git(one.root, "remote", "set-url", "origin", address)
    told.append(refused(UsageError, lambda: archive.push(one.root)))
    for sentence in told:
        assert "git keeps in a file" in sentence
        assert user not in sentence
    assert not (tmp_path / "new" / ".git").exists()
