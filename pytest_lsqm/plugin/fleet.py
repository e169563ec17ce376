"""The emulators of a run: chosen, fetched, started and ended by the controller alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm import emulators
from pytest_lsqm.emulators import remote
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.settings import cores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.emulators.pool import Start
    from pytest_lsqm.emulators.remote import Served
    from pytest_lsqm.settings import Settings


class Fleet:
    """One emulator kind at one version, and the pool of its running instances."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._emulator = emulators.create(settings.emulator, version=settings.emulator_version)
        self._served: Served | None = None
        self.pool: Pool | None = None
        self.limits: dict[str, str] = {}
        """AWS services that cannot be served here, with the reason of each."""

    @property
    def facts(self) -> EmulatorFacts:
        """What is known of the emulator before one runs."""
        return EmulatorFacts(
            name=self._emulator.name,
            version=self._emulator.version,
            chosen_because=self._emulator.chosen_because,
        )

    def prepare(self, say: Callable[[str], None]) -> None:
        """Fetch what a start needs; nothing in a dry run."""
        if not self._settings.dry_run:
            self._emulator.prepare(say)
        # After it was prepared: only then is it known what could not be fetched.
        self.limits = emulators.unserved(self._emulator)

    def foreseen(self) -> EmulatorFacts | None:
        """Return which emulator would answer, once it is prepared; None where that cannot be known."""
        return self._emulator.foreseen()

    def start(self, workers: int, notice: Callable[[Start], None], *, warm: bool = True) -> Pool:
        """Open the pool, if `warm` with a first instance that starts meanwhile; `notice` hears of every start."""
        fresh = self._settings.isolation == "fresh"
        self.pool = Pool(self._emulator, size=max(workers, 1), cores=cores(), fresh=fresh, notice=notice)
        if warm:
            self.pool.warm()
        return self.pool

    def address(self, host: str | None, tell: Callable[[Mapping[str, Any]], None]) -> str | None:
        """Return where workers on a host (None: this one) lease from the pool; None when there is none.

        `tell` is given what workers say of what they do.
        """
        if self._served is None and self.pool is not None:
            self._served = remote.serve(self.pool, tell)
        if self._served is None:
            return None
        return self._served.address if host is None else self._served.address_towards(host)

    def worker_gone(self, worker: str) -> None:
        """Take back what a worker held that died."""
        if self.pool is not None:
            self.pool.release_owner(worker)

    def close(self) -> None:
        """End everything; harmless when repeated."""
        if self._served is not None:
            self._served.close()
        if self.pool is not None:
            self.pool.close()
