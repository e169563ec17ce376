"""What a verdict is found with is told as it is, and what cannot be told is left out."""

from __future__ import annotations

import importlib.metadata
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import subsession
from pytest_lsqm.process import uv
from pytest_lsqm.terraform.engine import Engine
from pytest_lsqm.terraform.providers import Mirror
from pytest_lsqm.validation import circumstances
from pytest_lsqm.validation.circumstances import Ground
from tests.plugin.conftest import make_app
from tests.support.architectures import QUEUE, put
from tests.support.files import write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Architecture

HOST = "registry.terraform.io"
PROGRAM = "{host}/{name}/{version}/linux_amd64/terraform-provider-{version}"
AWS, RANDOM = {"hashicorp/aws": "3.39.0"}, {"hashicorp/random": "3.1.0"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path / "cache"))
    for name, version in (AWS | RANDOM).items():
        unpack(tmp_path, name, version)
    return tmp_path


@pytest.fixture
def made(place: Path) -> tuple[Ground, Architecture]:
    store, architecture = put(place / "corpus", {"main.tf": QUEUE})
    store.add_app(make_app(architecture.hash, "def test_it(): pass\n"), replace=True)
    engine = Engine((), "terraform", "1.11.4", HOST)
    return Ground(store, engine, Mirror(place / "mirror", direct=True), 300, 60, "account", True), architecture


def unpack(place: Path, name: str, version: str, host: str = HOST, content: str = "a provider") -> None:
    write_tree(place / "mirror", {PROGRAM.format(host=host, name=name, version=version): content})


def digests(made: tuple[Ground, Architecture], used: dict[str, str]) -> dict[str, str]:
    ground, architecture = made
    return circumstances.digests(ground, architecture, ground.store.app_folder(architecture.hash), used)


def test_only_what_becomes_of_the_providers_in_use_is_another_circumstance(
    made: tuple[Ground, Architecture], place: Path
) -> None:
    before = digests(made, AWS)
    assert set(before) == {"architecture", "app", "packages", "plugin", "providers", "settings"}
    unpack(place, "hashicorp/random", "3.2.0")
    assert digests(made, AWS) == before
    both = digests(made, AWS | RANDOM)["providers"]
    unpack(place, "hashicorp/random", "3.1.0", content="another program")
    assert digests(made, AWS | RANDOM)["providers"] not in {both, before["providers"]}
    unpack(place, "hashicorp/aws", "4.0.0")
    assert digests(made, AWS)["providers"] != before["providers"]


def test_a_provider_whose_program_is_not_there_leaves_the_providers_unknown(
    made: tuple[Ground, Architecture], place: Path
) -> None:
    assert "providers" not in digests(made, AWS | {"example.com/acme/moon": "1.0.0"})
    unpack(place, "acme/moon", "1.0.0", host="example.com")
    assert "providers" in digests(made, AWS | {"example.com/acme/moon": "1.0.0"})


def test_providers_are_what_init_installed_and_the_one_that_is_kept_warm(tmp_path: Path) -> None:
    installed = (
        (HOST, "hashicorp/random", "3.1.0"),
        ("example.com", "acme/moon", "1.0.0"),
    )
    for host, name, version in installed:
        (tmp_path / ".terraform" / "providers" / host / name / version / "linux_amd64").mkdir(parents=True)
    project: Any = SimpleNamespace(
        root=tmp_path, engine=SimpleNamespace(registry=HOST), provider_version=lambda: "3.39.0"
    )
    assert circumstances.providers_of(project) == AWS | RANDOM | {"example.com/acme/moon": "1.0.0"}
    assert circumstances.providers_of(None) == {}


def test_an_app_with_packages_of_its_own_is_told_with_their_versions(
    made: tuple[Ground, Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    ground, architecture = made
    app = ground.store.app_folder(architecture.hash)
    tools = importlib.metadata.version("boto3")
    assert circumstances.versions(ground, app, {})["boto3"] == tools
    usual = digests(made, AWS)["packages"]
    (app / "requirements.txt").write_text("boto3==1.20.0\npytest\n")
    assert subsession.packages("boto3==1.20.0\npytest\n") is None
    assert "packages" not in digests(made, AWS), "its environment has yet to be made"
    asked: list[Path] = []

    def ensure(folder: Path, requirements: list[str]) -> Path:
        asked.append(folder)
        return folder / "bin" / "python"

    monkeypatch.setattr(uv, "ensure_environment", ensure)
    subsession.interpreter("boto3==1.20.0\npytest\n")
    metadata = "lib/python3.11/site-packages/boto3-1.20.0.dist-info/METADATA"
    write_tree(asked[0], {metadata: "Metadata-Version: 2.1\nName: boto3\nVersion: 1.20.0\n"})
    assert circumstances.versions(ground, app, {})["boto3"] == "1.20.0"
    assert digests(made, AWS)["packages"] not in {None, usual}


def test_what_is_broken_is_unknown(made: tuple[Ground, Architecture]) -> None:
    ground, architecture = made
    app = ground.store.app_folder(architecture.hash)
    (app / "requirements.txt").write_text("not a requirement at all!\n")
    assert "packages" not in digests(made, AWS)
    (app / "test_app.py").unlink()
    assert {"app", "settings"}.isdisjoint(digests(made, AWS))


def test_the_same_architecture_under_another_root_is_told_apart(made: tuple[Ground, Architecture]) -> None:
    ground, architecture = made
    other = architecture.model_copy(update={"root": "examples"})
    assert digests((ground, other), AWS)["settings"] != digests(made, AWS)["settings"]
    assert digests((replace(ground, confined=False), architecture), AWS) != digests(made, AWS)
