"""Lines for a terminal, from records made by hand."""

from __future__ import annotations

from pytest_lsqm.reporting import terminal
from tests.reporting.made import result


def test_a_verdict_line_names_status_tests_and_the_stages_that_took_time() -> None:
    line, colour = terminal.verdict_line(result(), "orders", 7, 100)
    assert line.split() == ["[", "7]", ".", "PASSED", "orders", "3/3", "5.2", "s", "apply", "3"]
    assert colour == "green"


def test_the_live_line_says_how_far_and_what_is_under_way() -> None:
    doing = [("orders", "apply", 12.3), ("a\x1b[2Jsite", "test", 3.4)]
    line = terminal.live_line(doing, done=3, total=70, elapsed=61.0, width=80)
    assert line == "[3/70] 61.0 s  orders: apply 12 s  a�[2Jsite: test 3 s"
    assert len(terminal.live_line(doing * 9, done=3, total=0, elapsed=61.0, width=80)) == 80


def test_an_explanation_shows_the_failure_its_place_and_how_to_run_it_alone() -> None:
    failed = result(
        "PARTIAL",
        container_logs="AWS sqs.SendMessage => 500",
        emulator={"name": "moto", "version": "5"},
        pytest_results={
            "total": 2,
            "passed": 1,
            "failed": 1,
            "skipped": 0,
            "output": "",
            "tests": [
                {"name": "test_good", "outcome": "passed"},
                {"name": "test_bad", "outcome": "failed", "message": "assert 1 == 2"},
            ],
        },
    )
    text = terminal.explain(failed, "pytest --lsqm -k this")
    for part in (
        "failed: test_bad",
        "assert 1 == 2",
        "moto 5",
        "sqs.SendMessage => 500",
        "run it alone: pytest --lsqm -k this",
    ):
        assert part in text
    assert "test_good" not in text
