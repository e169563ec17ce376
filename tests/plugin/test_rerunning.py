"""The command that runs exactly one architecture again."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.plugin import rerunning
from pytest_lsqm.settings import Settings
from tests.corpus.records import A, result

HERE = Path("/home/somebody/project")
MOTO = EmulatorFacts(name="moto", version="5.2.5")


def command(
    *, roots: tuple[Any, ...] = (), path: str = "", name: str = "queue", changed: bool = False, **settings: Any
) -> list[str]:
    item: Any = SimpleNamespace(
        config=SimpleNamespace(invocation_params=SimpleNamespace(dir=HERE), getini=lambda name: changed),
        lsqm=SimpleNamespace(settings=Settings(**{"corpus": HERE / "corpus"} | settings), roots=roots),
        arch_hash=A,
        name=name,
        path=HERE / path,
    )
    failed = result(A, "FAILED").model_copy(update={"emulator": MOTO})
    return shlex.split(rerunning.command(item, failed))


def test_it_selects_the_architecture_on_the_emulator_that_was_chosen() -> None:
    assert command(emulator="auto") == ["pytest", "--lsqm", "-k", A, "--lsqm-emulator", "moto@5.2.5"]


def test_an_emulator_that_was_there_already_is_named_by_its_address() -> None:
    assert command(emulator="http://127.0.0.1:4566")[-1] == "http://127.0.0.1:4566"


def test_a_version_is_named_as_it_was_asked_for() -> None:
    assert command(emulator="localstack@sha256:0a1b")[-1] == "localstack@sha256:0a1b"


def test_another_store_is_named_as_one_sees_it_from_here() -> None:
    assert command(corpus=HERE / "my store")[4:6] == ["--lsqm-corpus", "my store"]
    assert command(corpus=Path("/srv/store"))[4:6] == ["--lsqm-corpus", "/srv/store"]


def test_a_root_of_a_folder_of_ones_own_is_named_by_its_node_id() -> None:
    found = command(roots=("one",), path="infra", name="network/vpc", corpus=Path("/cache/folders/1"))
    assert found == ["pytest", "--lsqm", "infra::network/vpc", "--lsqm-emulator", "moto@5.2.5"]


def test_settings_on_which_a_verdict_depends_are_repeated() -> None:
    found = command(isolation="fresh", timeout=900.0, allow_exec=True, baseline="none", confirm=3)
    assert found[6:] == ["--lsqm-isolation", "fresh", "--lsqm-timeout", "900", "--lsqm-allow-exec"]


def test_it_runs_anew_also_where_the_ini_file_asks_for_what_was_found_before() -> None:
    assert command(changed=True)[-2:] == ["-o", "lsqm_changed=false"]
    assert "lsqm_changed=false" not in command()
