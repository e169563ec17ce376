"""Every record that is written to disk, as the data model fixes it.

The fields above each "Optional additions" comment are the data model's own, to the letter; those
below it are this project's additions, and each of them has a default. Unknown fields are kept, so
that rewriting a record never loses what another tool put there.
"""

from __future__ import annotations

import ast
import re
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

SCHEMA_VERSION = 1
"""The version of these records; a file with a larger one was written by a newer release."""

HISTORY_POINTS = 12
"""How many runs a trend remembers, per service and per architecture."""

APP_FILES = ("conftest.py", "app.py", "test_app.py", "requirements.txt")
"""The files of a TestApp: all four, and no others."""

SourceType = Literal["terraform_registry", "github", "serverless", "cdk"]
Status = Literal["PASSED", "PARTIAL", "FAILED", "TIMEOUT", "ERROR"]
State = Literal["discovered", "skipped", "ready", "has_app"]
Trend = Literal["improving", "stable", "declining"]

STATUSES: tuple[Status, ...] = ("PASSED", "PARTIAL", "FAILED", "TIMEOUT", "ERROR")
PASSING: tuple[Status, ...] = ("PASSED", "PARTIAL")
"""The statuses that a regression can start from; it ends in one of the other three."""


_ANY_URL = TypeAdapter(AnyUrl)


def _valid_url(text: str) -> str:
    _ANY_URL.validate_python(text)
    return text


def _inside(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\0" in text:
        raise ValueError("must be a relative path that stays inside the architecture's folder")
    return text


def _uuid4(text: str) -> str:
    parsed = UUID(text)
    # It is a folder's name, so the other spellings that Python accepts would be other runs.
    if parsed.version != 4 or str(parsed) != text.lower():
        raise ValueError("must be a UUID of version 4, in its usual form")
    return text


ArchHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{16}$")]
Url = Annotated[str, AfterValidator(_valid_url)]
RunId = Annotated[str, AfterValidator(_uuid4)]
Rate = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]
InnerFolder = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]


class Part(BaseModel):
    """A piece of a record: frozen, and it keeps the fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class Record(Part):
    """A record with a file, or a place in an array file, of its own."""

    schema_version: int = SCHEMA_VERSION


class Architecture(Record):
    """A discovered AWS infrastructure pattern: `architectures/{hash}/metadata.json`."""

    hash: ArchHash
    source_url: Url
    source_type: SourceType
    discovered_at: AwareDatetime
    services: Annotated[tuple[str, ...], Field(min_length=1)]
    resource_count: PositiveInt
    name: str | None = None
    description: str | None = None
    version: str | None = None
    skipped: bool = False
    skip_reason: str | None = None
    # Optional additions: the facts of the analysis that decide whether it can run here.
    resource_types: tuple[str, ...] = ()
    unknown_types: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    required_variables: tuple[str, ...] = ()
    executes: tuple[str, ...] = ()
    region: str | None = None
    root: InnerFolder = "."
    """The folder of the root module inside the architecture's folder."""

    def state(self, *, has_terraform: bool = True, has_app: bool = False) -> State:
        """Where it stands between its discovery and its first validation."""
        if self.skipped:
            return "skipped"
        if not has_terraform:
            return "discovered"
        return "has_app" if has_app else "ready"


class GateOutcome(Part):
    """Whether an app passed the gate, where and when; `noticed`: was each resource missed when it was away."""

    passed: bool
    checked_at: AwareDatetime
    emulator: str
    reasons: tuple[str, ...] = ()
    noticed: dict[str, bool] = Field(default_factory=dict)
    score: Rate | None = None


HAND_WRITTEN = "hand-written"
"""The `model_used` of an app that a person wrote."""


class TestAppMetadata(Record):
    """How a TestApp came to be: `apps/{arch_hash}/generated_at.json`.

    `unprobed`: the resource types of which the app reads attributes back, and no more.
    """

    __test__ = False  # its name is the data model's; pytest must not take it for a test

    arch_hash: ArchHash
    generated_at: AwareDatetime
    generator_version: str
    model_used: str
    input_tokens: Count
    output_tokens: Count
    # Optional additions.
    gate: GateOutcome | None = None
    unprobed: tuple[str, ...] = ()


class TestApp(TestAppMetadata):
    """A pytest application for one architecture: `apps/{arch_hash}/`, one file per entry of `files`."""

    files: dict[str, str]

    @field_validator("files")
    @classmethod
    def _complete(cls, files: dict[str, str]) -> dict[str, str]:
        if missing := [name for name in APP_FILES if name not in files]:
            raise ValueError(f"the app lacks {', '.join(missing)}")
        if unknown := sorted(set(files) - set(APP_FILES)):
            raise ValueError(f"an app has no file {unknown[0]!r}: it consists of {', '.join(APP_FILES)}")
        for name, text in files.items():
            if name.endswith(".py"):
                try:
                    ast.parse(text, filename=name)
                except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                    raise ValueError(f"{name} is not valid Python: {error}") from error
        named = {requirement.name.lower() for requirement in parse_requirements(files["requirements.txt"])}
        if missing := [name for name in ("boto3", "pytest") if name not in named]:
            raise ValueError(f"requirements.txt must include {' and '.join(missing)}")
        return files


def parse_requirements(text: str) -> list[Requirement]:
    """Read the lines of a `requirements.txt`; a line that is no plain requirement is a ValueError."""
    found = []
    for line in text.splitlines():
        if stripped := re.split(r"(?:^|\s)#", line)[0].strip():
            try:
                found.append(Requirement(stripped))
            except InvalidRequirement as error:
                raise ValueError(f"requirements.txt: {stripped!r} is not a requirement: {error}") from error
    return found


class EmulatorFacts(Part):
    """Which emulator answered, and what it was made of (`substitutions`: parts not its own)."""

    name: str
    version: str
    isolation: str | None = None
    digest: str | None = None
    python: str | None = None
    substitutions: tuple[str, ...] = ()
    chosen_because: str | None = None


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
    selection: tuple[str, ...] = ()


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
    # Optional addition: architectures that were not run, with the reason of each.
    skipped: dict[str, str] = Field(default_factory=dict)

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


class Modification(Part):
    """One thing that an override file added so that the architecture could run on an emulator."""

    file: str
    subject: str
    arguments: tuple[str, ...] = ()
    reason: str


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

    arch_hash: ArchHash
    run_id: RunId
    status: Status
    started_at: AwareDatetime
    completed_at: AwareDatetime
    name: str | None = None
    services: tuple[str, ...] = ()


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


class IndexEntry(Part):
    """What the collection needs to know of one architecture, without opening any file of it."""

    source_url: str
    source_type: SourceType
    discovered_at: AwareDatetime
    has_app: bool
    last_validated: AwareDatetime | None = None
    last_status: Status | None = None
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


RECORDS: dict[str, type[Part]] = {
    "architecture": Architecture,
    "test-app": TestApp,
    "run": Run,
    "validation-result": ValidationResult,
    "regression": Regression,
    "service-trend": ServiceTrend,
    "index": Index,
    "architecture-trends": ArchitectureTrends,
}
"""The records by the name under which `lsqm schema` prints them."""
