"""Which sources there are, and what `sources.toml` says of each."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_lsqm.discovery.registry import TerraformRegistry
from pytest_lsqm.discovery.repositories import Repositories
from pytest_lsqm.errors import UsageError
from pytest_lsqm.models import SourceType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.discovery.base import Source
    from pytest_lsqm.discovery.web import Web
    from pytest_lsqm.github import GitHub

FILE = "sources.toml"

NAMES: tuple[SourceType, ...] = get_args(SourceType)

Names = tuple[Annotated[str, Field(min_length=1)], ...]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RegistrySection(_Section):
    """What is asked of the Terraform Registry."""

    url: Annotated[str, Field(pattern=r"^https?://")] = "https://registry.terraform.io"
    namespaces: Names = ()
    searches: Names = ()
    verified: bool = True


class RepositoriesSection(_Section):
    """Which repositories of GitHub are looked at; `largest` in kilobytes."""

    owners: Names = ()
    repositories: tuple[Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")], ...] = ()
    searches: Names = ()
    largest: int = 500_000


class Configuration(BaseModel):
    """The content of `sources.toml`: a section per source; one that is absent is not looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    terraform_registry: RegistrySection | None = None
    github: RepositoriesSection | None = None
    serverless: RepositoriesSection | None = None
    cdk: RepositoriesSection | None = None


def default_text() -> str:
    """Return the `sources.toml` that comes with the package."""
    return (resources.files("pytest_lsqm.discovery") / FILE).read_text(encoding="utf-8")


def configuration(store: Path) -> Configuration:
    """Read the store's own `sources.toml`, or the package's where it has none."""
    path = store / FILE
    try:
        text = path.read_text(encoding="utf-8") if os.path.lexists(path) else default_text()
        return Configuration.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}; `lsqm mine --print-sources` prints a good one"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path}: {where}: {first['msg']}; `lsqm mine --print-sources` shows all there is to say"
        ) from error


def create(name: SourceType, asked: Configuration, web: Web, github: Callable[[], GitHub]) -> Source:
    """Make one source; GitHub's client is made when a source needs it."""
    section = getattr(asked, name)
    if section is None:
        raise UsageError(f"{FILE} has no section [{name}]: `lsqm mine --print-sources` shows one")
    if isinstance(section, RegistrySection):
        return TerraformRegistry(web, section.url, section.namespaces, section.searches, section.verified)
    return Repositories(
        github(), section.owners, section.repositories, section.searches, section.largest, name=name
    )
