"""`--lsqm-emulator auto`: which emulator this machine can run best, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.emulators import install, releases
from pytest_lsqm.errors import EmulatorError

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Emulator


@dataclass(frozen=True)
class Choice:
    """The emulator that was chosen, with the reason in one sentence."""

    emulator: Emulator
    reason: str


def choose(version: str | None = None) -> Choice:
    """Take a container where an engine has or gets the image, else a host process, else MiniStack."""
    from pytest_lsqm.emulators.container import DockerLocalStack, engine

    if engine.find() is None:
        why_not = "no container engine answers here"
    else:
        container = DockerLocalStack(version)
        if container.is_obtainable():
            return _chosen(container, f"a container engine answers here and has or can pull {container.image}")
        why_not = f"the container engine here neither has nor can pull {container.image}"
    if not install.uv_present():
        raise EmulatorError(
            f"no emulator can run here: {why_not}, and uv is missing, which installs the others. "
            "Run pip install 'pytest-lsqm[local]'."
        )
    from pytest_lsqm.emulators.localstack_host import LocalStackHost

    if version is not None or releases.newest_runnable() is not None:
        host = LocalStackHost(version)
        settled = f"; {host.chosen_because}" if host.chosen_because else ""
        return _chosen(host, f"{why_not}, so LocalStack runs as a process of this machine{settled}")
    from pytest_lsqm.emulators.ministack import MiniStack

    pythons = " or ".join(sorted({release.python for release in releases.KNOWN}))
    return _chosen(MiniStack(), f"{why_not}, and there is no Python {pythons} for LocalStack, so MiniStack runs")


def _chosen(emulator: Emulator, reason: str) -> Choice:
    emulator.chosen_because = reason
    return Choice(emulator, reason)
