"""What is told of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.errors import UsageError
from pytest_lsqm.outreach import news
from tests.corpus.records import (
    A,
    run_id,
)
from tests.outreach.conftest import refused
from tests.outreach.records import ran, regressed

if TYPE_CHECKING:
    from pytest_lsqm.corpus import Store


def test_a_run_is_told_with_its_rate_and_by_how_much_that_changed(store: Store) -> None:
    ran(store, 1, "4.6.0", a="PASSED", b="PASSED", c="FAILED")
    ran(store, 2, a="PASSED", b="FAILED", c="FAILED")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: 33.3 % passed (1 of 3), -33.3 points"


def test_the_change_is_that_of_architectures_which_have_a_result_before(store: Store) -> None:
    # As rates they are 50 % and 100 %: nothing became better.
    ran(store, 1, a="PASSED", b="FAILED")
    ran(store, 2, a="PASSED", c="PASSED")
    assert news.of_run(store).headline() == "localstack-host 4.14.0: 100.0 % passed (2 of 2), as before"


def test_the_first_run_has_no_change(store: Store) -> None:
    ran(store, 1, a="PASSED")
    assert news.of_run(store).headline() == "localstack-host 4.14.0: 100.0 % passed (1 of 1)"


def test_an_error_counts_neither_for_nor_against(store: Store) -> None:
    ran(store, 1, a="PASSED", b="PASSED")
    ran(store, 2, a="PASSED", b="ERROR")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: 100.0 % passed (1 of 1), as before"
    assert list(found.lines()) == ["1 ERROR, of which nothing was learnt"]


def test_a_run_of_errors_has_no_rate(store: Store) -> None:
    ran(store, 1, a="ERROR")
    found = news.of_run(store)
    assert found.headline() == "localstack-host 4.14.0: nothing was learnt, 1 ERROR"
    assert found.rate is None


def test_regressions_fixes_and_new_architectures_are_told(store: Store) -> None:
    ran(store, 1, "4.6.0", a="PASSED", b="FAILED")
    ran(store, 2, a="FAILED", b="PASSED", c="PASSED")
    regressed(store, A)
    found = news.of_run(store)
    found = news.News(**{**vars(found), "run": with_new(found.run, 2)})
    assert list(found.lines()) == [
        "2 new architectures",
        "REGRESSION arch-a: PASSED → FAILED [emulator]",
        "FIXED arch-b: FAILED → PASSED",
    ]


def with_new(run: Any, count: int) -> Any:
    return run.model_copy(update={"summary": run.summary.model_copy(update={"new_architectures": count})})


def test_another_run_can_be_named_and_the_latest_is_the_default(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    assert (news.of_run(store, run_id(1)).rate, news.of_run(store).rate) == (1.0, 0.0)
    assert "there is no run x" in refused(UsageError, lambda: news.of_run(store, "x"))


def test_many_regressions_are_counted_and_not_all_listed(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    for number in range(14):
        regressed(store, f"{number:016x}")
    told = list(news.of_run(store).lines())
    assert sum(line.startswith("REGRESSION") for line in told) == 10
    assert told[-1] == "and 4 more regressions"


def test_slack_is_given_text_that_calls_nobody(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED", emulator="http://<!channel>&", b="PASSED")
    hostile = "<!channel> <@U123> <https://evil.example|x> *b*"
    regressed(store, A, architecture_name=hostile, emulator="http://<!channel>&")
    told = news.of_run(store, link="https://example.com/r?a=1&b=2").as_slack()
    header, section, link = told["blocks"]
    # Plain text is not read for meaning; what is, has it taken out.
    assert {header["text"]["type"], section["text"]["type"]} == {"plain_text"}
    assert hostile in section["text"]["text"]
    assert "<" not in told["text"]
    assert link["text"] == {"type": "mrkdwn", "text": "<https://example.com/r?a=1&amp;b=2|Read more>"}
    assert len(header["text"]["text"]) <= 150


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x|<!channel>", "https://x y", "here"])
def test_a_link_that_is_none_is_a_wrong_call(store: Store, link: str) -> None:
    ran(store, 1, a="PASSED")
    assert "--link wants" in refused(UsageError, lambda: news.of_run(store, link=link))


def test_what_logs_say_is_not_told_to_a_channel(store: Store) -> None:
    ran(store, 1, a="PASSED")
    ran(store, 2, a="FAILED")
    regressed(store, A)
    found = news.of_run(store)
    told = json.dumps([found.as_json(), found.as_slack()])
    assert "sqs.CreateQueue" in told
    assert "InternalError" not in told
