"""Names to emulators."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_lsqm import emulators, process
from pytest_lsqm.emulators.base import Emulator, Isolation
from pytest_lsqm.errors import UsageError


@pytest.mark.parametrize(
    ("asked", "version", "expected"),
    [
        ("localstack", None, ("localstack", "4.14.0")),
        ("localstack@4.6.0", None, ("localstack", "4.6.0")),
        ("localstack@sha256:abc", None, ("localstack", "sha256:abc")),
        ("localstack-host@4.7.0", "4.6.0", ("localstack-host", "4.7.0")),
        ("localstack-host", "4.6.0", ("localstack-host", "4.6.0")),
        ("ministack", None, ("ministack", "1.5.33")),
        ("moto@5.1.0", None, ("moto", "5.1.0")),
        ("http://127.0.0.1:4566/", None, ("endpoint", "unknown")),
    ],
)
def test_a_name_and_a_version_make_an_emulator(
    monkeypatch: pytest.MonkeyPatch, asked: str, version: str | None, expected: tuple[str, str]
) -> None:
    monkeypatch.delenv("LOCALSTACK_VERSION", raising=False)
    made: Emulator = emulators.create(asked, version=version)
    assert (made.name, made.version) == expected


def test_the_environment_names_the_version_when_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSTACK_VERSION", "4.7.0")
    assert emulators.create("localstack-host").version == "4.7.0"
    assert emulators.create("localstack-host@4.6.0").version == "4.6.0"


@pytest.mark.parametrize("name", ["localstak", "", "@4.14.0", "Moto"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=r"auto, localstack, localstack-host, ministack, moto.*http://host:port"):
        emulators.create(name)


@pytest.mark.parametrize("version", ["../../etc", "4.14.0 --index", "latest!", "-r"])
def test_what_is_no_version_never_becomes_a_path_or_a_command(version: str) -> None:
    for name in ("localstack-host", "ministack", "moto"):
        with pytest.raises(UsageError, match="is not a version"):
            emulators.create(name, version=version)


def test_each_emulator_knows_how_it_is_isolated() -> None:
    found = {
        name: emulators.create(name).isolation for name in ("localstack", "localstack-host", "ministack", "moto")
    }
    assert found == {
        "localstack": Isolation.ACCOUNT,
        "localstack-host": Isolation.ACCOUNT,
        "ministack": Isolation.ACCOUNT,
        "moto": Isolation.RESET,
    }


def test_the_registry_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, pytest_lsqm.emulators as e; e.create('localstack-host@4.6.0'); print(sorted(sys.modules))"
    environment = process.base_environment(tmp_path) | {"PYTHONPATH": str(Path(emulators.__file__).parents[2])}
    done = process.run([sys.executable, "-c", code], env=environment, timeout=30)
    assert done.ok, done.stderr
    assert not {"'docker'", "'testcontainers'", "'boto3'"} & set(done.stdout.strip("[]\n").split(", "))
