"""`lsqm sync` and `lsqm push`: a store is a git repository, and its archive is where that one comes from.

Both commit first what is here, then bring in what others have pushed; so whatever stops them, nothing is
lost, and the next one goes on.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store, files
from pytest_lsqm.errors import OutreachError, StoreError, UsageError
from pytest_lsqm.outreach.clone import REMOTE, TOKEN, Clone, checked, reason
from pytest_lsqm.outreach.merging import merge, rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.models import Run
    from pytest_lsqm.process import Completed

FOLDERS = ("architectures", "apps", "runs", "trends", "matrices", "reports")
"""What of a store's folder is the store's; everything else in it is left alone."""

LATEST = "reports/latest/index.html"

TRIES = 10
"""How often a push is tried when others push at the same time."""

_HALF_WRITTEN = (f":(exclude,glob)**/.*{files.TEMPORARY}", f":(exclude,glob)**/.*{files.TEMPORARY}/**")

_NEW_RUNS = ("--name-only", "--diff-filter=A", "--no-renames", "-z", "--", ":(glob)runs/*/config.json")

_OVERTAKEN = re.compile(
    r"\[rejected\]|\[remote rejected\].*(cannot lock|failed to (update|lock)|incorrect old value)"
)
_NOTHING_THERE = re.compile(r"couldn't find remote ref")


@dataclass(frozen=True)
class Archived:
    """What a sync or a push did: the commit that both sides have now, and the runs that it brought or removed."""

    commit: str | None
    received: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    tries: int = 0


def sync(root: Path, remote: str | None = None) -> Archived:
    """Bring what others have pushed into a store; `remote` makes an archive its own, and a folder a store."""
    with _opened(root, remote) as (clone, store):
        before = set(_run_ids(root))
        _commit(clone, store)
        _receive(clone, store, joining=remote is not None)
        return Archived(clone.commit_of("HEAD"), received=tuple(sorted(set(_run_ids(root)) - before)))


def push(root: Path, report: Path | None = None) -> Archived:
    """Sync, keep the runs that are kept, put a report beside them, and push; tried anew while others push."""
    if report is not None and not report.is_file():
        raise UsageError(f"{report} is no file: `pytest --lsqm --lsqm-report PATH` writes a report")
    with _opened(root, None) as (clone, store):
        before = set(_run_ids(root))
        if report is not None:
            files.write_bytes(root / LATEST, files.read_bytes(report))
        _commit(clone, store)
        known = clone.commit_of(_tracking(clone))
        removed: list[str] = []
        for tried in range(1, TRIES + 1):
            _receive(clone, store, joining=False)
            removed += store.retain()
            _commit(clone, store)
            if _send(clone):
                now = set(_run_ids(root))
                return Archived(
                    clone.commit_of("HEAD"),
                    received=tuple(sorted(now - before)),
                    sent=tuple(sorted(before & set(_added(clone, known)))),
                    removed=tuple(removed),
                    tries=tried,
                )
            time.sleep(random.uniform(0.0, 0.2 * tried))  # noqa: S311 - so that two do not meet again
    raise OutreachError(
        f"others pushed first, {TRIES} times in a row: all is committed in {root}, so run `lsqm push` again"
    )


@contextmanager
def _opened(root: Path, remote: str | None) -> Iterator[tuple[Clone, Store]]:
    """Open a store and its repository, made where an archive is named for it."""
    if remote is None:
        Store.open(root)  # a sentence, where there is none
    else:
        # git would take a relative path from the store's folder, and a person means their own.
        remote = _absolute(checked(remote))
    store = Store.create(root)
    with Clone.at(root) as clone:
        if not (root / ".git").exists():
            if remote is None:
                clone.address()
            _refuse_foreign(clone)
            clone.must("init", "--quiet", "--initial-branch=main", "--template=")
        with clone.locked():
            if remote is not None:
                done = clone.run("remote", "get-url", REMOTE)
                if done.ok and done.stdout.strip() != remote:
                    raise UsageError(
                        f"{root} has another archive: `git -C {root} remote set-url {REMOTE} URL` changes it"
                    )
                if not done.ok:
                    clone.must("remote", "add", REMOTE, remote)
                    _take_branch(clone)
            clone.address()
            clone.prepare()
            yield clone, store


def _absolute(remote: str) -> str:
    return str(Path(remote).absolute()) if Path(remote).exists() else remote


def _refuse_foreign(clone: Clone) -> None:
    """Refuse a folder whose files belong to a repository around it: they would have two."""
    around = clone.run("ls-files", "-z", "--", ".", GIT_CEILING_DIRECTORIES="")
    if around.ok and around.stdout:
        raise UsageError(
            f"{clone.root} is part of a repository already, and an archive wants one of its own: "
            f"name another folder (`lsqm sync --corpus DIR --remote URL`), and run with `--lsqm-corpus DIR`"
        )


def _take_branch(clone: Clone) -> None:
    """Work on the branch that the archive itself works on."""
    if clone.commit_of("HEAD") is not None:
        return
    done = clone.speak("ls-remote", "--symref", REMOTE, "HEAD")
    if not done.ok:
        clone.run("remote", "remove", REMOTE)
        raise _unreachable(clone, "cannot be read", done)
    if found := re.search(r"^ref: (refs/heads/\S+)\tHEAD$", done.stdout, re.MULTILINE):
        clone.must("symbolic-ref", "HEAD", found[1])


def _tracking(clone: Clone) -> str:
    return f"refs/remotes/{REMOTE}/{clone.branch()}"


def _commit(clone: Clone, store: Store) -> None:
    """Commit all that is the store's, and nothing else; a merge that is under way is ended by it."""
    merging = clone.commit_of("MERGE_HEAD") is not None
    others = [".", *(f":(exclude){name}" for name in FOLDERS)]
    if not merging and (foreign := clone.names("diff", "--cached", "--name-only", "-z", "--", *others)):
        raise OutreachError(
            f"{clone.root / foreign[0]} is staged, and would be committed with the store: commit it or unstage it"
        )
    known = set(clone.names("ls-tree", "-z", "--name-only", "HEAD")) if clone.commit_of("HEAD") else set()
    there = [name for name in FOLDERS if name in known or (clone.root / name).exists()]
    with store.locked():
        # By force: what an architecture's own .gitignore leaves out of its repository is a part of it here.
        clone.must("add", "--all", "--force", "--", *there, *_HALF_WRITTEN)
    if merging or not clone.run("diff", "--cached", "--quiet").ok:
        clone.must("commit", "--quiet", "--no-verify", "--message", _message(clone, store, merging=merging))


