"""What a second plan wants, read from plans as Terraform prints them."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.models import Change
from pytest_lsqm.terraform import drift


def plan(actions: list[str], mode: str = "managed", **change: Any) -> dict[str, Any]:
    entry = {"address": "aws_sqs_queue.q", "mode": mode, "change": {"actions": actions, **change}}
    return {"resource_changes": [entry]}


def test_what_is_left_as_it_is_or_only_read_is_no_drift() -> None:
    assert drift.of_plan(plan(["no-op"])) == ()
    assert drift.of_plan(plan(["read"], mode="data")) == ()
    assert drift.of_plan({}) == ()


def test_the_attributes_that_differ_are_named_with_both_values() -> None:
    (found,) = drift.of_plan(plan(["update"], before={"a": 1, "b": "x"}, after={"a": 1, "b": {"c": 2}}))
    assert (found.address, found.actions) == ("aws_sqs_queue.q", ("update",))
    assert found.changes == (Change(attribute="b", before='"x"', after='{"c": 2}'),)


def test_a_resource_that_is_gone_would_be_made_again() -> None:
    (found,) = drift.of_plan(plan(["create"], before=None, after={"a": 1}, after_unknown={"id": True}))
    assert found.actions == ("create",)
    assert found.changes[1] == Change(attribute="id", after="(known after apply)")


def test_a_value_that_is_sensitive_on_either_side_is_not_written_down() -> None:
    secrets: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {"a": True}}
    (found,) = drift.of_plan(plan(["update"], before={"a": "old"}, after={"a": "new"}, **secrets))
    assert found.changes == (Change(attribute="a", before="(sensitive)", after="(sensitive)"),)


def test_a_long_value_is_cut() -> None:
    (found,) = drift.of_plan(plan(["update"], before={"a": "x" * 5000}, after={"a": "y"}))
    assert found.changes[0].before is not None
    assert len(found.changes[0].before) <= drift.LONGEST + 1
