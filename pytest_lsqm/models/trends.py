"""What many runs say together: regressions, trends, and the index of all architectures."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from pytest_lsqm.models.base import (
    HISTORY_POINTS,
    SCHEMA_VERSION,
    ArchHash,
    Count,
    Part,
    Rate,
    Record,
    RunId,
    SourceType,
    Status,
    Trend,
    Url,
)
from pytest_lsqm.models.observations import Attribution, Cause, Changed


class Regression(Record):
    """An architecture that passed in one run and no longer does: an element of `trends/regressions.json`."""

    arch_hash: ArchHash
    architecture_name: str | None = None
    from_run_id: RunId
    to_run_id: RunId
    from_status: Literal["PASSED", "PARTIAL"]
    to_status: Literal["FAILED", "TIMEOUT", "ERROR"]
    detected_at: AwareDatetime
    services_affected: tuple[str, ...]
    github_issue_url: Url | None = None
    # Optional addition: the emulator on which it was seen, with both versions.
    emulator: str | None = None
    from_version: str | None = None
    to_version: str | None = None
    changed: tuple[Changed, ...] = ()
    attributed_to: Attribution | None = None
    cause: Cause | None = None
    attempts: Count = 1
    """How often it failed: once, and at each try on a fresh emulator."""


class HistoryEntry(Part):
    """One run in a service's history."""

    run_id: str
    run_date: date
    total: Count
    passed: Count
    pass_rate: Rate


class ServiceTrend(Record):
    """How one AWS service fared over the last runs, newest first: an element of `trends/services.json`."""

    service_name: str
    current_pass_rate: Rate
    previous_pass_rate: Rate | None = None
    trend: Trend
    architecture_count: Count
    history: Annotated[tuple[HistoryEntry, ...], Field(max_length=HISTORY_POINTS)]
    # Optional addition: the emulator kind that the rates belong to.
    emulator: str | None = None


class ServiceOperations(Record):
    """The operations of one AWS service over the latest run: an element of `trends/operations.json`.

    `operations` by name and outcome, such as `{"sqs.SendMessage": {"200": 4}}`.
    """

    service_name: str
    run_id: RunId
    emulator: str
    architecture_count: Count
    operations: dict[str, dict[str, Count]]


class IndexEntry(Part):
    """What the collection needs to know of one architecture, without opening any file of it."""

    source_url: str
    source_type: SourceType
    discovered_at: AwareDatetime
    has_app: bool
    last_validated: AwareDatetime | None = None
    last_status: Status | None = None
    last_seconds: Annotated[float, Field(ge=0)] | None = None
    """How long its latest validation took: what took longest is begun first."""
    # Optional additions: what makes the test's name, its markers and its skip.
    name: str | None = None
    services: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    skipped: bool = False
    skip_reason: str | None = None
    executes: tuple[str, ...] = ()
    required_variables: tuple[str, ...] = ()


class Index(Part):
    """The master index of all architectures: `architectures/index.json`."""

    version: int = SCHEMA_VERSION
    last_updated: AwareDatetime
    count: Count
    architectures: dict[ArchHash, IndexEntry]


class ArchitectureHistoryEntry(Part):
    """One run in an architecture's history."""

    run_id: str
    status: Status


class ArchitectureTrend(Part):
    """How one architecture fared over the last runs, newest first."""

    name: str | None = None
    current_status: Status
    streak: Count
    history: Annotated[tuple[ArchitectureHistoryEntry, ...], Field(max_length=HISTORY_POINTS)]


class ArchitectureTrends(Part):
    """The history of every architecture: `trends/architectures.json`."""

    version: int = SCHEMA_VERSION
    last_updated: AwareDatetime
    architectures: dict[ArchHash, ArchitectureTrend]
    # Optional addition: the emulator kind that the statuses belong to.
    emulator: str | None = None
