"""Architectures on emulators of one's choice, without a pytest session around: for comparing and bisecting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pytest_lsqm import emulators
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.settings import DEFAULT_TEST_TIMEOUT, DEFAULT_TIMEOUT, cores
from pytest_lsqm.subsession import open_forks
from pytest_lsqm.terraform.engine import find_engine
from pytest_lsqm.terraform.providers import open_mirror
from pytest_lsqm.terraform.warm import Warm, switched_on
from pytest_lsqm.validation import confinement
from pytest_lsqm.validation.attempt import Tools
from pytest_lsqm.validation.course import validate
from pytest_lsqm.validation.eligible import reasons_against

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.emulators.base import Emulator
    from pytest_lsqm.models import IndexEntry, ValidationResult
    from pytest_lsqm.process.forking import Forks
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror


@dataclass(frozen=True)
class Bench:
    """What all emulators have in common: the store, Terraform and its providers; times in seconds."""

    store: Store
    engine: Engine
    mirror: Mirror
    say: Callable[[str], None]
    timeout: float = DEFAULT_TIMEOUT
    test_timeout: float = DEFAULT_TEST_TIMEOUT
    allow_exec: bool = False

    @classmethod
    def open(
        cls,
        store: Store,
        say: Callable[[str], None],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        test_timeout: float = DEFAULT_TEST_TIMEOUT,
    ) -> Bench:
        """Find Terraform and its providers, fetched where they lack."""
        engine = find_engine(say)
        return cls(store, engine, open_mirror("auto", engine, say), say, timeout, test_timeout)

    def on(self, label: str, *, size: int) -> Place:
        """Make an emulator ready by its `NAME@VERSION`, for `size` architectures at a time.

        Raises EmulatorError or UsageError where it cannot be.
        """
        emulator = emulators.create(label)
        emulator.prepare(self.say)
        return Place(self, label, emulator, Pool(emulator, size=size, cores=cores(), fresh=False))


@dataclass
class Place:
    """One emulator at one version, with its instances; ends them on leaving."""

    bench: Bench
    label: str
    emulator: Emulator
    pool: Pool
    limits: dict[str, str] = field(init=False)
    warm: Warm | None = field(default_factory=lambda: Warm() if switched_on() else None, init=False)
    forks: Forks | None = field(default_factory=lambda: open_forks() if switched_on() else None, init=False)

    def __post_init__(self) -> None:
        self.limits = emulators.unserved(self.emulator)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for kept in (self.warm, self.forks):
            if kept is not None:
                kept.close()
        self.pool.close()

    def reason_against(self, arch_hash: str, entry: IndexEntry) -> str | None:
        """Say why an architecture is not run on it; None when it is."""
        bench = self.bench
        found = reasons_against(entry, limits=self.limits, mirror=bench.mirror, allow_exec=bench.allow_exec)
        if reason := next(found, None):
            return reason
        return None if entry.has_app else f"has no app; lsqm generate --with builtin {arch_hash} makes one"

    def validate(self, arch_hash: str, run_id: str, *, fresh: bool = False) -> ValidationResult:
        """Find the verdict of one architecture on it."""
        bench = self.bench
        tools = Tools(
            store=bench.store,
            engine=bench.engine,
            mirror=bench.mirror,
            leases=self.pool,
            timeout=bench.timeout,
            test_timeout=bench.test_timeout,
            announce=lambda stage: None,
            warm=self.warm,
            forks=self.forks,
            confined=confinement.wanted("auto", bench.engine)[0],
        )
        return validate(bench.store.architecture(arch_hash), run_id, tools, fresh=fresh)
