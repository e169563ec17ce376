"""The git repository that a store is, and the one way to run git in it.

The token comes from the environment and is handed on to git's own askpass program alone: it stands in no
file, on no command line, and in the environment of those commands only that speak with the archive.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from pytest_lsqm import process
from pytest_lsqm.errors import OutreachError, UsageError
from pytest_lsqm.outreach import secrets
from pytest_lsqm.process import git, guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.process import Completed

TOKEN = "LSQM_GIT_TOKEN"  # noqa: S105 - the name of a variable
GITHUB_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""They are GitHub's, and are shown to no other host."""

HERE, THERE = 120.0, 900.0
"""Seconds for a command of git that stays here, and for one that goes to the archive."""

REMOTE = "origin"

_PASSED_ON = re.compile(
    r"(?i:(https?|all|no)_proxy)|SSL_CERT_(FILE|DIR)|SSH_AUTH_SOCK|GIT_SSH_COMMAND|GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL)"
)
_IDENTITY = "[user]\n\tname = lsqm\n\temail = lsqm@localhost\n"

_ASKPASS = r"""#!/bin/sh
# git asks for a name or a password, and says for whom: nobody but the archive's own host is answered.
case "$1" in
  *"://$LSQM_GIT_HOST'"* | *"@$LSQM_GIT_HOST'"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) echo x-access-token ;;
  *) printf '%s\n' "$LSQM_GIT_TOKEN" ;;
esac
"""

_ATTRIBUTES = "* -text -ident -filter !working-tree-encoding -merge\n"
"""Files are kept byte by byte, whatever an architecture's own attributes say, and never merged as text."""

_EXCLUDED = "/.lock\n/.index-check\n"
"""What the store keeps for this machine alone."""


