"""Two machines and one archive: what each keeps of the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_lsqm.errors import OutreachError
from pytest_lsqm.models import SeenPackage
from pytest_lsqm.outreach import archive
from tests.corpus.records import (
    START,
    A,
    B,
    C,
    add_architecture,
    add_run,
    app,
    app_files,
    run_id,
    snapshot,
)
from tests.outreach.conftest import Remote, conclude, git, refused, start_push

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus import Store


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
