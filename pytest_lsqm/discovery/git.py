"""Repositories of other people: one commit of each, fetched without running or believing anything in it."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from pytest_lsqm import process
from pytest_lsqm.discovery.addresses import checked, shown
from pytest_lsqm.discovery.limits import LIMITS, Limits, check_amount, check_tree, size, whole
from pytest_lsqm.discovery.limits import shown as shown_name
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable
from pytest_lsqm.process import git as program

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.process import Completed

SETTINGS = (
    "core.symlinks=true",
    "gc.auto=0",
    "maintenance.auto=false",
    # One pack, so that the limit on the size of a file holds for all that is sent.
    "fetch.unpackLimit=1",
)

ENVIRONMENT = program.ENVIRONMENT | {"GIT_ALLOW_PROTOCOL": "http:https", "GIT_LFS_SKIP_SMUDGE": "1"}

LISTING = 30.0
"""Seconds for listing a commit: folders that hold each other many times over make it endless."""

_REF = re.compile(r"[^-+^\s:~?*\[\\\x00-\x1f\x7f@][^\s:~^?*\[\\\x00-\x1f\x7f]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")

REFUSED = {
    r"Authentication failed|could not read Username|returned error: 40[13]": "is not there, or wants credentials",
    r"repository '.*' not found|returned error: 4(04|10)": "is not there",
    r"find remote ref|not our ref|unadvertised object": "has nothing to give for {ref}",
    r"is this a git repository|dumb http|invalid server response": "is no git repository that can be cloned",
    r"mismatched algorithms|object format": "keeps its commits in a format that is not understood",
    r"transport '.*' not allowed|Protocol .* not supported": "leads to what is neither http nor https",
    r"redirects followed": "leads in a circle",
    r"returned error: 400": "cannot make sense of what is asked",
}
"""What git says of a fetch that would fail again, and what is said of it here."""


def clone(url: str, into: Path, *, ref: str | None = None, timeout: float = 300.0, limits: Limits = LIMITS) -> str:
    """Fetch a branch, a tag or a commit, else the default branch, as files without history; return the commit.

    Raises DiscoveryError for what cannot be had or is not taken, Unreachable for what may be had later, and
    EnvironmentProblem where git is missing; `into` then does not exist.
    """
    if checked(url).username is not None:
        raise DiscoveryError(f"{shown(url)} is not cloned: its address holds credentials")
    if ref is not None and (not _REF.fullmatch(ref) or ".." in ref):
        raise DiscoveryError(
            f"{shown(url)} is not cloned: {shown_name(ref)} is no name of a branch, tag or commit"
        )
    git = program.find("repositories are fetched with it")
    with whole(into) as scratch:
        repository = _Repository(git, url, ref, scratch, limits, time.monotonic() + timeout)
        commit = repository.fetch()
        repository.check_out()
    return commit


@dataclass
class _Repository:
    """A repository of one commit in a scratch folder."""

    git: str
    url: str
    ref: str | None
    scratch: Path
    limits: Limits
    end: float

    def __post_init__(self) -> None:
        self._where = shown(self.url)
        self._named = self.ref or "its default branch"
        if _COMMIT.fullmatch(self._named):
            self._named = f"the commit {self.ref}"
        self._tree = self.scratch / "tree"
        self._env = process.base_environment(self.scratch / "home") | ENVIRONMENT

    def fetch(self) -> str:
        """Fetch what is asked for, and return the commit that it is."""
        self._tree.mkdir()
        # No template: it would bring hooks.
        self._must("init", "--quiet", "--template=")
        wanted = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules")
        self._must(*wanted, "--", self.url, self.ref or "HEAD")
        commit = self._run("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}").stdout.strip()
        if not _COMMIT.fullmatch(commit):
            raise DiscoveryError(f"{self._where} has something else than a commit at {self._named}")
        return commit

    def check_out(self) -> None:
        """Lay out the files, if they are not too many, and leave nothing of git's own."""
        self._check_size()
        done = self._run("checkout", "--quiet", "--detach", "FETCH_HEAD")
        if not done.ok:
            self._explain(done, DiscoveryError)
        shutil.rmtree(self._tree / ".git")
        check_tree(self._tree, self.limits, self._where)

    def _check_size(self) -> None:
        # Before a file of it is written: a small pack may hold very much.
        listed = self._run("ls-tree", "-r", "-t", "--format=%(objectsize)", "FETCH_HEAD", seconds=LISTING)
        if listed.returncode == 129:
            return  # git before 2.36 has no --format; what lies there afterwards is counted in any case
        if not listed.ok:
            raise DiscoveryError(f"{self._where} cannot be listed: it is damaged, or holds too much")
        sizes = listed.stdout.split()
        total = sum(int(each) for each in sizes if each.isdigit())
        check_amount(len(sizes), total, self.limits, self._where)

    def _must(self, *words: str) -> None:
        done = self._run(*words)
        if not done.ok:
            self._explain(done)

    def _run(self, *words: str, seconds: float | None = None) -> Completed:
        left = self.end - time.monotonic()
        # git knows no limit to what a server may send; the shell's is in blocks of 512 bytes.
        limited = ["sh", "-c", f'ulimit -f {self.limits.total_bytes // 512} && exec "$@"', "sh"]
        done = process.run(
            [*limited, self.git, *program.options(*SETTINGS), *words],
            env=self._env,
            timeout=min(left, seconds) if seconds else left,
            cwd=self._tree,
        )
        if done.timed_out and time.monotonic() >= self.end:
            raise Unreachable(f"{self._where} could not be cloned in the time that there was")
        return done

    def _has_full_pack(self) -> bool:
        # git does not say that a part of it was ended at the limit on the size of a file; the file is left.
        packs = (self._tree / ".git" / "objects" / "pack").glob("*")
        return any(pack.stat().st_size >= self.limits.total_bytes // 512 * 512 for pack in packs)

    def _explain(self, done: Completed, otherwise: type[DiscoveryError] = Unreachable) -> NoReturn:
        """Raise what a failure of git means."""
        # What the server says comes with a mark in front, and is no word of git's.
        lines = [line for line in done.stderr.splitlines() if not line.startswith("remote:")]
        text = "\n".join(lines)
        if "No space left" in text:
            raise EnvironmentProblem(f"{self._where} could not be cloned: no space is left on the disk")
        if self._has_full_pack():
            raise DiscoveryError(f"{self._where} sends more than {size(self.limits.total_bytes)}")
        for pattern, meaning in REFUSED.items():
            if re.search(pattern, text):
                raise DiscoveryError(f"{self._where} {meaning.format(ref=self._named)}")
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), "git gave no reason")
        raise otherwise(f"{self._where} could not be cloned: {shown_name(said.replace(self.url, self._where))}")
