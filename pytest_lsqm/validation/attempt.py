"""What a validation works with, and what is known of it so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm import masking
from pytest_lsqm.validation.circumstances import Ground
from pytest_lsqm.validation.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.pool import Lease, Leases
    from pytest_lsqm.generation.base import Generator
    from pytest_lsqm.masking import Masker
    from pytest_lsqm.models import (
        Architecture,
        Cleaning,
        Drift,
        PytestResults,
        Stage,
        TerraformApply,
        TerraformDestroy,
        TerraformTests,
        TestApp,
    )
    from pytest_lsqm.observing import Proxy
    from pytest_lsqm.process.forking import Forks
    from pytest_lsqm.process.jail import Jail
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.project import Project
    from pytest_lsqm.terraform.providers import Mirror
    from pytest_lsqm.terraform.warm import Warm


@dataclass(frozen=True)
class Tools:
    """What a validation works with; `announce` is told each stage's name as it begins."""

    store: Store
    engine: Engine
    mirror: Mirror
    leases: Leases
    timeout: float
    test_timeout: float
    announce: Callable[[str], None]
    generator: Generator | None = None
    """Writes the app of an architecture that has none, from what was deployed."""
    keep: Callable[[TestApp], None] = lambda app: None
    """Is given each app that was written."""
    confined: bool = False
    """Whether what is a stranger's runs in a jail."""
    ended: Callable[[Stage], None] = lambda stage: None
    """Is given each stage as it ends."""
    warm: Warm | None = None
    """Provider processes that are kept between architectures."""
    forks: Forks | None = None
    """Where apps are forked from; None to start a Python for each."""
    isolation: str = "account"

    @property
    def ground(self) -> Ground:
        """What of it a verdict may depend on."""
        return Ground(
            self.store,
            self.engine,
            self.mirror,
            self.timeout,
            self.test_timeout,
            self.isolation,
            self.confined,
        )


class Stop(Exception):
    """The verdict is found; no further stage is run."""

    def __init__(self, found: Verdict) -> None:
        super().__init__(found.status)
        self.verdict = found


@dataclass
class Attempt:
    """What is known of a validation so far; `deadline` is by the monotonic clock."""

    tools: Tools
    architecture: Architecture
    lease: Lease
    scratch: Path
    deadline: float
    proxy: Proxy | None = None
    """What stands before the emulator and notes what is asked of it."""
    jail: Jail | None = None
    """Where Terraform and the app run."""
    project: Project | None = None
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    resources: list[dict[str, Any]] = field(default_factory=list)
    credentials: frozenset[str] = frozenset()
    """What the configuration brings along and no record may show."""
    brings_tests: bool = False
    terraform_tests: TerraformTests | None = None
    app: TestApp | None = None
    """The app that was written for this attempt; the stored one is used where there is none."""
    applied: TerraformApply | None = None
    destroyed: TerraformDestroy | None = None
    results: PytestResults | None = None
    drift: tuple[Drift, ...] | None = None
    cleaning: Cleaning | None = None
    stages: list[Stage] = field(default_factory=list)

    @property
    def spoilt(self) -> bool:
        """Whether a provider process of ours ended on the way: then this attempt says nothing."""
        return self.project is not None and self.project.lent is not None and self.project.lent.spoilt

    @property
    def endpoint(self) -> str:
        """Where Terraform and the app reach the emulator."""
        return self.proxy.endpoint if self.proxy else self.lease.endpoint

    def masker(self) -> Masker:
        """Return what keeps the credentials that this attempt knows of out of what is written and shown."""
        texts = self.project.sensitive.texts if self.project else frozenset()
        return masking.masker(self.credentials | texts)

    def enter(self, phase: str) -> None:
        """Write this phase beside the operations from now on."""
        if self.proxy is not None:
            self.proxy.phase = phase

    def deployed(self) -> Project:
        """Return the project, which `prepare` has made."""
        assert self.project is not None
        return self.project

    def left(self) -> float:
        """Seconds until the architecture's time is over."""
        return self.deadline - time.monotonic()

    def stop(self, found: Verdict) -> Stop:
        """Make a failure the emulator's end when the emulator is what failed."""
        if found.status in {"PASSED", "ERROR"} or self.tools.leases.healthy(self.lease):
            return Stop(found)
        story = self.tools.leases.obituary(self.lease)
        return Stop(Verdict("ERROR", f"the emulator no longer answers: {story}", found.timed_out_in))
