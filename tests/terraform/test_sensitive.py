"""What Terraform calls sensitive in a state."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.terraform.sensitive import HIDDEN, of_state


def state(values: dict[str, Any], marks: dict[str, Any], **outputs: dict[str, Any]) -> dict[str, Any]:
    resource = {"address": "x.y", "values": values, "sensitive_values": marks}
    return {"outputs": outputs, "root_module": {"child_modules": [{"resources": [resource]}]}}


def test_a_sensitive_output_is_hidden_whatever_it_is_and_its_texts_are_known() -> None:
    found = of_state(
        state({}, {}, a={"sensitive": True, "value": {"x": ["one", 2]}}, b={"sensitive": False, "value": "two"})
    )
    assert found.hide({"a": {"x": ["one", 2]}, "b": "two"}) == {"a": HIDDEN, "b": "two"}
    assert found.texts == {"one"}


def test_marks_lead_to_texts_as_deep_as_they_lie() -> None:
    values = {"all": {"a": "one"}, "some": [{"b": "two", "c": "three"}, {"b": "four"}], "plain": "five"}
    marks = {"all": True, "some": [{"b": True}, {}], "plain": False}
    assert of_state(state(values, marks)).texts == {"one", "two"}


def test_what_the_state_shows_elsewhere_is_no_secret() -> None:
    values = {"value": "orders-queue", "name": "orders-queue", "other": "hidden"}
    assert of_state(state(values, {"value": True, "other": True})).texts == {"hidden"}


def test_what_stands_under_a_credentials_name_is_one_though_nobody_marked_it() -> None:
    found = of_state(state({"auth_token": "told"}, {}, db_password={"value": "tiger"}))
    assert found.texts == {"told", "tiger"}


def test_an_empty_state_has_nothing_to_hide() -> None:
    assert of_state({}).texts == frozenset()
