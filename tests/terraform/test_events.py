"""Terraform's `-json` log, on lines recorded from Terraform 1.11.4 (`recorded/`)."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_lsqm.terraform import events

RECORDED = Path(__file__).with_name("recorded")


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.jsonl").read_text(encoding="utf-8")


def test_only_what_was_completed_counts_and_not_what_was_planned_or_failed() -> None:
    log = events.parse(recorded("apply"))
    assert log.completed == [
        ("create", "terraform_data.plain"),
        ("create", 'module.m.terraform_data.keyed["a"]'),
    ]
    assert (log.count("create"), log.count("delete")) == (2, 0)


def test_an_error_is_a_diagnostic_whose_detail_and_place_stand_in_the_text() -> None:
    log = events.parse(recorded("apply"))
    [diagnostic] = log.diagnostics
    assert (diagnostic["severity"], diagnostic["address"]) == ("error", "terraform_data.refused")
    assert "Error: local-exec provisioner error\n" in log.text
    assert "  Error running command 'echo no room left >&2; exit 3': exit status 3." in log.text
    assert "  with terraform_data.refused, main.tf:8\n" in log.text


def test_an_error_of_the_configuration_has_a_place_without_an_address() -> None:
    log = events.parse(recorded("undeclared"))
    assert [entry["summary"] for entry in log.diagnostics] == ["Reference to undeclared local value"]
    assert "  with the configuration, main.tf:1\n" in log.text


def test_what_a_destroy_deleted_is_counted() -> None:
    assert events.parse(recorded("destroy")).count("delete") == 3


def test_a_line_that_is_no_event_is_kept_as_a_message_and_disturbs_no_other() -> None:
    lines = recorded("destroy").splitlines()
    junk = ["panic: runtime error", '{"torn": ', "[1, 2]", "null", '"text"']
    log = events.parse("\n".join([junk[0], lines[0], *junk[1:], *lines[1:], '{"@message": "cut']))
    assert log.count("delete") == 3
    assert [line for line in log.messages if line in junk] == junk


def test_an_unusual_line_end_inside_a_message_does_not_tear_an_event() -> None:
    event = {"@message": "one\x85two\u2028three", "type": "apply_complete", "hook": {"action": "create"}}
    log = events.parse(json.dumps(event, ensure_ascii=False) + "\n")
    assert (log.count("create"), log.messages) == (1, ["one\x85two\u2028three"])


def test_events_that_lack_what_they_should_hold_are_only_messages() -> None:
    odd = [
        {"type": "apply_complete"},
        {"type": "apply_complete", "hook": None},
        {"type": "diagnostic"},
        {"type": "diagnostic", "diagnostic": "text"},
        {},
    ]
    log = events.parse("\n".join(json.dumps(event) for event in odd))
    assert (log.completed, log.diagnostics, len(log.messages)) == ([], [], 5)


def test_warnings_are_diagnostics_that_the_text_does_not_dwell_on() -> None:
    warning = {"severity": "warning", "summary": "deprecated", "detail": "see the guide"}
    log = events.parse(
        json.dumps({"@message": "Warning: deprecated", "type": "diagnostic", "diagnostic": warning})
    )
    assert (log.diagnostics, log.text) == ([warning], "Warning: deprecated\n")


def test_an_empty_log_says_nothing() -> None:
    log = events.parse("")
    assert (log.text, log.diagnostics, log.completed) == ("", [], [])
