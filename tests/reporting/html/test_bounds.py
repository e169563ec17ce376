"""How a page stays of bounded size."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.reporting.html import bounds


def test_what_fits_is_as_it_was() -> None:
    record = {"logs": "x" * 5000, "tests": [{"message": "y" * 400}], "count": 3, "none": None}
    assert bounds.shorten(record, 6000) == (record, [])


def test_the_longest_texts_are_cut_and_the_others_stay_whole() -> None:
    record = {
        "name": "orders",
        "apply": {"logs": "a" * 90_000},
        "tests": [{"message": "b" * 900}],
        "output": "c" * 50_000,
    }
    short, cut = bounds.shorten(record, 20_900)
    assert cut == ["apply.logs", "output"]
    assert (short["name"], short["tests"]) == (record["name"], record["tests"])
    assert 20_000 < sum(len(text) for text in (short["apply"]["logs"], short["output"])) < 20_200


def test_a_text_that_is_cut_keeps_its_beginning_and_more_of_its_end_and_says_how_much_is_gone() -> None:
    text = "begin " + "x" * 10_000 + " the end"
    short, _ = bounds.shorten([text], 1000)
    assert short[0].startswith("begin ")
    assert short[0].endswith(" the end")
    assert f"{len(text) - 1000:,} characters left out" in short[0]
    head, tail = short[0].split("…")[0], short[0].split("…")[2]
    assert len(tail) > len(head)


def test_names_and_messages_are_never_cut_however_small_the_share() -> None:
    record: dict[str, Any] = {"message": "m" * bounds.SHORT, "log": "l" * 1000}
    short, cut = bounds.shorten(record, 10)
    assert short["message"] == record["message"]
    assert cut == ["log"]


def test_many_architectures_share_what_one_may_have_alone() -> None:
    assert bounds.share(1) == bounds.MOST
    assert bounds.share(1000) * 1000 <= bounds.TOTAL
    assert bounds.share(0) == bounds.MOST
