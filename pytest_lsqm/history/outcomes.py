"""Runs with the outcomes in them, as comparisons and trends want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pytest_lsqm.models import AttemptMade, Cause, EmulatorFacts, Reused, Run, Status


class Circumstances(Protocol):
    """Under what a result was obtained, or would be now."""

    @property
    def emulator(self) -> EmulatorFacts | None:
        """Which emulator answered."""

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions of Terraform, the provider, the SDK, this plugin."""

    @property
    def digests(self) -> Mapping[str, str]:
        """What versions do not tell: of the app's files, of the emulator."""


class Standing(Protocol):
    """What trends need of an outcome."""

    @property
    def status(self) -> Status:
        """One of the five."""

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services of the architecture; empty where the record does not say."""

    @property
    def name(self) -> str | None:
        """The architecture's name."""

    @property
    def reused(self) -> Reused | None:
        """The run in which it was really obtained, where that is another one."""


class Outcome(Standing, Circumstances, Protocol):
    """What a Verdict and a ValidationResult have in common."""

    @property
    def started_at(self) -> datetime:
        """When its validation began."""

    @property
    def completed_at(self) -> datetime:
        """When it was over."""

    @property
    def flaky(self) -> bool:
        """Whether it passed only when it was tried again."""

    @property
    def attempts(self) -> Sequence[AttemptMade]:
        """All tries, where there was more than one."""

    @property
    def cause(self) -> Cause | None:
        """What its failure was put down to."""


class _Kept(NamedTuple):
    status: Status
    services: tuple[str, ...]
    name: str | None
    reused: Reused | None


@dataclass(frozen=True)
class RunStandings:
    """A run with how each architecture in it stood."""

    run: Run
    outcomes: Mapping[str, Standing]


@dataclass(frozen=True)
class RunOutcomes(RunStandings):
    """A run with the outcome of each architecture that was in it."""

    outcomes: Mapping[str, Outcome]

    def standings(self) -> RunStandings:
        """Return what trends need of it: of a year of runs, all else is too much to hold at once."""
        kept = {
            arch_hash: _Kept(outcome.status, outcome.services, outcome.name, outcome.reused)
            for arch_hash, outcome in self.outcomes.items()
        }
        return RunStandings(self.run, kept)


S = TypeVar("S", bound=RunStandings)


def origin(run_id: str, outcome: Standing) -> str:
    """Return the run in which an outcome of run `run_id` was really obtained."""
    return outcome.reused.run_id if outcome.reused else run_id


def newest_first(runs: Iterable[S]) -> list[S]:
    """Sort runs by their start."""
    return sorted(runs, key=lambda entry: order(entry.run), reverse=True)


def order(run: Run) -> tuple[datetime, str]:
    """Return what runs are sorted by."""
    return run.started_at, run.run_id
