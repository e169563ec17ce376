"""What `auto` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators import choose, create, install, pythons, releases
from pytest_lsqm.errors import EmulatorError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.emulators.container import DockerLocalStack


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.delenv("LOCALSTACK_VERSION", raising=False)


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_localstack_runs_on_the_host_and_says_why() -> None:
    choice = choose.choose("4.6.0")
    assert choice.emulator.name == "localstack-host"
    assert choice.emulator.version == "4.6.0"
    assert choice.emulator.chosen_because == choice.reason
    assert choice.reason.startswith("no container engine answers here")
    assert create("auto@4.6.0").chosen_because == choice.reason


@pytest.mark.usefixtures("no_engine")
def test_without_a_python_for_localstack_ministack_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "newest_runnable", lambda: None)
    choice = choose.choose()
    assert choice.emulator.name == "ministack"
    assert "no Python 3.11 or 3.13" in choice.reason


@pytest.mark.usefixtures("no_engine")
def test_an_older_localstack_is_taken_where_its_python_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    old = pythons.running()
    monkeypatch.setattr(pythons, "find", lambda minor: old if minor == "3.11" else None)
    monkeypatch.setattr(releases.newest_runnable, "__defaults__", (pythons.find,))
    choice = choose.choose()
    assert choice.emulator.version == "4.8.1"
    assert "4.14.0 wants Python 3.13, which is not here" in choice.reason


@pytest.mark.usefixtures("no_engine")
def test_with_nothing_at_all_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "uv_present", lambda: False)
    with pytest.raises(EmulatorError, match=r"pip install 'pytest-lsqm\[local\]'"):
        choose.choose()


@pytest.mark.docker
def test_an_engine_with_the_image_is_preferred(docker_localstack: DockerLocalStack) -> None:
    choice = choose.choose()
    assert choice.emulator.name == "localstack"
    assert docker_localstack.image in choice.reason


@pytest.mark.docker
@pytest.mark.usefixtures("docker_localstack")
def test_an_engine_without_the_image_or_a_registry_is_not() -> None:
    choice = choose.choose("4.6.0")
    if choice.emulator.name == "localstack":
        pytest.skip("a registry is reachable here")
    assert "neither has nor can pull localstack/localstack:4.6.0" in choice.reason
