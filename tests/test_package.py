"""What is published: the wheel holds the package whole and nothing besides, and both archives are in order."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STEM = f"pytest_lsqm-{PROJECT['version']}"


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files of this repository, new ones that nobody has committed yet among them."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source archive, and of the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(built / f"{STEM}-py3-none-any.whl")


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return message_from_bytes(wheel.read(f"{STEM}.dist-info/METADATA"))


def test_the_wheel_holds_every_file_of_the_package_and_no_other(
    wheel: zipfile.ZipFile, tracked: list[str]
) -> None:
    ours = {name for name in tracked if name.startswith("pytest_lsqm/")}
    held = {name for name in wheel.namelist() if not name.startswith(f"{STEM}.dist-info/")}
    assert held == ours
    assert {"pytest_lsqm/py.typed", "pytest_lsqm/discovery/sources.toml"} <= held


def test_the_files_in_the_wheel_are_those_of_the_checkout(wheel: zipfile.ZipFile, tracked: list[str]) -> None:
    ours = [name for name in tracked if name.startswith("pytest_lsqm/")]
    assert [name for name in ours if wheel.read(name) != (ROOT / name).read_bytes()] == []


def test_the_source_archive_holds_the_package_its_tests_and_its_documents(built: Path, tracked: list[str]) -> None:
    with tarfile.open(built / f"{STEM}.tar.gz") as archive:
        held = {name.removeprefix(f"{STEM}/") for name in archive.getnames()}
    wanted = (
        "pytest_lsqm/",
        "tests/",
        "docs/",
        "tools/",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "pyproject.toml",
    )
    assert [name for name in tracked if name.startswith(wanted) and name not in held] == []
    assert [name for name in held if name.split("/")[0] in {".venv", ".git", ".tox"}] == []


def test_an_index_would_take_both(built: Path) -> None:
    files = sorted(built.iterdir())
    assert len(files) == 2
    told = run(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=built)
    assert told.count("PASSED") == 2


def test_the_package_says_what_it_is(metadata: Message, wheel: zipfile.ZipFile) -> None:
    assert metadata["Name"] == "pytest-lsqm"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert wheel.read(f"{STEM}.dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert "Framework :: Pytest" in (metadata.get_all("Classifier") or [])
    text = metadata.get_payload(decode=True)
    assert text == (ROOT / "README.md").read_bytes()
    entries = wheel.read(f"{STEM}.dist-info/entry_points.txt").decode()
    assert "[console_scripts]\nlsqm = pytest_lsqm.cli:main" in entries
    assert "[pytest11]\nlsqm = pytest_lsqm.plugin" in entries


def test_the_changelog_speaks_of_this_version() -> None:
    assert f"## {PROJECT['version']} " in (ROOT / "CHANGELOG.md").read_text()
