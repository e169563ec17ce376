"""Whole runs on a real LocalStack: outcomes in pytest's terms, and what is written."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.models import Run
from tests.plugin.conftest import FAILS, HALF, TOPIC

if TYPE_CHECKING:
    from tests.plugin.conftest import Corpus

pytestmark = pytest.mark.slow

BROKEN = "import no_such_module\n"


def outcome_words(text: str) -> str:
    """The last line of pytest's output: what it counted."""
    return text.strip().splitlines()[-1]


def test_each_status_has_its_outcome_in_pytests_terms(corpus: Corpus, endpoint: str) -> None:
    corpus.add("good")
    corpus.add("half", test=HALF)
    corpus.add("bad", test=FAILS)
    corpus.add("broken", test=BROKEN)
    done = corpus.pytest(endpoint, "--junitxml=junit.xml", "--lsqm-json=run.json", "--lsqm-report=run.html")
    assert done.returncode == 1
    assert "2 failed, 1 passed, 1 error" in outcome_words(done.stdout)
    statuses = {name: result["status"] for name, result in corpus.results().items()}
    assert statuses == {"good": "PASSED", "half": "PARTIAL", "bad": "FAILED", "broken": "ERROR"}
    for word in ("PASSED  good", "PARTIAL  half", "FAILED   bad", "ERROR    broken", "one is not two"):
        assert word in done.stdout or word.replace("  ", "   ") in done.stdout
    _junit_tells_failures_from_errors(corpus)
    _the_document_is_the_store(corpus)
    _the_page_says_it(corpus, done.stdout)


