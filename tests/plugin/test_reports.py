"""Results travel on pytest's own reports, which are kept for the whole session."""

from __future__ import annotations

import pytest

from pytest_lsqm.plugin import reports
from tests.corpus.records import result


def test_a_result_is_taken_off_its_report() -> None:
    report = pytest.TestReport("a::b", ("a", 1, "b"), {}, "passed", None, "call")
    sent = result()
    reports.attach_result(report, sent)
    assert reports.take_result(report) == sent
    assert reports.take_result(report) is None
    assert sent.run_id not in str(report.__dict__)
    assert reports.status_of(report) == sent.status
