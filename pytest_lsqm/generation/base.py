"""What every generator of apps is given and gives back, so that the gate and the store treat all alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_lsqm.models import Architecture, TestApp


@dataclass(frozen=True)
class Resource:
    """One managed resource of a deployment.

    `attributes` is what the provider read back from the emulator, `asked` what the plan knew before anything
    was created: where the two differ, `asked` is what the configuration wants.
    """

    address: str
    type: str
    name: str
    attributes: Mapping[str, Any]
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Brief:
    """What a generator works from; `resources` and `outputs` are empty where nothing was deployed."""

    architecture: Architecture
    folder: Path
    """The folder of the architecture's files; its root module is `folder / architecture.root`."""
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """An app that has yet to pass the gate, or the sentence why there is none."""

    arch_hash: str
    app: TestApp | None = None
    reason: str | None = None


class Generator(Protocol):
    """Makes apps from briefs."""

    name: str
    needs_deployment: bool
    """Whether its briefs must tell what was deployed."""

    def generate(self, briefs: Sequence[Brief]) -> Iterable[Draft]:
        """Yield a draft for each brief, as they come."""

    def repair(self, brief: Brief, app: TestApp, reasons: Sequence[str]) -> Draft | None:
        """Try once more with what the gate said; None for a generator that would only say the same again."""
