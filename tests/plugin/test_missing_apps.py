"""`--lsqm-generate`: apps that a corpus lacks are made before the run, through the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import QUEUE

if TYPE_CHECKING:
    from tests.plugin.conftest import Corpus

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_an_app_that_is_missing_is_made_stored_and_run(corpus: Corpus, endpoint: str, workers: list[str]) -> None:
    made = corpus.add("made", test=None)
    corpus.add("there")
    done = corpus.pytest(endpoint, "--lsqm-generate=builtin", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 PASSED of 2" in done.stdout
    app = corpus.store.app(made)
    assert app is not None
    assert app.model_used == "builtin"
    assert app.gate is not None
    assert app.gate.passed


def test_an_app_that_the_gate_refuses_is_not_stored_and_its_architecture_is_skipped_with_the_reason(
    corpus: Corpus, endpoint: str
) -> None:
    broken = corpus.add("broken", QUEUE % "not a name", test=None)
    corpus.add("there")
    done = corpus.pytest(endpoint, "--lsqm-generate=builtin", "-rs")
    assert "1 passed, 1 skipped" in done.stdout
    assert "what builtin wrote was refused: the reference deployment failed in apply" in done.stdout.replace(
        "\n", ""
    )
    assert not corpus.store.has_app(broken)


def test_by_itself_a_corpus_gets_no_apps(corpus: Corpus, endpoint: str) -> None:
    lacking = corpus.add("lacking", test=None)
    done = corpus.pytest(endpoint, "-rs")
    assert "--lsqm-generate builtin makes one" in done.stdout
    assert not corpus.store.has_app(lacking)


def test_a_budget_that_is_no_number_is_a_wrong_call(corpus: Corpus) -> None:
    done = corpus.pytest("--lsqm-token-budget=much")
    assert done.returncode == 4
    assert "--lsqm-token-budget takes a whole number, not 'much'" in done.stderr
