"""What stands around a validation: the proxy before its emulator, and the jail for what is a stranger's."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.errors import UsageError
from pytest_lsqm.observing import Proxy
from pytest_lsqm.process import container, jail
from pytest_lsqm.process.container import ContainerJail
from pytest_lsqm.process.jail import ENDPOINT, Jail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Lease
    from pytest_lsqm.terraform.engine import Engine


@dataclass(frozen=True)
class Surroundings:
    """The proxy through which all is asked, and the jail from which it is, None where there is none."""

    proxy: Proxy
    jail: Jail | None


@contextmanager
def around(lease: Lease, folder: Path, *, confined: bool) -> Iterator[Surroundings]:
    """Put a proxy before the emulator of a lease; `confined`, it is the only thing that a jail leads to."""
    if not confined:
        with Proxy(lease.endpoint) as proxy:
            yield Surroundings(proxy, None)
        return
    door = folder / "door"
    door.mkdir()
    with Proxy(lease.endpoint, socket=(door / "emulator", ENDPOINT)) as proxy:
        yield Surroundings(proxy, kind()(socket=door / "emulator"))


def kind() -> type[Jail]:
    """Return the jail of this machine: bubblewrap's, or where that is not to be had, a container."""
    return Jail if jail.unavailable() is None else ContainerJail


@cache
def unavailable(engine: Engine) -> str | None:
    """Say why strangers' programs cannot be confined on this machine; None where they can."""
    reasons = [jail.unavailable(), container.unavailable()] if kind() is ContainerJail else []
    if reasons and reasons[-1]:
        return ", and ".join(reason for reason in reasons if reason)
    env = {"PATH": os.environ.get("PATH", os.defpath), "CHECKPOINT_DISABLE": "1"}
    within = kind()(readable=engine.paths())
    done = process.run([*engine.argv, "version"], env=env, timeout=60.0, jail=within)
    return None if done.ok else f"{engine.name} does not start in {within.means}: {done.describe(lines=2)}"


def wanted(mode: str, engine: Engine) -> tuple[bool, str | None]:
    """Return whether to confine for `--lsqm-sandbox MODE`, and why not, where it was asked for and cannot be.

    Raises UsageError where `strict` cannot be had.
    """
    if mode == "off":
        return False, "--lsqm-sandbox off"
    reason = unavailable(engine)
    if reason and mode == "strict":
        raise UsageError(f"--lsqm-sandbox strict: nothing can be confined on this machine: {reason}")
    return reason is None, reason
