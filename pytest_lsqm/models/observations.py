"""What was seen while an architecture was validated: operations, drift, and what a failure was put down to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from pytest_lsqm.models.base import Count, Part, Status

Operations = dict[str, dict[str, dict[str, Count]]]
"""By phase (`deploy`, `test`, `destroy`) and operation (`sqs.SendMessage`): how often each outcome was seen."""

CauseKind = Literal[
    "emulator_gap",
    "emulator_defect",
    "architecture",
    "tooling",
    "environment",
    "app",
    "timeout",
    "unknown",
]
"""What a failure is put down to.

An operation that the emulator does not have, or not in this edition; an answer of the emulator that is wrong;
the configuration itself; the versions of Terraform, a provider or an SDK; the machine; the app; the time, by
stage; and `unknown`, where nothing proves any of these.
"""


class Cause(Part):
    """Why an architecture is not PASSED.

    `operation` as the SDK names it, `resource` by its address, `error` in the words of whoever reported it,
    `proof` the exchanges and log lines that the class rests on: empty only for `unknown`.
    """

    kind: CauseKind
    stage: str | None = None
    service: str | None = None
    operation: str | None = None
    resource: str | None = None
    error: str = ""
    proof: Annotated[tuple[str, ...], Field(max_length=12)] = ()


ChangedPart = Literal["emulator", "provider", "terraform", "sdk", "app", "plugin"]

Attribution = Literal[
    "emulator", "provider", "terraform", "sdk", "app", "plugin", "environment", "several", "nothing_changed"
]
"""The one part that changed between two results; `several` blames none of them."""


class Changed(Part):
    """A part of the circumstances that is not what it was: with its version, digest or name, before and after."""

    part: ChangedPart
    before: str
    after: str


class Change(Part):
    """An attribute by its path, with what the state has and what a second plan would make of it, as JSON."""

    attribute: str
    before: str | None = None
    after: str | None = None


class Drift(Part):
    """A resource that a second plan wants to change right after it was made."""

    address: str
    actions: tuple[str, ...]
    changes: tuple[Change, ...] = ()


class Leftover(Part):
    """A thing that was still in the architecture's account when everything was destroyed."""

    service: str
    kind: str
    id: str
    region: str
    removed: bool
    answer: str | None = None
    """What the emulator said to its removal, where it stays."""


class Cleaning(Part):
    """What stood in an architecture's account of a shared emulator in the end; it changes no status."""

    leftovers: tuple[Leftover, ...] = ()
    unchecked: dict[str, str] = Field(default_factory=dict)
    """By operation that made something: why it could not be looked for."""

    @property
    def remains(self) -> tuple[Leftover, ...]:
        """What could not be removed."""
        return tuple(leftover for leftover in self.leftovers if not leftover.removed)


class AttemptMade(Part):
    """One of several tries at an architecture: the first, and those on fresh emulators that were to confirm it."""

    status: Status
    started_at: AwareDatetime
    duration_seconds: float
    error_message: str | None = None
    cause: Cause | None = None
