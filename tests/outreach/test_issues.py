"""Issues about regressions, through PyGithub itself, at a server that keeps them as GitHub does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.outreach import issues
from tests.corpus.records import (
    START,
    A,
    B,
    C,
    result,
    run_id,
    snapshot,
)
from tests.outreach.records import cause, ran, regressed, update, urls
from tests.outreach.tracker import NAME, Tracker

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store
    from pytest_lsqm.github import GitHub


# Opening


def test_a_preview_says_what_it_would_do_and_writes_nothing(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    before = snapshot(broken.root)
    done = issues.update(broken, github, NAME, create=False)
    assert [(step.kind, step.done) for step in done.steps] == [("create", False)] * 2
    assert "InternalError" in done.steps[0].body
    assert {asked.method for asked in tracker.requests} == {"GET"}
    assert snapshot(broken.root) == before


def test_each_cause_gets_one_issue_and_its_regressions_the_address(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    assert update(broken, github) == ["create", "create"]
    first, second = tracker.tracked
    assert first.title == "sqs.CreateQueue: emulator defect in localstack-host since 4.14.0"
    assert second.title == "sns.Publish: emulator gap in localstack-host since 4.14.0"
    assert first.labels == ["lsqm"]
    assert ("`arch-a`" in first.body, "`arch-b`" in first.body, "`arch-c`" in first.body) == (True, True, False)
    address = f"https://github.com/{NAME}/issues"
    assert urls(broken) == {A: f"{address}/1", B: f"{address}/1", C: f"{address}/2"}


def test_what_is_done_is_not_done_again(broken: Store, github: GitHub, tracker: Tracker) -> None:
    update(broken, github)
    assert update(broken, github) == []
    assert tracker.written == ["create", "create"]


@pytest.mark.parametrize(
    "changes",
    [
        {"attempts": 1},
        {"attributed_to": "several"},
        {"attributed_to": "provider"},
        {"attributed_to": None},
        {"to_status": "ERROR"},
        {"cause": cause(kind="architecture")},
        {"cause": cause(kind="tooling")},
    ],
    ids=["not confirmed", "several", "provider", "nobody", "error", "architecture", "tooling"],
)
def test_a_regression_that_is_not_surely_the_emulators_gets_no_issue(
    store: Store, github: GitHub, tracker: Tracker, changes: dict[str, Any]
) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, **changes)
    assert update(store, github) == []
    assert tracker.tracked == []


def test_what_has_no_known_operation_is_a_cause_for_each_architecture(
    store: Store, github: GitHub, tracker: Tracker
) -> None:
    ran(store, 1, a="PASSED", b="PASSED")
    ran(store, 2, a="FAILED", b="FAILED")
    for arch_hash in (A, B):
        regressed(store, arch_hash, cause=cause(kind="unknown", proof=[]))
    assert update(store, github) == ["create", "create"]


def test_a_cause_on_another_emulator_is_another_cause(store: Store, github: GitHub) -> None:
    ran(store, 1, a="PASSED", b="PASSED")
    ran(store, 2, a="FAILED", b="FAILED")
    regressed(store, A)
    regressed(store, B, emulator="ministack")
    assert update(store, github) == ["create", "create"]


def test_what_was_mended_before_anybody_was_told_gets_no_issue(broken: Store, github: GitHub) -> None:
    ran(broken, 3, a="PASSED", b="PASSED", c="PASSED")
    assert update(broken, github) == []


def test_a_pass_that_was_obtained_before_and_is_reused_has_mended_nothing(store: Store, github: GitHub) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, detected_at=START + timedelta(days=2, hours=1))
    ran(store, 3, a="PASSED")
    again = result(A, "PASSED", 1, run_id=run_id(3), reused={"run_id": run_id(1), "at": START + timedelta(days=3)})
    store.write_result(again)
    assert update(store, github) == ["create"]
    ran(store, 4, a="PASSED")
    assert [step.kind for step in issues.update(store, github, NAME, create=True).steps] == ["comment", "close"]


# Finding again


def test_an_issue_is_found_by_its_mark_among_many_and_gives_its_address_back(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    for number in range(120):
        tracker.open(body=f"<!-- lsqm cause={number:016x} runs=x -->", pull_request=number % 2 == 0)
    update(broken, github)
    expected = urls(broken)
    for regression in broken.regressions():
        broken.replace_regressions(regression.model_copy(update={"github_issue_url": None}))
    assert update(broken, github) == []
    assert urls(broken) == expected


def test_an_issue_that_somebody_took_the_label_from_is_found_by_its_address(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    for issue in tracker.tracked:
        issue.labels = []
    assert update(broken, github) == []


def test_a_mark_in_an_issue_without_our_label_is_not_believed(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    forged = Tracker.open(tracker, body=tracker.tracked[0].body, labels=("bug",))
    tracker.tracked = [forged]
    for regression in broken.regressions():
        broken.replace_regressions(regression.model_copy(update={"github_issue_url": None}))
    assert update(broken, github) == ["create", "create"]


def test_an_address_in_another_repository_is_not_this_ones(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    for regression in broken.regressions():
        url = {"github_issue_url": "https://github.com/acme/other/issues/1"}
        broken.replace_regressions(regression.model_copy(update=url))
    assert update(broken, github) == ["create", "create"]


# What happens later


def test_a_cause_that_is_met_again_is_commented_on_once_a_run(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    ran(broken, 3, c="PASSED", b="PASSED")
    ran(broken, 4, a="FAILED", b="FAILED")
    regressed(broken, B, 3, 4)
    assert update(broken, github) == ["comment", "comment", "close"]
    assert update(broken, github) == []
    first, second = tracker.tracked
    assert (first.state, second.state) == ("open", "closed")
    (comment,) = first.comments
    assert "`arch-b`" in comment
    assert "`arch-a`" not in comment
    assert urls(broken)[B] == f"https://github.com/{NAME}/issues/1"


def test_an_issue_is_closed_with_a_comment_when_all_its_architectures_pass(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    ran(broken, 3, "4.15.0", a="PASSED", c="FAILED")
    assert update(broken, github) == []
    ran(broken, 4, "4.15.1", b="PARTIAL", c="FAILED")
    assert update(broken, github) == ["comment", "close"]
    first, second = tracker.tracked
    assert (first.state, first.reason, second.state) == ("closed", "completed", "open")
    assert "All 2 architectures pass again in `localstack-host` `4.15.1`" in first.comments[0]
    assert update(broken, github) == []


@pytest.mark.parametrize(
    ("arguments", "statuses"),
    [
        ({}, {"a": "ERROR", "b": "ERROR", "c": "ERROR"}),
        ({"version": "4.6.0"}, {"a": "PASSED", "b": "PASSED", "c": "PASSED"}),
        ({"emulator": "moto", "version": "9.9"}, {"a": "PASSED", "b": "PASSED", "c": "PASSED"}),
        ({}, {"a": "TIMEOUT", "b": "FAILED", "c": "FAILED"}),
    ],
    ids=["an error", "an older release", "another emulator", "still failing"],
)
def test_what_proves_no_mending_closes_nothing(
    broken: Store, github: GitHub, tracker: Tracker, arguments: dict[str, str], statuses: dict[str, str]
) -> None:
    update(broken, github)
    ran(broken, 3, **arguments, **statuses)
    assert update(broken, github) == []
    assert [issue.state for issue in tracker.tracked] == ["open", "open"]


def test_a_pass_on_the_second_try_only_closes_nothing(broken: Store, github: GitHub) -> None:
    update(broken, github)
    ran(broken, 3, a="PASSED", b="PASSED", c="PASSED")
    for passed in broken.results(run_id(3)).values():
        broken.write_result(passed.model_copy(update={"flaky": True}))
    assert update(broken, github) == []


def test_a_run_that_began_before_the_regression_was_detected_mends_nothing(
    store: Store, github: GitHub, tracker: Tracker
) -> None:
    ran(store, 1, "4.6.0", a="PASSED")
    ran(store, 2, a="FAILED")
    ran(store, 3, a="PASSED")
    regressed(store, detected_at=START + timedelta(days=4))
    assert update(store, github) == ["create"]
    ran(store, 5, a="PASSED")
    assert update(store, github) == ["comment", "close"]


def test_what_breaks_again_opens_its_issue_again(broken: Store, github: GitHub, tracker: Tracker) -> None:
    update(broken, github)
    ran(broken, 3, a="PASSED", b="PASSED", c="FAILED")
    update(broken, github)
    ran(broken, 4, a="FAILED", b="PASSED", c="FAILED")
    regressed(broken, A, 3, 4)
    assert update(broken, github) == ["reopen", "comment"]
    assert tracker.tracked[0].state == "open"
    ran(broken, 5, a="PASSED", b="PASSED", c="FAILED")
    assert update(broken, github) == ["comment", "close"]
    assert len(tracker.tracked) == 2


def test_an_issue_that_a_person_closed_stays_closed(broken: Store, github: GitHub, tracker: Tracker) -> None:
    update(broken, github)
    tracker.tracked[0].state = "closed"
    assert update(broken, github) == []


# What goes wrong


def test_a_rate_limit_leaves_the_rest_to_the_next_run(broken: Store, github: GitHub, tracker: Tracker) -> None:
    for allowed in range(20):
        tracker.allowed = allowed
        if not issues.update(broken, github, NAME, create=True).problems:
            break
    else:
        pytest.fail("it never came to its end")
    assert allowed > 3
    tracker.allowed = None
    assert update(broken, github) == []
    assert [issue.title.split(":")[0] for issue in tracker.tracked] == ["sqs.CreateQueue", "sns.Publish"]
    assert None not in urls(broken).values()


def test_a_rate_limit_is_one_sentence_and_nothing_more_is_asked(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    tracker.allowed = 0
    (problem,) = issues.update(broken, github, NAME, create=True).problems
    assert "GitHub's rate limit is used up" in problem
    assert len(tracker.asked) == 1


def test_an_issue_whose_answer_was_lost_is_found_and_not_opened_twice(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    tracker.lose = lambda what: len(tracker.written) == 1
    (problem,) = issues.update(broken, github, NAME, create=True).problems
    assert "502" in problem
    assert tracker.written == ["create"]
    assert update(broken, github) == ["create"]
    assert len(tracker.tracked) == 2
    assert None not in urls(broken).values()


def test_a_comment_whose_answer_was_lost_is_not_made_twice(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    ran(broken, 3, a="PASSED", b="PASSED", c="FAILED")
    tracker.lose = lambda what: what == "comment"
    assert len(issues.update(broken, github, NAME, create=True).problems) == 1
    tracker.lose = lambda what: False
    assert update(broken, github) == ["close"]
    assert len(tracker.tracked[0].comments) == 1


def test_one_issue_that_takes_no_comments_does_not_stop_the_others(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    update(broken, github)
    tracker.tracked[0].locked = True
    ran(broken, 3, a="PASSED", b="PASSED", c="PASSED")
    done = issues.update(broken, github, NAME, create=True)
    assert ["issue is locked" in problem for problem in done.problems] == [True]
    assert [issue.state for issue in tracker.tracked] == ["open", "closed"]


def test_a_repository_that_gives_us_no_labels_is_named(broken: Store, github: GitHub, tracker: Tracker) -> None:
    tracker.may_label = False
    done = issues.update(broken, github, NAME, create=True)
    assert ["takes no labels from this token" in problem for problem in done.problems] == [True, True]
    assert update(broken, github) == []  # by the addresses that were written down


def test_a_repository_without_issues_or_archived_or_absent_is_a_sentence(
    broken: Store, github: GitHub, tracker: Tracker
) -> None:
    tracker.enabled = False
    (disabled,) = issues.update(broken, github, NAME, create=True).problems
    tracker.repositories[NAME].archived = True
    (archived,) = issues.update(broken, github, NAME, create=True).problems
    (absent,) = issues.update(broken, github, "acme/none", create=True).problems
    assert "Issues has been disabled" in disabled
    assert "is archived, and takes no issues" in archived
    assert "404" in absent