def _message(clone: Clone, store: Store, *, merging: bool) -> str:
    """Say what is committed: the runs with their counts, else what changed."""
    if merging:
        return "Merge what others have pushed; trends and index made again"
    staged = clone.names("diff", "--cached", *_NEW_RUNS)
    runs = [run for path in staged if (run := _run(store, path.split("/")[1]))]
    regressions = store.regressions()
    lines = [_line(run, sum(each.to_run_id == run.run_id for each in regressions)) for run in runs]
    if not lines:
        return f"No new run: {clone.must('diff', '--cached', '--shortstat')}"
    if len(lines) == 1:
        return f"{lines[0]}\n\nrun {runs[0].run_id}"
    told = [f"{line}, run {run.run_id}" for line, run in zip(lines, runs, strict=True)]
    return "\n".join([f"{len(runs)} runs", "", *told])


def _run(store: Store, run_id: str) -> Run | None:
    try:
        return store.run(run_id)
    except StoreError:
        return None  # broken, and kept as it is


def _line(run: Run, regressions: int) -> str:
    version = run.config.emulator.version if run.config.emulator else run.localstack_version
    counted = run.summary
    line = f"{run.emulator_kind} {version}: {counted.passed} of {counted.total} passed"
    line += f", {regressions} regressions" if regressions else ""
    return line + (f", {counted.new_architectures} new" if counted.new_architectures else "")


def _receive(clone: Clone, store: Store, *, joining: bool) -> None:
    """Fetch the archive's branch and merge it; `joining` for a store that had another history so far."""
    branch = clone.branch()
    # Also where a first sync was stopped before it had fetched anything.
    joining = joining or clone.commit_of(_tracking(clone)) is None
    done = clone.speak("fetch", "--quiet", "--no-tags", REMOTE, f"+refs/heads/{branch}:{_tracking(clone)}")
    if not done.ok:
        if _NOTHING_THERE.search(done.stderr):
            return  # an archive that is still empty
        raise _unreachable(clone, "cannot be read", done)
    theirs = clone.commit_of(_tracking(clone))
    assert theirs is not None
    if merge(clone, store, theirs, unrelated=joining):
        rebuild(store)
        _commit(clone, store)
    else:
        # git keeps no empty folders, and knows nothing of what the index was made from.
        Store.create(store.root).refresh_index()


def _send(clone: Clone) -> bool:
    """Push; False if somebody else was faster."""
    done = clone.speak("push", "--porcelain", "--no-verify", REMOTE, f"HEAD:refs/heads/{clone.branch()}")
    if done.ok:
        return True
    if _OVERTAKEN.search(done.stdout) or _OVERTAKEN.search(done.stderr):
        return False
    raise _unreachable(clone, "takes nothing", done)


def _unreachable(clone: Clone, what: str, done: Completed) -> OutreachError:
    why = reason(done)
    if re.search(r"could not read (Username|Password)|Authentication failed|returned error: 40[13]", why):
        why = f"it wants credentials: set {TOKEN} ({why})"
    return OutreachError(f"the archive {what}: {why}; all is kept in {clone.root}, so run this again later")


def _run_ids(root: Path) -> list[str]:
    return files.names(root / "runs", folders=True)


def _added(clone: Clone, since: str | None) -> list[str]:
    """Return the runs that the last push may have brought to the archive."""
    if since is None:
        return _run_ids(clone.root)
    return [path.split("/")[1] for path in clone.names("diff", since, "HEAD", *_NEW_RUNS)]
