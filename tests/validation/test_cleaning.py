"""The end of a validation, when the account is looked through."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_lsqm.emulators import leftovers
from pytest_lsqm.models import Cleaning
from pytest_lsqm.observing import Exchange
from pytest_lsqm.validation import cleaning

if TYPE_CHECKING:
    import pytest


def attempt(*, shared: bool = True) -> Any:
    made = Exchange("deploy", "sqs.CreateQueue", "POST", "/", 200, region="us-east-1")
    return SimpleNamespace(
        lease=SimpleNamespace(endpoint="http://127.0.0.1:9", account="000000000001", shared=shared),
        tools=SimpleNamespace(leases=SimpleNamespace(healthy=lambda lease: True)),
        proxy=SimpleNamespace(exchanges=[made]),
        cleaning=None,
    )


def test_an_answer_that_nobody_thought_of_is_recorded_and_sends_the_emulator_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def clean(*_: object) -> NoReturn:
        raise KeyError("id")

    monkeypatch.setattr(leftovers, "clean", clean)
    one = attempt()
    assert cleaning.clean(one) is False
    assert one.cleaning == Cleaning(unchecked={"*": "KeyError: 'id'"})


def test_what_was_made_in_its_region_is_looked_for_on_an_emulator_that_others_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def clean(*told: object) -> Cleaning:
        asked.append(told)
        return Cleaning()

    monkeypatch.setattr(leftovers, "clean", clean)
    assert cleaning.clean(attempt()) is True
    assert cleaning.clean(attempt(shared=False)) is True
    assert asked == [("http://127.0.0.1:9", "000000000001", {("sqs.CreateQueue", "us-east-1")})]
