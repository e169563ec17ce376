"""Environments for emulators: locked, complete or absent, one builder at a time."""

from __future__ import annotations

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm import process
from pytest_lsqm.emulators import install, pythons
from pytest_lsqm.errors import EmulatorError, EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = sorted(path.name for path in (resources.files("pytest_lsqm.emulators") / "locks").iterdir())
PIN = re.compile(r"[a-z0-9][a-z0-9-]*(\[[a-z,-]+\])?==[^ ;]+( ; [^:/]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path))
    return tmp_path


def _recipe(requirement: str = "packaging==24.0", day: date | None = None) -> install.Recipe:
    return install.Recipe("thing", "1", requirement, pythons.running(), day=day)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_pins_and_hashes_and_nothing_else(name: str) -> None:
    text = (resources.files("pytest_lsqm.emulators") / "locks" / name).read_text()
    strange = [line for line in text.splitlines() if not PIN.fullmatch(line) and not HASH.fullmatch(line)]
    assert strange == []
    assert text.count("--hash=") > 20


def test_an_environment_is_its_own_and_says_what_it_is(cache: Path) -> None:
    said: list[str] = []
    environment = install.ensure(_recipe(), said.append)
    assert environment.folder == cache / "emulators" / f"thing-1-py{pythons.running().minor}"
    done = process.run(
        [environment.python, "-c", "import packaging; print(packaging.__file__, packaging.__version__)"],
        env=process.base_environment(cache / "home"),
        timeout=20,
    )
    assert done.stdout.split()[1] == "24.0"
    assert done.stdout.startswith(str(environment.folder))
    assert json.loads((environment.folder / install.COMPLETE).read_text())["requirement"] == "packaging==24.0"
    assert len(said) == 1


def test_of_many_that_ask_at_once_one_builds(cache: Path) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(6) as executor:
        found = set(executor.map(lambda _: install.ensure(_recipe(), said.append).folder, range(6)))
    assert len(found) == 1
    assert len(said) == 1
    assert not list((cache / "emulators").glob(".building*"))


def test_one_that_was_cut_off_is_built_again(cache: Path) -> None:
    half = install.folder_of("thing", "1", pythons.running().minor)
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").symlink_to(sys.executable)
    (cache / "emulators" / f".building-{half.name}").mkdir()
    assert install.find(_recipe()) is None
    assert list(install.ensure(_recipe(), lambda _: None).folder.glob("lib/*/site-packages/packaging"))


def test_a_requirement_that_cannot_be_had_leaves_nothing_behind(cache: Path) -> None:
    with pytest.raises(EmulatorError, match="installing failed"):
        install.ensure(_recipe("packaging==0.0.0.0.1"), lambda _: None)
    assert not list((cache / "emulators").glob("thing*"))
    assert not list((cache / "emulators").glob(".building*"))


def test_a_day_bounds_what_is_installed(cache: Path) -> None:
    environment = install.ensure(_recipe("packaging", day=date(2023, 9, 1)), lambda _: None)
    assert list(environment.folder.glob("lib/*/site-packages/packaging-23.1.dist-info"))


def test_what_is_installed_once_more_is_the_same_archive_by_archive_or_it_is_refused(cache: Path) -> None:
    first = install.ensure(_recipe("packaging>=23,<24"), lambda _: None)
    (lock,) = (cache / "locks").glob("thing-1-*.txt")
    assert lock.read_text().startswith(first.packages()[0])

    shutil.rmtree(first.folder)
    assert install.ensure(_recipe("packaging>=23,<24"), lambda _: None).packages() == first.packages()
    shutil.rmtree(first.folder)
    lock.write_text(re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", lock.read_text()))
    with pytest.raises(EmulatorError, match=r"(?s)installing failed.*Hash mismatch"):
        install.ensure(_recipe("packaging>=23,<24"), lambda _: None)


def test_the_day_of_a_release_is_found_by_asking(cache: Path) -> None:
    assert install.release_day("packaging", "24.0") == date(2024, 3, 10)


def test_a_release_that_does_not_exist_has_no_day(cache: Path) -> None:
    with pytest.raises(EmulatorError, match=r"localstack-core 4\.99\.0 cannot be resolved"):
        install.release_day("localstack-core", "4.99.0")
    with pytest.raises(EmulatorError, match=r"localstack-core 4\.99\.0 cannot be resolved"):
        install.python_named_by("localstack-core", "4.99.0")


@pytest.mark.parametrize(("version", "python"), [("4.6.0", "3.11"), ("4.14.0", "3.13")])
def test_a_release_names_its_python_in_its_classifiers(cache: Path, version: str, python: str) -> None:
    assert install.python_named_by("localstack-core", version) == python


def test_without_uv_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentProblem, match=r"pip install 'pytest-lsqm\[local\]'"):
        install.ensure(_recipe(), lambda _: None)
