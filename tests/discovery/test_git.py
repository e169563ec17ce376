"""Repositories behind a real git server: what is fetched of them, and every reason why one is not."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pytest_lsqm.discovery import git
from pytest_lsqm.discovery.limits import Limits
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable
from tests.support.files import write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a"), ("EMAIL", "a@example.com"))
}


@dataclass
class GitServer:
    """Serves a folder's repositories by `git http-backend`; `faults` are answers for paths that hold a word."""

    root: Path
    faults: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.answer(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing of a client that hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if "silent" in handler.path:
            self.released.wait(60)
            return
        status, headers, content = self._faulty(handler.path) or self._backend(handler, body)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _faulty(self, path: str) -> tuple[int, dict[str, str], bytes] | None:
        return next(
            ((*answer, b"<html>no such page</html>\n") for word, answer in self.faults.items() if word in path),
            None,
        )

    def _backend(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(handler.path)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"], env=env, input=body, capture_output=True, check=False, timeout=60
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return int(headers.pop("Status", "200").split()[0]), headers, content


@dataclass
class Work:
    """A repository that is served, and the work tree in which its commits are made."""

    folder: Path

    def git(self, *words: str, **env: str) -> str:
        settings = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_GLOBAL": "/dev/null"}
        done = subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", *words],
            cwd=self.folder,
            env=settings | IDENTITY | env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str] | None = None) -> str:
        write_tree(self.folder, files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    (tmp_path / "served").mkdir()
    serving = GitServer(tmp_path / "served")
    yield serving
    serving.close()


@pytest.fixture
def work(server: GitServer) -> Work:
    folder = server.root / "repo"
    folder.mkdir()
    made = Work(folder)
    made.git("init", "-q", "-b", "main")
    return made


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "fetched" / "clone"


def clone(server: GitServer, into: Path, **options: Any) -> str:
    return git.clone(server.url("repo/.git"), into, **options)


def refused(url: str, into: Path, kind: type[DiscoveryError] = DiscoveryError, **options: Any) -> str:
    """Return why a repository is not cloned, sure that nothing of it lies about."""
    with pytest.raises(DiscoveryError) as caught:
        git.clone(url, into, **options)
    assert type(caught.value) is kind, caught.value
    assert not into.parent.exists() or list(into.parent.iterdir()) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


# What is fetched


def test_the_default_branch_is_fetched_without_anything_of_gits_own(
    server: GitServer, work: Work, into: Path
) -> None:
    work.commit({"old.tf": "", "main.tf": "old"})
    (work.folder / "old.tf").unlink()
    commit = work.commit({"main.tf": "new", "modules/a/main.tf": ""})
    assert clone(server, into) == commit
    assert files(into) == ["main.tf", "modules/a/main.tf"]
    assert (into / "main.tf").read_text() == "new"
    assert [path.name for path in into.parent.iterdir()] == ["clone"]


@pytest.mark.parametrize("ref", ["side", "refs/heads/side", "v1.0", "light", "commit"])
def test_a_branch_a_tag_or_a_commit_is_fetched(server: GitServer, work: Work, into: Path, ref: str) -> None:
    wanted = work.commit({"main.tf": "wanted"})
    work.git("branch", "side")
    work.git("tag", "-a", "v1.0", "-m", "the first")
    work.git("tag", "light")
    work.commit({"main.tf": "later"})
    assert clone(server, into, ref=wanted if ref == "commit" else ref) == wanted
    assert (into / "main.tf").read_text() == "wanted"


def test_a_link_that_stays_inside_is_kept_as_a_link(server: GitServer, work: Work, into: Path) -> None:
    write_tree(work.folder, {"a/x": "here", "b/y": ""})
    (work.folder / "b/up").symlink_to("../a/x")
    work.commit()
    clone(server, into)
    assert (into / "b/up").readlink().as_posix() == "../a/x"


def test_a_submodule_is_not_fetched(server: GitServer, work: Work, into: Path) -> None:
    commit = work.commit({".gitmodules": f'[submodule "m"]\n\tpath = m\n\turl = {server.url("other/.git")}\n'})
    work.git("update-index", "--add", "--cacheinfo", f"160000,{commit},m")
    work.git("commit", "-q", "-m", "with a submodule")
    clone(server, into)
    assert files(into) == [".gitmodules"]
    assert not [path for path in server.asked if "other" in path]


def test_nothing_of_the_users_own_configuration_takes_part(
    server: GitServer, work: Work, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = work.commit({"main.tf": "plain", ".gitattributes": "*.tf filter=loud\n"})
    hook = tmp_path / "home/hooks/post-checkout"
    write_tree(tmp_path, {"home/hooks/post-checkout": f"#!/bin/sh\ntouch {tmp_path}/ran\n"})
    hook.chmod(0o755)
    settings = (
        f"[core]\n\thooksPath = {hook.parent}\n"
        f'[filter "loud"]\n\tsmudge = tr a-z A-Z\n'
        f'[url "http://127.0.0.1:1/"]\n\tinsteadOf = {server.url("")}\n'
    )
    write_tree(tmp_path, {"home/.gitconfig": settings, "home/.config/git/config": settings})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home/.gitconfig"))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "home"))
    assert clone(server, into) == commit
    assert (into / "main.tf").read_text() == "plain"
    assert not (tmp_path / "ran").exists()


# What is not asked for


@pytest.mark.parametrize(
    "ref", ["-x", "--upload-pack=touch x", "", "a b", "a:b", "+main", "^main", "a..b", "a\nb", "a*", "main~1", "@"]
)
def test_a_ref_that_is_no_name_is_refused(server: GitServer, into: Path, ref: str) -> None:
    assert "is no name of a branch, tag or commit" in refused(server.url("repo/.git"), into, ref=ref)
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["file:///tmp", "/tmp", "ssh://git@example.com/a", "git@example.com:a", "ext::sh -c id", "-x", "http:a"]
)
def test_only_http_is_spoken(into: Path, url: str) -> None:
    assert "only addresses of http and https are" in refused(url, into)


def test_an_address_with_credentials_is_refused_without_showing_them(server: GitServer, into: Path) -> None:
    reason = refused(server.url("repo/.git").replace("//", "//me:geheim@"), into)
    assert "its address holds credentials" in reason
    assert "geheim" not in reason
    assert server.asked == []


def test_nothing_is_cloned_over_what_is_there(server: GitServer, work: Work, into: Path) -> None:
    work.commit()
    into.mkdir(parents=True)
    with pytest.raises(EnvironmentProblem, match="is in the way"):
        clone(server, into)


def test_where_git_is_missing_the_next_step_is_named(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(into))
    with pytest.raises(EnvironmentProblem, match="install git"):
        git.clone("http://127.0.0.1:1/repo", into)


# What cannot be had, for good or for now


def test_a_repository_that_is_not_there_is_refused(server: GitServer, into: Path) -> None:
    assert refused(server.url("none"), into) == f"{server.url('none')} is not there"


@pytest.mark.parametrize("status", [401, 403])
def test_a_repository_that_wants_credentials_is_refused(server: GitServer, into: Path, status: int) -> None:
    server.faults["repo"] = (status, {"WWW-Authenticate": 'Basic realm="x"'} if status == 401 else {})
    assert "or wants credentials" in refused(server.url("repo/.git"), into)


def test_a_ref_that_is_not_there_is_refused(server: GitServer, work: Work, into: Path) -> None:
    work.commit()
    assert "has nothing to give for v9" in refused(server.url("repo/.git"), into, ref="v9")


def test_a_commit_that_the_server_does_not_give_is_refused(server: GitServer, work: Work, into: Path) -> None:
    work.commit()
    commit = "0123456789" * 4
    reason = refused(server.url("repo/.git"), into, ref=commit)
    assert reason.endswith(f"has nothing to give for the commit {commit}")


def test_a_repository_without_a_commit_is_refused(server: GitServer, work: Work, into: Path) -> None:
    assert work.folder.is_dir()
    assert "has nothing to give for its default branch" in refused(server.url("repo/.git"), into)


def test_a_tag_of_something_else_than_a_commit_is_refused(server: GitServer, work: Work, into: Path) -> None:
    work.commit({"main.tf": "text"})
    work.git("tag", "blob", work.git("rev-parse", "HEAD:main.tf"))
    assert "something else than a commit" in refused(server.url("repo/.git"), into, ref="blob")


def test_a_page_that_is_no_repository_is_refused(server: GitServer, into: Path) -> None:
    server.faults["page"] = (200, {"Content-Type": "text/html"})
    assert "no git repository" in refused(server.url("page"), into)


def test_a_redirect_to_a_file_is_refused(server: GitServer, work: Work, into: Path) -> None:
    work.commit()
    server.faults["away"] = (302, {"Location": f"file://{work.folder}/.git/info/refs?service=git-upload-pack"})
    assert "neither http nor https" in refused(server.url("away"), into)


def test_a_redirect_to_itself_is_refused(server: GitServer, into: Path) -> None:
    server.faults["loop"] = (302, {"Location": server.url("loop/info/refs?service=git-upload-pack")})
    assert "leads in a circle" in refused(server.url("loop"), into)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_may_be_asked_later(server: GitServer, into: Path, status: int) -> None:
    server.faults["repo"] = (status, {})
    assert f"returned error: {status}" in refused(server.url("repo/.git"), into, Unreachable)


def test_a_server_that_is_not_there_may_be_asked_later(server: GitServer, into: Path) -> None:
    url = server.url("repo/.git?secret=geheim")
    server.close()
    assert "geheim" not in refused(url, into, Unreachable)


def test_a_server_that_is_silent_may_be_asked_later(server: GitServer, into: Path) -> None:
    assert "in the time that there was" in refused(server.url("silent"), into, Unreachable, timeout=1.0)


# What is not taken


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "a/up/../../x"])
def test_a_link_that_leads_out_is_refused(server: GitServer, work: Work, into: Path, target: str) -> None:
    write_tree(work.folder, {"a/x": ""})
    (work.folder / "a/up").symlink_to("../a")
    (work.folder / "out").symlink_to(target)
    work.commit()
    assert "holds out, a link that leads out of it" in refused(server.url("repo/.git"), into)


