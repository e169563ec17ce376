"""The running emulators of a run, lent to the architectures one lease at a time."""

from __future__ import annotations

import itertools
import math
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.errors import EmulatorError, EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lsqm.emulators.base import Emulator, Instance
    from pytest_lsqm.models import EmulatorFacts

SHARED_BY = 4
"""How many architectures share an instance whose accounts are apart."""

PATIENCE = 3
"""After how many failed starts in a row no further one is tried."""

DEFAULT_ACCOUNT = "123456789012"
"""What emulators without accounts of their own call theirs."""


@dataclass(frozen=True)
class Lease:
    """The right to use a running emulator as one account; it travels between processes."""

    endpoint: str
    account: str
    facts: EmulatorFacts
    log_position: int
    slot: int
    number: int
    outlives_us: bool = False
    """It is somebody else's, and will still run when this run is over."""
    shared: bool = False
    """Other architectures have it as it is, in accounts of theirs: at the same time, or after this one."""


GROWN = 3 * 2**30
"""Bytes of memory of all its processes from which on an instance is replaced as soon as nobody holds it: what it
keeps of accounts that nobody uses any more only grows. LocalStack 4.14.0 is there after a hundred or so."""


class Leases(Protocol):
    """What a validation needs: the same in the process that owns the emulators and in an xdist worker."""

    def lease(self, *, fresh: bool = False) -> Lease:
        """Wait for an emulator and take it, `fresh` one that nobody had before; an EmulatorError for none."""

    def release(self, lease: Lease, *, dirty: bool) -> None:
        """Give it back; `dirty` when it must not serve another architecture. Harmless when repeated."""

    def healthy(self, lease: Lease) -> bool:
        """Whether the emulator still answers."""

    def logs(self, lease: Lease) -> str:
        """Return what the emulator has logged since the lease began."""

    def obituary(self, lease: Lease) -> str:
        """Say what is known of the emulator's end."""


@dataclass(frozen=True)
class Start:
    """One try to start an emulator: where it answers, or why it does not."""

    started_at: datetime
    seconds: float
    endpoint: str | None = None
    error: BaseException | None = None


@dataclass
class _Slot:
    """A place for one instance; `instance` is None while it starts."""

    number: int
    instance: Instance | None = None
    retired: bool = False
    exclusive: bool = False
    """It was started for one lease, and ends with it."""
    busy: bool = False
    """It is being reset, and nobody may have it."""
    holders: dict[int, str] = field(default_factory=dict)
    """Owner by lease."""