@dataclass(frozen=True)
class Clone:
    """A store's repository; `home` is a scratch folder that stands for the user's."""

    program: str
    root: Path
    home: Path

    @classmethod
    @contextmanager
    def at(cls, root: Path) -> Iterator[Clone]:
        """Hold a store's repository for as long as the block lasts: two that push from one folder take turns."""
        program = git.find("a store is archived with it")
        home = Path(tempfile.mkdtemp(prefix="lsqm-git-"))
        guard.watch_folder(home)
        try:
            (home / ".gitconfig").write_text(_IDENTITY)
            askpass = home / "askpass"
            askpass.write_text(_ASKPASS)
            askpass.chmod(0o700)
            yield cls(program, root.resolve(), home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
            guard.forget_folder(home)

    @property
    def folder(self) -> Path:
        """The folder of git's own files."""
        return self.root / self.must("rev-parse", "--git-dir")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other pushes from this folder waiting; what one that was killed has left half-done is undone."""
        own = self.folder
        try:
            with FileLock(own / "lsqm.lock", timeout=THERE):
                busy = own / "lsqm-busy"
                if busy.exists():
                    # Whoever made it held the lock, and is dead: so are its merge and its lock on the index.
                    (own / "index.lock").unlink(missing_ok=True)
                    self._abort(own)
                self._refuse_unfinished(own)
                busy.touch()
                try:
                    yield
                finally:
                    self._abort(own)
                    busy.unlink()
        except Timeout as error:
            raise OutreachError(f"another `lsqm push` works on {self.root}: wait for its end") from error

    def _abort(self, own: Path) -> None:
        if (own / "MERGE_HEAD").exists():
            self.must("merge", "--abort")

    def _refuse_unfinished(self, own: Path) -> None:
        if (own / "index.lock").exists():
            raise OutreachError(
                f"another git works on {self.root}: wait for its end, or remove {own / 'index.lock'}"
            )
        for state in ("MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD"):
            if (own / state).exists():
                raise OutreachError(f"{self.root} is in the midst of a merge or rebase: end it, then run again")

    # Running git

    def run(self, *words: str, seconds: float = HERE, **more: str) -> Completed:
        """Run git in the store's folder, and in no repository around it."""
        env = process.base_environment(self.home)
        env |= {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
        env |= git.ENVIRONMENT | {
            "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"),
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
            "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
        }
        settings = git.options(
            "commit.gpgSign=false",
            "core.quotePath=false",
            "credential.helper=",
            "credential.useHttpPath=false",
            # Ours ends with everything in its group: what git would leave running is done at once.
            "gc.autoDetach=false",
            "maintenance.autoDetach=false",
            "merge.directoryRenames=false",
        )
        return process.run([self.program, *settings, *words], env=env | more, timeout=seconds, cwd=self.root)

    def must(self, *words: str) -> str:
        """Run git and return what it says; an OutreachError with its own reason where it fails."""
        done = self.run(*words)
        if not done.ok:
            raise OutreachError(f"git {words[0]} failed in {self.root}: {reason(done)}")
        return done.stdout.strip()

    def names(self, *words: str) -> list[str]:
        """Run a command that lists paths, with `-z` among its words, and return them."""
        return [name for name in self.must(*words).split("\0") if name]

    def speak(self, *words: str) -> Completed:
        """Run a command that speaks with the archive, and is given the token for it where there is one."""
        return self.run(*words, seconds=THERE, **self._token(self.address()))

    # What is there

    def address(self) -> str:
        """Return the archive's address; a UsageError where there is none, or where it holds a secret."""
        done = self.run("remote", "get-url", "--push", REMOTE)
        if not done.ok:
            raise UsageError(
                f"{self.root} has no archive: name a repository, `lsqm sync --corpus {self.root} --remote URL`"
            )
        return checked(done.stdout.strip())

    def branch(self) -> str:
        """Return the branch that is checked out."""
        done = self.run("symbolic-ref", "--quiet", "--short", "HEAD")
        if not done.ok:
            raise OutreachError(f"{self.root} is on no branch: `git -C {self.root} switch BRANCH`, then run again")
        return done.stdout.strip()

    def commit_of(self, name: str) -> str | None:
        """Return the commit that a name stands for, None if there is none."""
        done = self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return done.stdout.strip() if done.ok else None

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether all of a commit is in another already."""
        return self.run("merge-base", "--is-ancestor", one, other).ok

    def prepare(self) -> None:
        """Have git leave every file as it is: here, where it comes before what the files themselves say."""
        for name, text in (("info/attributes", _ATTRIBUTES), ("info/exclude", _EXCLUDED)):
            path = self.root / self.must("rev-parse", "--git-path", name)
            path.parent.mkdir(exist_ok=True)
            if not path.exists() or text not in path.read_text():
                with path.open("a") as stream:
                    stream.write(text)

    def _token(self, address: str) -> dict[str, str]:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"}:
            return {}
        names = [TOKEN, *(GITHUB_TOKENS if parts.hostname == _github() else ())]
        token = next((os.environ[name] for name in names if os.environ.get(name)), None)
        if token is None:
            return {}
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise UsageError(f"the token is not sent to {parts.hostname} over http: use its https address")
        host = parts.netloc.rpartition("@")[2]
        return {TOKEN: token, "LSQM_GIT_HOST": host, "GIT_ASKPASS": str(self.home / "askpass")}


def _github() -> str | None:
    return urlsplit(os.environ.get("GITHUB_SERVER_URL") or "https://github.com").hostname


def checked(address: str) -> str:
    """Return an archive's address, refused where a secret stands in it: git would keep it in a file."""
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"} and (parts.password or secrets.holds(parts.username or "")):
        raise UsageError(
            f"the archive's address holds a secret, which git keeps in a file: take it out "
            f"(`git remote set-url {REMOTE} URL`), and set {TOKEN} in its place"
        )
    return address


def reason(done: Completed) -> str:
    """Return in one line what git says of a failure."""
    if done.timed_out:
        return f"it did not end within {done.seconds:.0f} s"
    refused = [line.split("\t")[-1] for line in done.stdout.splitlines() if line.startswith("!\t")]
    said = [
        line.strip() for line in done.stderr.splitlines() if line.strip() and "failed to push some" not in line
    ]
    told = [line for line in said if line.startswith(("fatal:", "error:", "remote: "))] or said[-1:]
    return secrets.hide("; ".join([*refused, *told][:4]) or f"exit code {done.returncode}, no reason given")[:400]
