"""AWS emulators: how each kind is installed, started, kept apart, and handed to the architectures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.emulators.base import Emulator


def _localstack(version: str | None) -> Emulator:
    from pytest_lsqm.emulators.container import DockerLocalStack

    return DockerLocalStack(version)


def _localstack_host(version: str | None) -> Emulator:
    from pytest_lsqm.emulators.localstack_host import LocalStackHost

    return LocalStackHost(version)


def _ministack(version: str | None) -> Emulator:
    from pytest_lsqm.emulators.ministack import MiniStack

    return MiniStack(version)


def _moto(version: str | None) -> Emulator:
    from pytest_lsqm.emulators.moto import Moto

    return Moto(version)


def _auto(version: str | None) -> Emulator:
    from pytest_lsqm.emulators.choose import choose

    return choose(version).emulator


REGISTRY: dict[str, Callable[[str | None], Emulator]] = {
    "auto": _auto,
    "localstack": _localstack,
    "localstack-host": _localstack_host,
    "ministack": _ministack,
    "moto": _moto,
}
"""Every name that `--lsqm-emulator` takes, beside the URL of an emulator that already runs."""


def create(name_at_version: str, *, version: str | None = None) -> Emulator:
    """Return the emulator that `NAME`, `NAME@VERSION` or `http://host:port` names; a UsageError for others.

    A version in the name comes before `version`; with neither, each kind knows its own default.
    """
    if "://" in name_at_version:
        from pytest_lsqm.emulators.endpoint import Endpoint

        return Endpoint(name_at_version)
    name, _, named = name_at_version.partition("@")
    factory = REGISTRY.get(name)
    if factory is None:
        raise UsageError(
            f"there is no emulator {name!r}. Give --lsqm-emulator one of {', '.join(REGISTRY)}, "
            "with @VERSION if you like, or the http://host:port of one that already runs."
        )
    return factory(named or version)


def unserved(emulator: Emulator) -> dict[str, str]:
    """Return the AWS services that an emulator cannot serve here, with the reason of each."""
    return {**emulator.lacks(), **emulator.limits()}
