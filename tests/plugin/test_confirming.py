"""A would-be regression is tried again on a fresh emulator before it is called one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import FAILS, PASSES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugin.conftest import Corpus

pytestmark = pytest.mark.slow


LOOKS_OUT = "--lsqm-sandbox=off"
"""The app remembers in a file of this machine, which it would not find from a jail."""


def fails_once(mark: Path) -> str:
    """Return an app that fails the first time it is run, and passes from then on."""
    return f"""
from pathlib import Path

def test_it_is_not_the_first_time():
    known = Path({str(mark)!r}).exists()
    Path({str(mark)!r}).touch()
    assert known, 'it is the first time'
"""


def test_what_passes_at_the_second_try_is_flaky_and_no_regression(corpus: Corpus, endpoint: str) -> None:
    corpus.add("wavering")
    assert corpus.pytest(endpoint).returncode == 0
    corpus.replace_app("wavering", fails_once(corpus.work / "mark"))
    done = corpus.pytest(endpoint, "-n", "1", LOOKS_OUT)
    assert done.returncode == 0, done.stdout
    result = corpus.results()["wavering"]
    assert (result["status"], result["flaky"]) == ("PASSED", True)
    assert [each["status"] for each in result["attempts"]] == ["FAILED", "PASSED"]
    assert corpus.store.regressions() == []
    assert "FLAKY wavering: FAILED, then PASSED on a fresh emulator 1 of 1 tests failed" in done.stdout


def test_what_passed_wholly_and_passes_in_part_now_is_tried_again_too(corpus: Corpus, endpoint: str) -> None:
    half = "def test_no():\n    assert False\n"
    corpus.add("wavering")
    corpus.add("half")
    corpus.pytest(endpoint)
    corpus.replace_app("wavering", fails_once(corpus.work / "mark") + PASSES)
    corpus.replace_app("half", PASSES + half)
    corpus.pytest(endpoint, LOOKS_OUT)
    tried = {name: [each["status"] for each in found["attempts"]] for name, found in corpus.results().items()}
    assert tried == {"wavering": ["PARTIAL", "PASSED"], "half": ["PARTIAL", "PARTIAL"]}
    assert (corpus.results()["wavering"]["flaky"], corpus.results()["half"]["flaky"]) == (True, False)
    assert corpus.store.regressions() == [], "in part is no regression"
    corpus.pytest(endpoint, "-k", "half")
    assert corpus.results()["half"]["attempts"] == [], "it fares as it did"


def test_what_fails_again_is_a_regression_that_says_how_often_and_whose(corpus: Corpus, endpoint: str) -> None:
    corpus.add("fallen")
    corpus.pytest(endpoint)
    corpus.replace_app("fallen", FAILS)
    done = corpus.pytest(endpoint, "--lsqm-confirm=2")
    (found,) = corpus.store.regressions()
    assert (found.attempts, found.attributed_to) == (3, "app")
    assert [each["status"] for each in corpus.results()["fallen"]["attempts"]] == ["FAILED"] * 3
    assert "REGRESSION fallen: PASSED → FAILED [app]" in done.stdout


def test_what_had_not_passed_before_is_run_by_the_printed_command_and_not_tried_again(
    corpus: Corpus, endpoint: str
) -> None:
    corpus.add("fallen", test=FAILS)
    corpus.add("standing")
    told = corpus.pytest(endpoint).stdout
    command = next(line for line in told.splitlines() if line.startswith("run it alone: ")).partition(": ")[2]
    done = corpus.pytest(*shlex.split(command)[2:])
    assert done.returncode == 1, done.stdout
    assert list(corpus.results()) == ["fallen"]
    assert "attempts" not in corpus.results()["fallen"] or corpus.results()["fallen"]["attempts"] == []


def test_confirmation_can_be_done_without(corpus: Corpus, endpoint: str) -> None:
    corpus.add("wavering", test=PASSES)
    corpus.pytest(endpoint)
    corpus.replace_app("wavering", fails_once(corpus.work / "mark"))
    assert corpus.pytest(endpoint, "--lsqm-confirm=0", LOOKS_OUT).returncode == 1
    assert [found.attempts for found in corpus.store.regressions()] == [1]


def test_a_number_of_tries_that_is_none_is_refused(corpus: Corpus) -> None:
    done = corpus.pytest("--lsqm-confirm=often")
    assert (done.returncode, "--lsqm-confirm takes a whole number, not 'often'" in done.stderr) == (4, True)
