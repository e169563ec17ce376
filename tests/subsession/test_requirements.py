"""Requirements beyond what the tool's environment has: a cached environment of their own, never the tool's."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.errors import EnvironmentProblem
from pytest_lsqm.process import uv
from tests.support.apps import Runner, judge

OTHER = "iniconfig==1.1.1"
"""A tiny wheel in a version that the tool's environment does not have."""

WANTED = f"pytest\n{OTHER}\n"

TEST_VERSION = """
import importlib.metadata, json, sys
import iniconfig

def test_it():
    with open("seen.json", "w") as file:
        json.dump([importlib.metadata.version("iniconfig"), iniconfig.__file__, sys.executable], file)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that the tests of this module fill once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSQM_CACHE", str(cache))


def _tools_packages() -> dict[str, str]:
    return {found.name: found.version for found in importlib.metadata.distributions()}


def test_what_the_tools_environment_satisfies_runs_there(cache: Path) -> None:
    python, own = subsession.interpreter("boto3>=1.20\npytest\n# a remark\nfilelock; python_version < '3'\n")
    assert (python, own) == (Path(sys.executable), False)
    assert not (cache / "apps").exists()


@pytest.mark.parametrize("requirement", ["boto3<1", "a-package-that-is-not-here", "requests[socks]"])
def test_what_the_tools_environment_does_not_satisfy_asks_for_an_environment(
    requirement: str, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    asked: list[tuple[Path, list[str]]] = []

    def ensure(folder: Path, requirements: list[str]) -> Path:
        asked.append((folder, requirements))
        return folder / "bin" / "python"

    monkeypatch.setattr(uv, "ensure_environment", ensure)
    python, own = subsession.interpreter(f"pytest\n{requirement}\n")
    assert own
    [(folder, requirements)] = asked
    assert folder.parent == cache / "apps"
    assert python == folder / "bin" / "python"
    assert requirements == sorted(["pytest", "pytest-timeout", requirement])


@pytest.mark.slow
def test_an_app_that_wants_another_version_gets_it_in_an_environment_of_its_own(apps: Runner, cache: Path) -> None:
    before = _tools_packages()
    assert before["iniconfig"] != "1.1.1"
    report = apps.run(TEST_VERSION, requirements=WANTED)
    assert judge(report).status == "PASSED"
    version, module, executable = apps.read("seen.json")
    assert version == "1.1.1"
    assert Path(module).is_relative_to(cache / "apps")
    assert Path(executable).is_relative_to(cache / "apps")
    assert _tools_packages() == before


@pytest.mark.slow
def test_the_timeout_of_a_test_holds_in_an_environment_of_the_apps_own_too(apps: Runner) -> None:
    report = apps.run(
        "import time\ndef test_a(): time.sleep(600)\ndef test_b(): pass\n", requirements=WANTED, test_timeout=1
    )
    assert judge(report).status == "PARTIAL"


@pytest.mark.slow
def test_the_environment_is_made_once_for_the_same_requirements(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = subsession.interpreter(WANTED)
    monkeypatch.setattr(uv, "call", lambda *_: pytest.fail("uv was called for an environment that is there"))
    again, own = subsession.interpreter(f"{OTHER}  # in another order\n\npytest\n")
    assert (again, own) == (first, True)


@pytest.mark.slow
def test_an_environment_whose_making_was_killed_is_made_anew(apps: Runner, cache: Path) -> None:
    python, _ = subsession.interpreter(WANTED)
    folder = python.parent.parent
    half_made = folder.rename(folder.with_name(f".building-{folder.name}"))
    (half_made / "pyvenv.cfg").unlink()
    assert judge(apps.run(TEST_VERSION, requirements=WANTED)).status == "PASSED"
    assert python.is_file()
    assert not half_made.exists()


@pytest.mark.slow
def test_requirements_that_cannot_be_installed_are_the_machines_problem_and_leave_nothing_behind(
    cache: Path,
) -> None:
    before = set((cache / "apps").glob("*/"))
    with pytest.raises(EnvironmentProblem, match=r"could not install iniconfig==0\.0\.99"):
        subsession.interpreter("pytest\niniconfig==0.0.99\n")
    assert set((cache / "apps").glob("*/")) == before


def test_a_requirement_that_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="--index-url"):
        subsession.interpreter("pytest\n--index-url http://127.0.0.1:9\n")
