"""What others have pushed, and what is here, brought together: whole records, never lines of text.

Runs have folders of their own, and an architecture is its content; so both sides' files simply lie side by
side. What is derived is made again from all runs. The rest has a rule each, and what has none is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_lsqm import history
from pytest_lsqm.errors import OutreachError
from pytest_lsqm.models import TestAppMetadata
from pytest_lsqm.outreach.clone import reason

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store
    from pytest_lsqm.outreach.clone import Clone

DERIVED = {
    "architectures/index.json",
    "trends/services.json",
    "trends/architectures.json",
    "trends/operations.json",
}
REGRESSIONS, SEEN = "trends/regressions.json", "architectures/seen.json"


def merge(clone: Clone, store: Store, theirs: str, *, unrelated: bool = False) -> bool:
    """Merge a commit without committing; False if there is nothing of it that is not here, or nothing else.

    `unrelated` allows histories that have no commit in common. Raises an OutreachError where a file has two
    versions and no rule says which is right; nothing is changed then.
    """
    with store.locked():
        if clone.commit_of("HEAD") is None or clone.is_ancestor("HEAD", theirs):
            clone.must("merge", "--quiet", "--ff-only", theirs)
            return False
        if clone.is_ancestor(theirs, "HEAD"):
            return False
        words = ["--allow-unrelated-histories"] if unrelated else []
        # Results resemble each other: what git takes for a run that was renamed is one removed and another made.
        done = clone.run("merge", "--quiet", "--no-commit", "--no-ff", "-X", "no-renames", *words, theirs)
        conflicts = clone.names("diff", "--name-only", "--diff-filter=U", "-z")
        if not done.ok and not conflicts:
            raise OutreachError(f"what others pushed cannot be merged into {clone.root}: {reason(done)}")
        _settle(clone, store, conflicts)
    return True


def _settle(clone: Clone, store: Store, conflicts: list[str]) -> None:
    if undecided := [path for path in conflicts if not _has_rule(path)]:
        raise OutreachError(
            f"{clone.root / undecided[0]} is not what others have pushed under that name: "
            f"move one of them away (`git -C {clone.root} log --all -- {undecided[0]}`), then run again"
        )
    if REGRESSIONS in conflicts:
        ours = store.regressions()
        clone.must("checkout", "--theirs", "--", REGRESSIONS)
        store.combine_regressions(ours)
    if SEEN in conflicts:
        looked_at = store.seen().packages
        clone.must("checkout", "--theirs", "--", SEEN)
        store.add_seen(looked_at)
    for folder in sorted({_folder(path) for path in conflicts if path not in DERIVED | {REGRESSIONS, SEEN}}):
        clone.must("restore", f"--source={_better(clone, folder)}", "--staged", "--worktree", "--", folder)


def _has_rule(path: str) -> bool:
    return path in DERIVED | {REGRESSIONS, SEEN} or path.startswith(("architectures/", "apps/", "reports/"))


def _folder(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _better(clone: Clone, folder: str) -> str:
    """Name the commit from which a folder with two versions is taken, whole: its files belong together."""
    if folder.startswith("architectures/"):
        return "MERGE_HEAD"  # the same content by its hash; who described it first is as right as any
    if folder.startswith("reports/"):
        return "HEAD"
    made = {commit: _made_at(clone, commit, folder) for commit in ("HEAD", "MERGE_HEAD")}
    return max(made, key=lambda commit: made[commit])


def _made_at(clone: Clone, commit: str, folder: str) -> datetime:
    name = f"{folder}/generated_at.json"
    done = clone.run("show", f"{commit}:{name}")
    try:
        return TestAppMetadata.model_validate_json(done.stdout).generated_at
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)  # removed there, or broken


def rebuild(store: Store) -> None:
    """Make again what is derived from the runs; regressions are not, they were confirmed when they were seen."""
    index = store.rebuild_index()
    runs = [history.RunOutcomes(run, store.statuses(run.run_id)).standings() for run in store.runs()]
    corpus = {key: entry.services for key, entry in index.architectures.items()}
    store.write_trends(
        history.service_trends(runs, corpus, store.service_trends()),
        history.architecture_trends(runs, datetime.now(UTC), store.architecture_trends()),
        (),
    )
    if latest := next((each.run for each in history.newest_first(runs) if each.outcomes), None):
        store.write_operations(history.service_operations(latest, store.results(latest.run_id).values()))
