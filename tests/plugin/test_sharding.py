"""A run in two shards on two machines, merged, is the run that it would have been on one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from tests.cli.test_commands import lsqm
from tests.plugin.conftest import FAILS, HALF, TOPIC, Corpus

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

YES = "def test_yes():\n    assert True\n"

VOLATILE = {
    "run_id", "to_run_id", "from_run_id", "started_at", "completed_at", "ended_at", "detected_at", "last_updated",
    "duration_seconds", "seconds", "started", "ended", "run_date", "time", "selection", "parallel", "outputs",
    "logs", "output", "container_logs", "last_validated",
}  # fmt: skip
"""What no two runs have in common: ids, times, and what an emulator was asked under another account."""


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items() if key not in VOLATILE}
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def written(root: Path) -> dict[str, Any]:
    """All that the latest run left in a store, by file."""
    run = Store.open(root).runs()[-1].run_id
    paths = [*(root / "runs" / run).rglob("*.json"), *(root / "trends").glob("*.json")]
    told = {str(path.relative_to(root)).replace(run, "RUN"): json.loads(path.read_text()) for path in paths}
    return told | {"index": json.loads((root / "architectures" / "index.json").read_text())}


def elsewhere(corpus: Corpus, name: str) -> Corpus:
    """The store as another machine has it."""
    copy = Corpus(corpus.root.parent / name, corpus.work, corpus.hashes)
    shutil.copytree(corpus.root, copy.root)
    return copy


def shard(corpus: Corpus, number: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    document = f"--lsqm-json={corpus.work}/shard-{number}.json"
    return corpus.stubbed(f"--lsqm-shard={number}/2", "--lsqm-fail-on=never", document, *arguments)


def test_merged_shards_are_the_unsharded_run(corpus: Corpus) -> None:
    for number in range(3):
        corpus.add(f"topic-{number}", TOPIC, YES)
    corpus.add("half", TOPIC, HALF)
    corpus.add("appless", TOPIC, None)
    assert corpus.stubbed("-n", "2").returncode == 1
    corpus.replace_app("topic-1", FAILS)
    first, second, target = (elsewhere(corpus, name) for name in ("first", "second", "target"))
    assert corpus.stubbed("-n", "2", "--lsqm-confirm=0").returncode == 1
    # One shard with workers, which must leave to the other what the controller says, and one without.
    done = shard(first, 1, "--lsqm-confirm=0", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert shard(second, 2, "--lsqm-confirm=0").returncode == 0
    parts = [set(part.results()) for part in (first, second)]
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == {"topic-0", "topic-1", "topic-2", "half"}
    assert all(parts), "what takes as long as the other half is in one shard"

    merged = lsqm("merge", first.root, f"{corpus.work}/shard-2.json", "--corpus", target.root, cwd=corpus.work)
    assert merged.returncode == 1, merged.stderr
    assert "REGRESSION topic-1: PASSED → FAILED" in merged.stdout
    whole, unsharded = written(target.root), written(corpus.root)
    assert masked(whole) == masked(unsharded)
    assert whole["trends/regressions.json"][0]["to_run_id"] == target.store.runs()[-1].run_id
    assert target.store.runs()[-1].config.shard is None
    again = lsqm("merge", first.root, second.root, "--corpus", target.root, cwd=corpus.work)
    assert (again.returncode, "have been merged already" in again.stderr) == (4, True)


def test_a_shard_for_which_nothing_is_left_is_recorded_and_no_failure(corpus: Corpus) -> None:
    corpus.add("only", TOPIC, YES)
    second, target = elsewhere(corpus, "second"), elsewhere(corpus, "target")
    idle = shard(second, 2)
    assert idle.returncode == 0, idle.stdout
    assert [run.summary.total for run in second.store.runs()] == [0]
    assert shard(corpus, 1).returncode == 0
    documents = [f"{corpus.work}/shard-1.json", f"{corpus.work}/shard-2.json"]
    merged = lsqm("merge", *documents, "--corpus", target.root, cwd=corpus.work)
    assert merged.returncode == 0, merged.stderr
    assert [run.summary.passed for run in target.store.runs()] == [1]


def test_shards_collect_all_there_is_and_nothing_twice(corpus: Corpus) -> None:
    for number in range(7):
        corpus.add(f"topic-{number}", TOPIC, YES)
    (corpus.work / "test_own.py").write_text(YES)
    seen = []
    for number in (1, 2, 3):
        done = corpus.pytest(f"--lsqm-shard={number}/3", "--collect-only", "-q", str(corpus.root), "test_own.py")
        seen.append([line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line])
    assert sorted(name for part in seen for name in part) == ["test_yes", *(f"topic-{n}" for n in range(7))]
    assert "test_yes" in seen[0]
    assert [len([name for name in part if name != "test_yes"]) for part in seen] == [3, 2, 2]
    assert not corpus.store.runs()


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "/", "1/2/3", "²/3"])
def test_a_shard_that_is_none_is_refused(corpus: Corpus, text: str) -> None:
    done = corpus.pytest(f"--lsqm-shard={text}")
    assert (done.returncode, "--lsqm-shard takes I/N" in done.stderr) == (4, True)
