"""What MiniStack and moto share: one package of PyPI's, in an environment of its own, served on the loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.emulators import install, pythons, wire
from pytest_lsqm.emulators.host import HostInstance
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.base import Isolation
    from pytest_lsqm.emulators.host import Plan


class PackagedEmulator:
    """An emulator whose versions are all installed and started in the same way."""

    name: str
    isolation: Isolation
    single = False
    distribution: str
    extra: str
    default: str
    """The version that the lock file in `locks/` pins."""
    reset_path: str

    def __init__(self, version: str | None = None) -> None:
        self.version = install.checked_version(version or self.default)
        self.chosen_because: str | None = None
        self._environment: install.Environment | None = None
        self._python = pythons.running()

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Install it: from the lock, or with the dependencies of its day."""
        lock, day = None, None
        if self.version == self.default:
            lock = f"{self.name}-{self.version}.txt"
        folder = install.folder_of(self.name, self.version, self._python.minor)
        if lock is None and not (folder / install.COMPLETE).is_file():
            day = install.latest_safe_day(self.distribution, self.version)
        requirement = f"{self.distribution}[{self.extra}]=={self.version}"
        recipe = install.Recipe(self.name, self.version, requirement, self._python, lock, day)
        self._environment = install.ensure(recipe, progress)

    def limits(self) -> Mapping[str, str]:
        """What it cannot serve on this machine."""
        return {}

    def lacks(self) -> Mapping[str, str]:
        """Nothing is known of what it does not have: it answers for itself."""
        return {}

    def foreseen(self) -> EmulatorFacts | None:
        """Return the facts of what would be started, once it is installed."""
        return self._facts() if self._environment is not None else None

    def start(self, *, ahead: bool = False) -> HostInstance:
        """Start one and wait until it is healthy and answers a call of AWS's."""
        if self._environment is None:
            self.prepare(lambda _: None)
        instance = HostInstance(self._facts(), self._plan, self._healthy, self.reset_path)
        instance.wait()
        if not wire.answers_sts(instance.endpoint, "100000000001", timeout=wire.FIRST_ANSWER):
            try:
                raise EmulatorError(
                    f"{self.name} {self.version} says it is healthy, but fails even STS GetCallerIdentity. "
                    + instance.obituary()
                )
            finally:
                instance.stop()
        return instance

    def _facts(self) -> EmulatorFacts:
        return EmulatorFacts(
            name=self.name,
            version=self.version,
            isolation=self.isolation.value,
            digest=self._environment.digest() if self._environment else None,
            python=self._python.version,
            substitutions=self._substitutions(),
            chosen_because=self.chosen_because,
        )

    @property
    def _interpreter(self) -> Path:
        assert self._environment is not None
        return self._environment.python

    def _substitutions(self) -> tuple[str, ...]:
        return ()

    def _plan(self, folder: Path, port: int) -> Plan:
        raise NotImplementedError

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        raise NotImplementedError