def _junit_tells_failures_from_errors(corpus: Corpus) -> None:
    suite = ET.parse(corpus.work / "junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("2", "1", "4")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    found = {p.get("name"): p.get("value") for p in cases["half"].iter("property")}
    assert found["lsqm_status"] == "PARTIAL"
    assert found["lsqm_services"] == "sqs"
    assert float(found["lsqm_apply_seconds"] or 0) > 0
    assert float(found["lsqm_duration_seconds"] or 0) > float(found["lsqm_apply_seconds"] or 0)
    assert cases["broken"].find("error") is not None
    assert cases["bad"].find("failure") is not None


def _the_page_says_it(corpus: Corpus, told: str) -> None:
    page = (corpus.work / "run.html").read_text()
    assert "1 of 4 architectures passes on" in page
    assert all(f'id="d-{key}"' in page for key in corpus.hashes.values())
    assert f"report: {corpus.work / 'run.html'}" in told


def _the_document_is_the_store(corpus: Corpus) -> None:
    document = json.loads((corpus.work / "run.json").read_text())
    assert Run.model_validate(document["run"]) == corpus.store.runs()[-1]
    assert {entry["name"]: entry for entry in document["results"]} == corpus.results()
    assert document["trends"] == json.loads((corpus.root / "trends" / "services.json").read_text())
    trend = next(entry for entry in document["trends"] if entry["service_name"] == "sqs")
    # The ERROR says nothing about a service.
    assert (trend["history"][0]["total"], trend["history"][0]["passed"]) == (3, 1)


def test_workers_give_the_same_verdicts_and_only_the_controller_writes(corpus: Corpus, endpoint: str) -> None:
    corpus.add("good")
    corpus.add("half", test=HALF)
    corpus.add("topic", TOPIC, "def test_yes():\n    assert True\n")
    done = corpus.pytest(endpoint, "-n", "2")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 2 passed" in outcome_words(done.stdout)
    run = corpus.store.runs()[-1]
    assert len(corpus.store.runs()) == 1
    assert (run.summary.total, run.summary.passed, run.summary.partial) == (3, 2, 1)
    assert run.config.parallel == 2
    assert run.completed_at is not None
    assert run.summary.new_architectures == 3
    accounts = {
        output
        for result in corpus.results().values()
        for output in (result["terraform_apply"]["outputs"].get("url"),)
        if output
    }
    assert len(accounts) == 2  # each queue in an account of its own


@pytest.mark.parametrize("without", ["xdist", "timeout", "terminal", "junitxml", "cacheprovider"])
def test_it_works_without_other_plugins(corpus: Corpus, endpoint: str, without: str) -> None:
    corpus.add("good")
    done = corpus.pytest(endpoint, "-p", f"no:{without}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert corpus.results()["good"]["status"] == "PASSED"
    assert corpus.store.runs()[-1].completed_at is not None


def test_exitfirst_stops_and_lastfailed_comes_back_to_it(corpus: Corpus, endpoint: str) -> None:
    corpus.add("aaa", test=FAILS)
    corpus.add("bbb")
    stopped = corpus.pytest(endpoint, "-x")
    assert stopped.returncode == 1
    assert list(corpus.results()) == ["aaa"]
    again = corpus.pytest(endpoint, "--lf")
    assert again.returncode == 1
    assert list(corpus.results()) == ["aaa"]
    corpus.replace_app("aaa", "def test_yes():\n    assert True\n")
    assert corpus.pytest(endpoint, "--lf").returncode == 0


def test_a_regression_is_found_also_by_a_run_of_a_subset(corpus: Corpus, endpoint: str) -> None:
    corpus.add("one")
    corpus.add("two", TOPIC, "def test_yes():\n    assert True\n")
    assert corpus.pytest(endpoint).returncode == 0
    first = corpus.store.runs()[-1].run_id
    assert corpus.pytest(endpoint, "-k", "two").returncode == 0
    corpus.replace_app("one", FAILS)
    done = corpus.pytest(endpoint, "-k", "one", "--lsqm-fail-on=regression")
    assert done.returncode == 1
    assert "REGRESSION one: PASSED → FAILED" in done.stdout
    recorded: list[dict[str, Any]] = json.loads((corpus.root / "trends" / "regressions.json").read_text())
    assert len(recorded) == 1
    assert recorded[0]["arch_hash"] == corpus.hashes["one"]
    assert recorded[0]["from_run_id"] == first
    assert recorded[0]["to_run_id"] == corpus.store.runs()[-1].run_id
    assert recorded[0]["services_affected"] == ["sqs"]
    # The same failure again is no second regression, and no reason to fail when only regressions are.
    again = corpus.pytest(endpoint, "-k", "one", "--lsqm-fail-on=regression")
    assert again.returncode == 0
    assert len(json.loads((corpus.root / "trends" / "regressions.json").read_text())) == 1
    corpus.replace_app("one", "def test_yes():\n    assert True\n")
    fixed = corpus.pytest(endpoint, "-k", "one", f"--lsqm-baseline={corpus.store.runs()[-1].run_id}")
    assert "FIXED one: FAILED → PASSED" in fixed.stdout


def test_a_failure_of_another_test_is_never_forgiven(corpus: Corpus, endpoint: str) -> None:
    corpus.add("bad", test=FAILS)
    assert corpus.pytest(endpoint, "--lsqm-fail-on=never").returncode == 0
    (corpus.work / "test_own.py").write_text("def test_own():\n    assert False\n")
    assert corpus.pytest(endpoint, "--lsqm-fail-on=never", str(corpus.root), "test_own.py").returncode == 1


def test_what_cannot_run_is_skipped_with_its_reason(corpus: Corpus, endpoint: str) -> None:
    execs = 'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n'
    corpus.add("runs", execs + TOPIC % "runs", "def test_yes():\n    assert True\n")
    corpus.add("appless", test=None)
    corpus.add("marked", skipped=True, skip_reason="needs variable vpc_id")
    random = 'resource "random_pet" "x" {}\n'
    corpus.add("random", random + TOPIC % "random", "def test_yes():\n    assert True\n")
    done = corpus.pytest(endpoint, "-rs", "--lsqm-providers=mirror")
    assert done.returncode == 0
    assert "4 skipped" in outcome_words(done.stdout)
    assert f"{corpus.hashes['appless']}/metadata.json" in done.stdout.replace("\n", "")
    for reason in (
        "--lsqm-allow-exec runs it",
        "has no app, so there is nothing to test it with",
        "needs variable vpc_id",
        "needs provider hashicorp/random",
    ):
        assert reason in done.stdout
    assert not corpus.store.runs()
    allowed = corpus.pytest(endpoint, "-k", "runs", "--lsqm-allow-exec")
    assert "1 passed" in outcome_words(allowed.stdout)


def test_a_dry_run_says_what_would_run_and_runs_nothing(corpus: Corpus) -> None:
    corpus.add("good")
    corpus.add("appless", test=None)
    for arguments in ([], ["-n", "2"]):
        done = corpus.pytest("--lsqm-dry-run", "--lsqm-emulator=moto", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "would run good" in done.stdout
        assert "would skip appless: has no app" in done.stdout
        assert not corpus.store.runs()
