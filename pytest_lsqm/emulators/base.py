"""What an emulator is to the rest of the program."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.models import EmulatorFacts


class Isolation(StrEnum):
    """How two architectures are kept apart on one running emulator."""

    ACCOUNT = "account"
    """A 12-digit access key is an account of its own: several architectures at a time."""
    RESET = "reset"
    """All state can be dropped: one architecture at a time, a reset between them."""
    PROCESS = "process"
    """Neither: one architecture, then a new emulator."""


class Instance(Protocol):
    """A running emulator; whoever started it stops it."""

    endpoint: str
    """`http://127.0.0.1:PORT`, without a path."""

    facts: EmulatorFacts

    def is_healthy(self, timeout: float = 5.0) -> bool:
        """Whether it answers its health check now, within `timeout` seconds."""

    def obituary(self) -> str:
        """What is known of its end, in one sentence, for an error message: exit code, last log lines."""

    def log_size(self) -> int:
        """A position in its log, in bytes, for `logs`."""

    def logs(self, since: int = 0) -> str:
        """Return what it has logged after that position: at most the last 64 KiB."""

    def memory(self) -> int | None:
        """Return the bytes of memory that it takes; None where that is not told."""

    def reset(self) -> None:
        """Drop all state (only where isolation is RESET); an EmulatorError when it cannot."""

    def stop(self) -> None:
        """End it and remove what it used; harmless when called twice or when it is dead already."""


class Emulator(Protocol):
    """One kind of emulator at one version, and how this machine runs it."""

    name: str
    """As in `--lsqm-emulator`; results are compared only within one name."""

    version: str

    isolation: Isolation

    single: bool
    """Whether there is only one, which nobody here can start anew."""

    chosen_because: str | None
    """Why it was taken when nobody named it, in one sentence; goes into the facts."""

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Fetch all that a start needs; safe when several processes ask; an EmulatorError if impossible."""

    def limits(self) -> Mapping[str, str]:
        """AWS services that it cannot serve on this machine: service to reason, a clause for a person."""

    def lacks(self) -> Mapping[str, str]:
        """AWS services that it has nowhere, whatever the machine: service to reason, as in `limits`."""

    def foreseen(self) -> EmulatorFacts | None:
        """Return the facts that `start` would give, once it is prepared; None where only a running one tells.

        The version of an image may still be its tag.
        """

    def start(self, *, ahead: bool = False) -> Instance:
        """Start one and wait until it is healthy; else an EmulatorError with the end of its log.

        With `ahead` its services are loaded before it is used, where it would load each at its first call:
        LocalStack fails now and then when several are called for the first time at once, and then for good.
        """
