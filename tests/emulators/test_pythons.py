"""Finding interpreters that really run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "3.9" if sys.version_info[:2] != (3, 9) else "3.10"


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine with nothing on PATH and nothing at home; what lies in /usr/bin stays."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    pythons.find.cache_clear()
    yield
    pythons.find.cache_clear()


def _interpreter(folder: Path, says: str, code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"python{OTHER}"
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_the_interpreter_that_runs_this_is_always_there() -> None:
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = pythons.find(minor)
    assert found is not None
    assert found.minor == minor
    assert minor in pythons.available()


def test_one_on_path_is_found_with_its_whole_version(tmp_path: Path) -> None:
    path = _interpreter(tmp_path / "bin", f"{OTHER}.77")
    assert pythons.find(OTHER) == pythons.Interpreter(path, f"{OTHER}.77")


def test_a_pyenv_shim_is_not_an_interpreter_but_pyenvs_version_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shims = tmp_path / ".pyenv" / "shims"
    monkeypatch.setenv("PATH", str(shims))
    _interpreter(shims, f"{OTHER}.1")
    real = _interpreter(tmp_path / ".pyenv" / "versions" / f"{OTHER}.5" / "bin", f"{OTHER}.5")
    assert pythons.find(OTHER) == pythons.Interpreter(real, f"{OTHER}.5")


def test_pyenv_may_live_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "elsewhere"))
    real = _interpreter(tmp_path / "elsewhere" / "versions" / f"{OTHER}.5" / "bin", f"{OTHER}.5")
    assert pythons.find(OTHER) == pythons.Interpreter(real, f"{OTHER}.5")


def test_those_that_uv_manages_count(tmp_path: Path) -> None:
    folder = tmp_path / ".local" / "share" / "uv" / "python" / f"cpython-{OTHER}.2-linux" / "bin"
    real = _interpreter(folder, f"{OTHER}.2")
    assert pythons.find(OTHER) == pythons.Interpreter(real, f"{OTHER}.2")


@pytest.mark.skipif(Path(f"/usr/bin/python{OTHER}").exists(), reason="the machine has one itself")
@pytest.mark.parametrize(("says", "code"), [("3.2.1", 0), ("nothing", 127), ("", 0)])
def test_one_that_does_not_run_or_is_another_is_none(tmp_path: Path, says: str, code: int) -> None:
    _interpreter(tmp_path / "bin", says, code)
    assert pythons.find(OTHER) is None
