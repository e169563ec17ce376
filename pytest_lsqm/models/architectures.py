"""Architectures and their apps, and what has been looked at to find them."""

from __future__ import annotations

import ast
import re
from typing import Annotated, Literal

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import AwareDatetime, Field, PositiveInt, field_validator

from pytest_lsqm.models.base import ArchHash, Count, InnerFolder, Part, Rate, Record, SourceType, State, Url

APP_FILES = ("conftest.py", "app.py", "test_app.py", "requirements.txt")
"""The files of a TestApp: all four, and no others."""


class LostResource(Part):
    """A resource that the conversion to Terraform left out, and why."""

    name: str
    type: str
    reason: str


class Conversion(Part):
    """From what an architecture was converted to Terraform, and what of it was lost.

    `resources` counts those of the original; `lost_properties` are `Name.Property` of converted resources.
    """

    source_format: Literal["cloudformation", "sam", "serverless", "cdk"]
    resources: Count
    lost: tuple[LostResource, ...] = ()
    lost_properties: tuple[str, ...] = ()


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
    license: str | None = None
    """The SPDX identifier of the source's licence, if it states one."""
    commit: str | None = None
    predecessor: ArchHash | None = None
    """What the same source gave before it changed."""
    conversion: Conversion | None = None

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


class SeenPackage(Part):
    """A module or repository that was looked at, as of a revision.

    `architectures` by their path in it, `refused` the parts that could not be taken, each with the reason,
    `problem` why nothing of it could be.
    """

    revision: str
    seen_at: AwareDatetime
    architectures: dict[str, ArchHash] = Field(default_factory=dict)
    refused: dict[str, str] = Field(default_factory=dict)
    problem: str | None = None


class Seen(Record):
    """What was looked at on the way to new architectures, by its URL: `architectures/seen.json`."""

    packages: dict[str, SeenPackage]
