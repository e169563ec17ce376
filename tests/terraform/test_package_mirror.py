"""The mirror made from PyPI's package, on a package of the same shape with tiny releases in it."""

from __future__ import annotations

import hashlib
import platform
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import EnvironmentProblem, ProviderError
from pytest_lsqm.process import uv
from pytest_lsqm.terraform import providers
from tests.support.files import snapshot
from tests.support.registry import provider_zip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.project import Project
    from pytest_lsqm.terraform.providers import Mirror

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="the package's releases are for linux_amd64",
)

VERSIONS = ("2.70.0", "3.39.0")


class Package:
    """What the installer brings in place of PyPI's package."""

    def __init__(self) -> None:
        self.releases = {version: provider_zip("aws", version) for version in VERSIONS}
        self.installed = 0
        self.fails = False

    @property
    def checksums(self) -> dict[str, str]:
        return {version: hashlib.sha256(content).hexdigest() for version, content in self.releases.items()}

    def install(self, lock: Path, folder: Path, *, why: str, progress: Callable[[str], None]) -> None:
        assert "--hash=sha256:" in lock.read_text()
        progress(why)
        if self.fails:
            raise EnvironmentProblem("could not fetch providers; does a package index answer?")
        self.installed += 1
        (folder / "data").mkdir(parents=True)
        for version, content in self.releases.items():
            (folder / "data" / f"terraform-provider-aws_{version}_linux_amd64.zip").write_bytes(content)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Package:
    package = Package()
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(uv, "install_target", package.install)
    monkeypatch.setattr(providers, "PACKAGED", package.checksums)
    return package


def open_mirror(engine: Engine) -> Mirror:
    return providers.open_mirror("mirror", engine, lambda _: None)


def programs(folder: Path) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in snapshot(folder) if "terraform-provider-aws" in name)


WHOLE = [f"terraform-provider-aws_v{version}" for version in VERSIONS]


def test_the_releases_are_unpacked_where_terraform_looks_for_them(engine: Engine, package: Package) -> None:
    mirror = open_mirror(engine)
    assert not mirror.direct
    program = "hashicorp/aws/3.39.0/linux_amd64/terraform-provider-aws_v3.39.0"
    for host in providers.HOSTS:
        assert (mirror.folder / host / program).stat().st_mode & 0o111
    assert mirror.providers() == {"hashicorp/aws"}
    assert not (mirror.folder / "package").exists()


def test_the_package_is_fetched_once_and_said_once(engine: Engine, package: Package) -> None:
    said: list[str] = []
    first = providers.open_mirror("mirror", engine, said.append)
    assert providers.open_mirror("mirror", engine, said.append) == first
    assert (package.installed, len(said)) == (1, 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_with_another_checksum_is_refused_and_nothing_usable_is_left(
    engine: Engine, package: Package, tmp_path: Path, version: str
) -> None:
    honest = package.releases[version]
    package.releases[version] = honest + b"more"
    with pytest.raises(ProviderError, match=f"{version}.* is not the release that HashiCorp published"):
        open_mirror(engine)
    assert programs(tmp_path / "cache") == []
    package.releases[version] = honest
    assert programs(open_mirror(engine).folder) == WHOLE


def test_a_package_without_the_release_is_refused(engine: Engine, package: Package, tmp_path: Path) -> None:
    del package.releases["3.39.0"]
    with pytest.raises(ProviderError, match=r"3\.39\.0"):
        open_mirror(engine)
    assert programs(tmp_path / "cache") == []


def test_an_index_that_cannot_be_reached_is_said_and_tried_again_later(engine: Engine, package: Package) -> None:
    package.fails = True
    with pytest.raises(EnvironmentProblem, match="does a package index answer"):
        open_mirror(engine)
    package.fails = False
    assert programs(open_mirror(engine).folder) == WHOLE


def half_a_program(folder: Path) -> None:
    (folder / "registry.terraform.io/hashicorp/aws/2.70.0/linux_amd64/terraform-provider-aws_v2.70.0").write_text(
        "#"
    )


def half_the_versions(folder: Path) -> None:
    for path in sorted((folder / "registry.terraform.io/hashicorp/aws/3.39.0").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def package_still_there(folder: Path) -> None:
    (folder / "package/data").mkdir(parents=True)
    (folder / "package/data/terraform-provider-aws_3.39.0_linux_amd64.zip").write_bytes(b"torn")


def all_but_the_last_step(folder: Path) -> None:
    """Everything is there except `complete`, the link for OpenTofu's registry too."""


@pytest.mark.parametrize(
    "leave",
    [half_a_program, half_the_versions, package_still_there, all_but_the_last_step],
    ids=lambda f: f.__name__,
)
def test_a_mirror_that_was_left_half_made_is_mended(
    engine: Engine, package: Package, leave: Callable[[Path], None]
) -> None:
    folder = open_mirror(engine).folder
    whole = snapshot(folder)
    (folder / "complete").unlink()
    leave(folder)
    assert open_mirror(engine).folder == folder
    assert snapshot(folder) == whole
    assert package.installed == 2


@pytest.mark.slow
def test_terraform_takes_the_released_providers_from_the_mirror(
    project: Callable[..., Project], mirror: Mirror
) -> None:
    for version in VERSIONS:
        required = f'aws = {{ source = "hashicorp/aws", version = "{version}" }}'
        deployed = project({"main.tf": f"terraform {{\n  required_providers {{\n    {required}\n  }}\n}}\n"})
        assert deployed.init(60).ok
        assert deployed.provider_version() == version
        assert deployed.schema is not None


def test_the_command_line_configuration_names_the_mirror_and_no_other_source(
    mirror: Mirror, tmp_path: Path
) -> None:
    mirror.write_cli_config(tmp_path / "cli.tfrc")
    text = (tmp_path / "cli.tfrc").read_text()
    assert f'path = "{mirror.folder}"' in text
    assert "direct" not in text
    assert "network_mirror" not in text