def test_more_files_than_allowed_are_refused(server: GitServer, work: Work, into: Path) -> None:
    work.commit({"a": "", "b": "", "c": ""})
    assert "more than 2 entries" in refused(server.url("repo/.git"), into, limits=Limits(entries=2))
    assert clone(server, into, limits=Limits(entries=3))


def test_more_bytes_than_allowed_are_refused_before_they_are_written(
    server: GitServer, work: Work, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.commit({"zeros": "0" * 3_000_000})
    monkeypatch.setattr(git, "check_tree", lambda *words: pytest.fail("it was laid out"))
    limits = Limits(total_bytes=2 * 1024 * 1024)
    assert "holds more than 2 MiB" in refused(server.url("repo/.git"), into, limits=limits)


def test_a_server_that_sends_too_much_is_not_listened_to(server: GitServer, work: Work, into: Path) -> None:
    (work.folder / "noise").write_bytes(os.urandom(3_000_000))
    work.commit()
    limits = Limits(total_bytes=2 * 1024 * 1024)
    assert "sends more than 2 MiB" in refused(server.url("repo/.git"), into, limits=limits)


def test_folders_that_hold_each_other_a_billion_times_are_refused(
    server: GitServer, work: Work, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(work.folder, {"blob": "x"})
    inner, kind = work.git("hash-object", "-w", "blob"), "100644 blob"
    for _ in range(9):
        listing = "\n".join(f"{kind} {inner}\t{number}" for number in range(10))
        (work.folder / "listing").write_text(listing)
        inner = work.git("-c", "alias.make=!git mktree <listing", "make")
        kind = "040000 tree"
    work.git("update-ref", "refs/heads/main", work.git("commit-tree", inner, "-m", "a bomb"))
    monkeypatch.setattr(git, "LISTING", 1.0)
    assert "holds too much" in refused(server.url("repo/.git"), into)
