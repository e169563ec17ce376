"""Results travel on pytest's own reports, which are kept for the whole session."""

from __future__ import annotations

import pytest

from pytest_lsqm.plugin import reports
from pytest_lsqm.plugin.items import ArchitectureItem
from tests.corpus.records import result


def test_a_result_is_taken_off_its_report() -> None:
    report = pytest.TestReport("a::b", ("a", 1, "b"), {}, "passed", None, "call")
    sent = result()
    reports.attach_result(report, sent)
    assert reports.take_result(report) == sent
    assert reports.take_result(report) is None
    assert sent.run_id not in str(report.__dict__)
    assert reports.status_of(report) == sent.status


def test_an_item_lets_go_of_its_result_when_it_is_over() -> None:
    item = ArchitectureItem.__new__(ArchitectureItem)
    item.result = result()
    item.teardown()
    assert item.result is None