class Pool:
    """Starts, shares, resets, replaces and stops instances of one emulator; `size` leases at a time.

    With `cores` there are no more shared instances than these bear.
    """

    def __init__(
        self,
        emulator: Emulator,
        *,
        size: int,
        fresh: bool,
        cores: int | None = None,
        notice: Callable[[Start], None] = lambda start: None,
    ) -> None:
        if fresh and emulator.single and emulator.isolation is not Isolation.RESET:
            raise UsageError(
                "--lsqm-isolation fresh needs an emulator that can be started anew; "
                "name one instead of a URL, or use --lsqm-isolation account."
            )
        self._emulator = emulator
        self._fresh = fresh
        self._notice = notice
        self._size = max(1, size)
        self._cores = cores
        self._changed = threading.Condition()
        self._slots: dict[int, _Slot] = {}
        self._numbers = itertools.count(1)
        # Random, so that two runs against one endpoint do not meet; counted, so that none comes twice.
        self._accounts = itertools.count(100_000_000_000 + secrets.randbelow(800_000_000_000))
        self._failures = 0
        self._last_failure = ""
        self._gone: set[str] = set()
        self._closed = False

    @property
    def _shared(self) -> bool:
        return self._emulator.isolation is Isolation.ACCOUNT and not self._fresh

    @property
    def _capacity(self) -> int:
        return max(SHARED_BY, math.ceil(self._size / self._most)) if self._shared else 1

    @property
    def _most(self) -> int:
        if self._emulator.single:
            return 1
        if not self._shared:
            return self._size
        # An instance uses one core, and a fourth of what is to be done is its work: more would take memory alone.
        bearable = max(1, self._cores // 2) if self._cores else self._size
        return min(math.ceil(self._size / SHARED_BY), bearable)

    def warm(self) -> None:
        """Start the first instance in the background, so that it is there when it is wanted."""
        with self._changed:
            if self._closed or self._slots:
                return
            slot = self._add_slot()
        threading.Thread(target=self._try_start, args=(slot,), name="lsqm-warm", daemon=True).start()

    def lease(self, owner: str = "main", *, fresh: bool = False) -> Lease:
        """Wait for a healthy instance with room and take a place on it; an EmulatorError when it cannot start.

        A `fresh` one is started for this lease alone, where the emulator is one that can be started.
        """
        while True:
            number = next(self._numbers)
            with self._changed:
                slot, is_new = self._claim(number, owner, fresh=fresh and not self._emulator.single)
            if is_new and (error := self._try_start(slot)):
                raise error
            instance = slot.instance
            if instance is None or not instance.is_healthy():
                self._give_back(slot, number, dirty=True)
                continue
            lease = Lease(
                endpoint=instance.endpoint,
                account=str(next(self._accounts))
                if self._emulator.isolation is Isolation.ACCOUNT
                else DEFAULT_ACCOUNT,
                facts=instance.facts,
                log_position=instance.log_size(),
                slot=slot.number,
                number=number,
                outlives_us=self._emulator.single,
                shared=self._shared and not slot.exclusive,
            )
            with self._changed:
                if owner not in self._gone:
                    return lease
            self.release(lease, dirty=False)
            raise EmulatorError(f"{owner} is gone")

    def release(self, lease: Lease, *, dirty: bool) -> None:
        """Give a place back; the last one on a retired instance stops it."""
        with self._changed:
            slot = self._slots.get(lease.slot)
        if slot is not None:
            self._give_back(slot, lease.number, dirty=dirty)

    def release_owner(self, owner: str) -> None:
        """Give back whatever a process held that died, and whatever it is still waiting for."""
        with self._changed:
            self._gone.add(owner)
            held = [(slot, n) for slot in self._slots.values() for n, by in slot.holders.items() if by == owner]
        for slot, number in held:
            # On a shared instance its account is simply never used again.
            self._give_back(slot, number, dirty=False)

    def healthy(self, lease: Lease) -> bool:
        """Whether the instance of that lease still answers."""
        instance = self._instance(lease)
        return instance is not None and instance.is_healthy()

    def logs(self, lease: Lease) -> str:
        """Return what the instance has logged since the lease began, other holders' requests included."""
        instance = self._instance(lease)
        return instance.logs(lease.log_position) if instance else ""

    def obituary(self, lease: Lease) -> str:
        """Say what is known of the end of the instance of that lease."""
        instance = self._instance(lease)
        return instance.obituary() if instance else "the emulator was stopped."

    def close(self) -> None:
        """Stop everything; whoever waits for a lease gets an EmulatorError. Harmless when repeated."""
        with self._changed:
            self._closed = True
            slots, self._slots = list(self._slots.values()), {}
            self._changed.notify_all()
        for slot in slots:
            if slot.instance is not None:
                slot.instance.stop()

    def _instance(self, lease: Lease) -> Instance | None:
        with self._changed:
            slot = self._slots.get(lease.slot)
            return slot.instance if slot else None

    def _claim(self, number: int, owner: str, *, fresh: bool) -> tuple[_Slot, bool]:
        """Wait for a place, under the lock; True with a new slot, which the caller has to start."""
        while True:
            if self._closed:
                raise EmulatorError("the run is over; no emulator is started any more.")
            if owner in self._gone:
                raise EmulatorError(f"{owner} is gone")
            usable = [slot for slot in self._slots.values() if not slot.retired and not slot.exclusive]
            ready = [
                slot for slot in usable if slot.instance and not slot.busy and len(slot.holders) < self._capacity
            ]
            if ready and not fresh:
                slot = min(ready, key=lambda slot: len(slot.holders))
                slot.holders[number] = owner
                return slot, False
            if fresh or len(usable) < self._most:
                if self._failures >= PATIENCE:
                    raise EmulatorError(
                        f"{self._last_failure} (not tried again after {PATIENCE} failures in a row)"
                    )
                slot = self._add_slot()
                slot.exclusive = fresh
                slot.holders[number] = owner
                return slot, True
            self._changed.wait()

    def _add_slot(self) -> _Slot:
        slot = _Slot(next(self._numbers))
        self._slots[slot.number] = slot
        return slot

    def _try_start(self, slot: _Slot) -> EnvironmentProblem | None:
        started, clock = datetime.now(UTC), time.monotonic()
        try:
            instance = self._emulator.start(ahead=self._size > 1 and not slot.exclusive and not self._fresh)
        except BaseException as error:
            self._notice(Start(started, time.monotonic() - clock, error=error))
            with self._changed:
                self._slots.pop(slot.number, None)
                self._failures += 1
                self._last_failure = str(error)
                self._changed.notify_all()
            if isinstance(error, EnvironmentProblem):
                return error
            if self._closed and isinstance(error, Exception):
                # What it was starting was taken from it when this process was about to end.
                return EmulatorError(f"the run is over: {error}")
            raise
        self._notice(Start(started, time.monotonic() - clock, instance.endpoint))
        with self._changed:
            self._failures = 0
            if not self._closed:
                slot.instance = instance
                self._changed.notify_all()
                return None
        # The pool was closed meanwhile, and what it did not know it could not stop.
        instance.stop()
        return EmulatorError("the run is over; the emulator that had just started was stopped.")

    def _give_back(self, slot: _Slot, number: int, *, dirty: bool) -> None:
        grown = not self._emulator.single and _has_grown(slot.instance)
        with self._changed:
            if slot.holders.pop(number, None) is None:
                return
            slot.retired = slot.retired or slot.exclusive or dirty or grown
            last = not slot.holders
            if last and not self._shared and not slot.retired:
                if self._emulator.isolation is Isolation.RESET:
                    slot.busy = True
                else:
                    slot.retired = True
        if slot.busy:
            self._reset(slot)
        stop = False
        with self._changed:
            if slot.retired and not slot.holders:
                stop = self._slots.pop(slot.number, None) is not None
            self._changed.notify_all()
        if stop and slot.instance is not None:
            slot.instance.stop()

    def _reset(self, slot: _Slot) -> None:
        assert slot.instance is not None
        # A fresh process was asked for, unless there is only one, whose reset is the next best thing.
        if self._fresh and not self._emulator.single:
            slot.retired = True
        else:
            try:
                slot.instance.reset()
            except EmulatorError:
                slot.retired = True
        slot.busy = False


def _has_grown(instance: Instance | None) -> bool:
    return instance is not None and (instance.memory() or 0) > GROWN
