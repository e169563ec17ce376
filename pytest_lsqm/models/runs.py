"""Runs and the results of their architectures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pytest_lsqm.models.base import SCHEMA_VERSION, ArchHash, Count, Part, Record, RunId, Status
from pytest_lsqm.models.observations import AttemptMade, Cause, Cleaning, Drift, Operations

if TYPE_CHECKING:
    from datetime import datetime


class EmulatorFacts(Part):
    """Which emulator answered, and what it was made of (`substitutions`: parts not its own)."""

    name: str
    version: str
    isolation: str | None = None
    digest: str | None = None
    python: str | None = None
    substitutions: tuple[str, ...] = ()
    chosen_because: str | None = None
    edition: str | None = None
    """What of it a token unlocks: `free`, or `token …` with the beginning of the token's digest."""


class ShardFacts(Part):
    """Which part of a corpus a run was given: `number` of `count`, and the hashes of what was selected in it.

    `plan` is a digest of the whole division: shards of one division have it in common.
    """

    number: PositiveInt
    count: PositiveInt
    plan: str
    architectures: tuple[ArchHash, ...] = ()


class RunConfig(Part):
    """The settings of a run: the content of `config.json`."""

    parallel: PositiveInt
    timeout: PositiveFloat
    token_budget: Count
    dry_run: bool
    # Optional additions.
    emulator: EmulatorFacts | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    isolation: str | None = None
    sandbox: str | None = None
    """How Terraform and the apps were confined: `bubblewrap`, `a container`, or `none: …` with the reason."""
    selection: tuple[str, ...] = ()
    shard: ShardFacts | None = None
    baseline: str | None = None
    """What it was to be compared with: `latest`, `none`, or a run's id."""


class RunSummary(Part):
    """Aggregate results of a run: the content of `summary.json`."""

    total: Count
    passed: Count
    partial: Count
    failed: Count
    timeout: Count
    error: Count
    new_architectures: Count
    tokens_used: Count
    duration_seconds: Annotated[float, Field(ge=0)]
    # Optional additions: architectures that were not run, with the reason of each; results of earlier runs.
    skipped: dict[str, str] = Field(default_factory=dict)
    reused: Count = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        counted = self.passed + self.partial + self.failed + self.timeout + self.error
        if counted != self.total:
            raise ValueError(f"total is {self.total}, but the statuses add up to {counted}")
        return self


class Run(Record):
    """One execution of the pipeline: `runs/{run_id}/`."""

    run_id: RunId
    started_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    localstack_version: str
    lsqm_version: str
    config: RunConfig
    summary: RunSummary

    @field_validator("completed_at")
    @classmethod
    def _after_the_start(cls, completed: datetime | None, info: ValidationInfo) -> datetime | None:
        started = info.data.get("started_at")
        if completed is not None and started is not None and completed <= started:
            raise ValueError("completed_at must be after started_at")
        return completed

    @property
    def emulator_kind(self) -> str:
        """What its results may be compared with: the emulator's name without its version."""
        return self.config.emulator.name if self.config.emulator else "localstack"


class TerraformApply(Part):
    """What `terraform apply` did."""

    success: bool
    resources_created: Count
    outputs: dict[str, Any]
    logs: str
    # Optional addition: Terraform's own diagnostics, as it printed them.
    diagnostics: tuple[dict[str, Any], ...] = ()


class TerraformDestroy(Part):
    """What `terraform destroy` did; it never changes a status."""

    success: bool
    resources_destroyed: Count
    leftovers: tuple[str, ...] = ()
    logs: str = ""


class TestOutcome(Part):
    """One test of an app."""

    __test__ = False

    name: str
    outcome: Literal["passed", "failed", "error", "skipped", "unfinished"]
    seconds: float = 0.0
    message: str | None = None
    # Optional additions: from when to when it ran, in seconds since the epoch.
    started: float | None = None
    ended: float | None = None


class TerraformTests(Part):
    """What an architecture's own `terraform test` counted; `problem`: why it could not be run to its end."""

    total: Count
    passed: Count
    failed: Count
    skipped: Count
    tests: tuple[TestOutcome, ...] = ()
    problem: str | None = None


class PytestResults(Part):
    """What the app's own pytest session counted; a test whose fixture broke or that never ended failed."""

    total: Count
    passed: Count
    failed: Count
    skipped: Count
    output: str
    # Optional additions.
    tests: tuple[TestOutcome, ...] = ()
    exit_code: int | None = None


class Stage(Part):
    """One step of a validation, with its wall time in seconds."""

    name: str
    seconds: float
    outcome: Literal["ok", "failed", "timeout", "error"]
    # Optional additions: when, and what went wrong, as the type of the error or the status and its message.
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    error_type: str | None = None
    message: str | None = None


class Modification(Part):
    """One thing that an override file added so that the architecture could run on an emulator."""

    file: str
    subject: str
    arguments: tuple[str, ...] = ()
    reason: str


class Reused(Part):
    """In which run a result was really obtained (never in one that reused it too); `at`: when it was reused."""

    run_id: RunId
    at: AwareDatetime


class ValidationResult(Record):
    """The outcome of one architecture in a run: `runs/{run_id}/results/{arch_hash}.json`."""

    arch_hash: ArchHash
    run_id: RunId
    status: Status
    started_at: AwareDatetime
    completed_at: AwareDatetime
    duration_seconds: PositiveFloat
    terraform_apply: TerraformApply | None = None
    pytest_results: PytestResults | None = None
    container_logs: str | None = None
    error_message: str | None = None
    # Optional additions.
    name: str | None = None
    services: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    terraform_destroy: TerraformDestroy | None = None
    terraform_tests: TerraformTests | None = None
    modifications: tuple[Modification, ...] = ()
    emulator: EmulatorFacts | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    timed_out_in: str | None = None
    operations: Operations = Field(default_factory=dict)
    drift: tuple[Drift, ...] | None = None
    """None where no second plan could be made."""
    cleaning: Cleaning | None = None
    """None where the emulator was not to serve another architecture in the state in which it was left."""
    cause: Cause | None = None
    digests: dict[str, str] = Field(default_factory=dict)
    """What the versions do not tell: of the app's files, of the emulator with all that it runs with."""
    flaky: bool = False
    """It failed first, and passed when it was tried again on a fresh emulator."""
    attempts: tuple[AttemptMade, ...] = ()
    """All tries, the first one first; empty where there was one."""
    set_aside: tuple[str, ...] = ()
    """Why tries before this one were not judged, a reason each: what came of them was not of what is tested."""
    reused: Reused | None = None
    """It was taken over from an earlier run in which nothing differed; all times are those of that run."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.status == "ERROR" and not self.error_message:
            raise ValueError("a result with status ERROR needs an error_message")
        if self.status in {"PASSED", "PARTIAL", "FAILED"} and self.pytest_results is None:
            raise ValueError(f"a result with status {self.status} needs pytest_results")
        return self


class Verdict(BaseModel):
    """What history needs of a ValidationResult: read without the logs, never written."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = SCHEMA_VERSION
    arch_hash: ArchHash
    run_id: RunId
    status: Status
    started_at: AwareDatetime
    completed_at: AwareDatetime
    name: str | None = None
    services: tuple[str, ...] = ()
    emulator: EmulatorFacts | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    digests: dict[str, str] = Field(default_factory=dict)
    cause: Cause | None = None
    flaky: bool = False
    attempts: tuple[AttemptMade, ...] = ()
    reused: Reused | None = None
