"""The corpus of this repository: complete, alike in nothing, and every app of it through the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_lsqm import analysis
from pytest_lsqm.corpus import Store
from pytest_lsqm.emulators import editions
from pytest_lsqm.generation.checks import objections

ROOT = Path(__file__).parents[2] / "corpus"
STORE = Store(ROOT)
ARCHITECTURES = {each.hash: each for each in STORE.architectures()}


def test_there_are_sixty_architectures_over_thirty_two_services_and_fifty_for_the_free_edition() -> None:
    assert len(ARCHITECTURES) >= 60
    assert len({service for each in ARCHITECTURES.values() for service in each.services}) >= 32
    free = [each for each in ARCHITECTURES.values() if set(each.services) <= editions.FREE - {"lambda"}]
    assert len(free) >= 50
    assert len({each.name for each in ARCHITECTURES.values()}) == len(ARCHITECTURES)


@pytest.mark.parametrize("arch_hash", sorted(ARCHITECTURES))
def test_each_can_run_is_what_its_hash_says_and_has_an_app_that_passed_the_gate(arch_hash: str) -> None:
    architecture = ARCHITECTURES[arch_hash]
    folder = STORE.terraform_folder(arch_hash) / architecture.root
    facts = analysis.analyse(folder)
    assert not architecture.skipped
    assert analysis.skip_reasons(facts) == ()
    assert not facts.executes
    assert facts.services == architecture.services
    gathered = analysis.gather(folder, ignore=("metadata.json",))
    assert analysis.content_hash(gathered.files, gathered.root) == arch_hash
    app = STORE.app(arch_hash)
    assert app is not None
    assert objections(app.files) == []
    assert app.gate is not None
    assert app.gate.passed


def test_half_of_the_apps_are_written_by_hand() -> None:
    made = [app.model_used for each in ARCHITECTURES if (app := STORE.app(each)) is not None]
    assert 0.4 <= made.count("hand-written") / len(made) <= 0.6
    assert made.count("builtin") + made.count("hand-written") == len(made)


def test_the_page_names_each_architecture_once() -> None:
    page = (ROOT / "README.md").read_text()
    for arch_hash, architecture in ARCHITECTURES.items():
        assert page.count(f"| [{architecture.name}](architectures/{arch_hash}) |") == 1
