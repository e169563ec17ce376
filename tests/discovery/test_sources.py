"""What `sources.toml` says, and what is said of one that is wrong."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.discovery import sources
from pytest_lsqm.discovery.registry import TerraformRegistry
from pytest_lsqm.discovery.repositories import Repositories
from pytest_lsqm.discovery.sources import Configuration, RegistrySection
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import UsageError
from pytest_lsqm.github import GitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as made:
        yield made


def written(store: Path, text: str) -> Configuration:
    (store / "sources.toml").write_text(text)
    return sources.configuration(store)


def refused(store: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        written(store, text)
    reason = str(caught.value)
    assert reason.startswith(str(store / "sources.toml"))
    assert "`lsqm mine --print-sources`" in reason
    assert "\n" not in reason
    return reason


def no_github() -> GitHub:
    raise AssertionError("GitHub's client is made though nobody needs it")


def test_a_store_without_one_gets_the_packages_own(tmp_path: Path) -> None:
    asked = sources.configuration(tmp_path)
    assert asked.terraform_registry is not None
    assert asked.terraform_registry.url == "https://registry.terraform.io"
    assert asked.serverless is not None
    assert asked.serverless.repositories == ("serverless/examples",)
    assert asked.cdk is not None
    assert asked.cdk.repositories == ("aws-samples/aws-cdk-examples",)


def test_the_default_names_every_source_and_every_glob_has_its_owner() -> None:
    assert set(tomllib.loads(sources.default_text())) == set(sources.NAMES)
    github = Configuration.model_validate(tomllib.loads(sources.default_text())).github
    assert github is not None
    assert {name.split("/")[0] for name in github.repositories} <= set(github.owners)


def test_a_store_has_its_own(tmp_path: Path) -> None:
    text = '[terraform_registry]\nurl = "http://127.0.0.1:1"\nnamespaces = ["acme"]\nverified = false\n'
    asked = written(tmp_path, text)
    assert asked.terraform_registry == RegistrySection(
        url="http://127.0.0.1:1", namespaces=("acme",), verified=False
    )
    assert (asked.github, asked.serverless, asked.cdk) == (None, None, None)


def test_an_empty_one_names_no_source(tmp_path: Path) -> None:
    assert written(tmp_path, "") == Configuration()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[gitlab]\n", "gitlab: "),
        ('[github]\nowner = ["acme"]\n', "github.owner: "),
        ('[github]\nowners = "acme"\n', "github.owners: "),
        ("[github]\nowners = [5]\n", "github.owners.0: "),
        ('[github]\nowners = ["acme", ""]\n', "github.owners.1: "),
        ('[github]\nrepositories = ["acme"]\n', "github.repositories.0: "),
        ('[github]\nlargest = "huge"\n', "github.largest: "),
        ("[cdk]\nlargest = 1.5\n", "cdk.largest: "),
        ('[terraform_registry]\nurl = "registry.terraform.io"\n', "terraform_registry.url: "),
        ('[terraform_registry]\nurl = "file:///etc"\n', "terraform_registry.url: "),
        ("github = 5\n", "github: "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    assert named in refused(tmp_path, text)


@pytest.mark.parametrize("text", ["[github", "github = \n", "\x00"])
def test_what_is_no_toml_is_said(tmp_path: Path, text: str) -> None:
    assert "cannot be read: " in refused(tmp_path, text)


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"sources\.toml cannot be read: "):
        sources.configuration(tmp_path)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").mkdir()
    with pytest.raises(UsageError, match=r"sources\.toml cannot be read: "):
        sources.configuration(tmp_path)


# The sources themselves


def test_the_registry_gets_what_is_asked_of_it_and_no_client_of_github(web: Web) -> None:
    section = RegistrySection(url="http://127.0.0.1:1", namespaces=("a",), searches=("b",), verified=False)
    made = sources.create("terraform_registry", Configuration(terraform_registry=section), web, no_github)
    assert made == TerraformRegistry(web, "http://127.0.0.1:1", ("a",), ("b",), verified=False)
    assert made.name == "terraform_registry"


@pytest.mark.parametrize("name", ["github", "serverless", "cdk"])
def test_the_others_are_repositories_under_their_own_name(web: Web, name: Any) -> None:
    text = {"owners": ["o"], "repositories": ["r/r"], "searches": ["s"], "largest": 7}
    client = GitHub()
    made = sources.create(name, Configuration.model_validate({name: text}), web, lambda: client)
    assert made == Repositories(client, ("o",), ("r/r",), ("s",), 7, name=name)
    assert made.name == name


@pytest.mark.parametrize("name", sources.NAMES)
def test_a_source_without_a_section_is_said(web: Web, name: Any) -> None:
    with pytest.raises(UsageError, match=rf"sources\.toml has no section \[{name}\]"):
        sources.create(name, Configuration(), web, no_github)
