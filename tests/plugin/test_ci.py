"""What a CI gets of a run: a log of stages, annotations and a summary, and no command that an app has written."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugin.conftest import FAILS, TOPIC

if TYPE_CHECKING:
    from tests.plugin.conftest import Corpus

YES = "def test_yes():\n    assert True\n"


def log(corpus: Corpus, name: str = "log.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus.work / name).read_text().splitlines()]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_every_stage_of_every_architecture_is_a_line_of_the_log(corpus: Corpus, workers: tuple[str, ...]) -> None:
    hashes = {corpus.add("good", TOPIC, YES), corpus.add("bad", TOPIC, FAILS)}
    done = corpus.stubbed("--log-json=log.jsonl", *workers)
    assert done.returncode == 1, done.stdout
    lines = log(corpus)
    assert lines[0]["event"] == "run_started"
    assert lines[-1]["event"] == "run_ended"
    assert (lines[-1]["exit_code"], lines[-1]["summary"]["failed"]) == (1, 1)
    assert {line["run_id"] for line in lines} == {corpus.store.runs()[-1].run_id}
    (start,) = [line for line in lines if line["event"] == "emulator_start"]
    assert (start["outcome"], start["error_type"]) == ("ok", None)
    stages = {(line["arch_hash"], line["stage"]): line for line in lines if line["event"] == "stage"}
    assert set(stages) == {(key, stage) for key in hashes for stage in ("apply", "test")}
    for line in stages.values():
        took = datetime.fromisoformat(line["ended_at"]) - datetime.fromisoformat(line["started_at"])
        assert took.total_seconds() == pytest.approx(line["duration_seconds"])
    bad = stages[corpus.hashes["bad"], "test"]
    assert (bad["outcome"], bad["error_type"], bad["attempt"]) == ("failed", "FAILED", 1)
    assert "forged by an app" in bad["message"]
    ended = {line["name"]: line for line in lines if line["event"] == "architecture"}
    assert (ended["good"]["status"], ended["bad"]["cause"]) == ("PASSED", "emulator_gap")
    assert lines.index(stages[corpus.hashes["bad"], "test"]) < lines.index(ended["bad"])


def test_a_log_that_cannot_be_written_is_one_sentence(corpus: Corpus) -> None:
    corpus.add("good", TOPIC, YES)
    done = corpus.stubbed("--log-json=no/such/log.jsonl")
    assert (done.returncode, "--log-json: the folder" in done.stderr) == (4, True)
    (corpus.work / "taken").mkdir()
    done = corpus.stubbed("-o", f"lsqm_log_json={corpus.work / 'taken'}")
    assert (done.returncode, "--log-json: " in done.stderr + done.stdout) == (4, True)


def commands(text: str) -> list[str]:
    """The lines that GitHub's runner takes for commands, as its ActionCommandManager goes about it."""
    found, token = [], None
    for line in text.splitlines():
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
        elif line.lstrip().startswith("::stop-commands::"):
            token = line.strip().removeprefix("::stop-commands::")
        elif line.lstrip().startswith("::") or "##[" in line:
            found.append(line)
    assert token is None, "commands were stopped and never allowed again"
    return found


def test_in_github_actions_only_our_annotations_are_commands(corpus: Corpus) -> None:
    corpus.add("good", TOPIC, YES)
    corpus.add("fallen", TOPIC, YES)
    summary = corpus.work / "summary.md"
    step = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = corpus.stubbed("-n", "1", **step)
    assert (done.returncode, commands(done.stdout)) == (0, [])
    assert "## stub 1.0: 2 of 2 passed" in summary.read_text()
    corpus.replace_app("fallen", FAILS)
    done = corpus.stubbed("--junitxml=junit.xml", "-rA", "-v", **step)
    assert done.returncode == 1
    assert "::error::forged by an app" in done.stdout, "it is shown all the same"
    (line,) = commands(done.stdout)
    assert line.startswith("::error title=regression%3A fallen::PASSED → FAILED")
    assert "### :red_circle: 1 regressed" in summary.read_text()
    suite = ET.parse(corpus.work / "junit.xml").getroot()[0]
    (case,) = [case for case in suite.iter("testcase") if case.get("name") == "fallen"]
    told = {prop.get("name"): prop.get("value") for prop in case.iter("property")}
    assert told["lsqm_status"] == "FAILED"
    assert told["lsqm_hash"] == corpus.hashes["fallen"]
    assert told["lsqm_services"] == "sns"
    assert told["lsqm_emulator"] == "stub 1.0"
    assert told["lsqm_cause"] == "emulator_gap (sqs.SendMessage)"


def test_where_regressions_fail_nothing_they_are_warnings(corpus: Corpus) -> None:
    corpus.add("fallen", TOPIC, YES)
    corpus.stubbed()
    corpus.replace_app("fallen", FAILS)
    done = corpus.stubbed("--lsqm-fail-on=never", GITHUB_ACTIONS="true")
    assert done.returncode == 0
    assert [line.partition(" ")[0] for line in commands(done.stdout)] == ["::warning"]


def test_elsewhere_nothing_is_said_to_a_runner(corpus: Corpus) -> None:
    corpus.add("good", TOPIC, YES)
    assert "::" not in corpus.stubbed("-q").stdout.replace("architectures/", "")
