"""What all records share: their base classes, the types of their fields, the words of the data model."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

SCHEMA_VERSION = 1
"""The version of these records; a file with a larger one was written by a newer release."""

HISTORY_POINTS = 12
"""How many runs a trend remembers, per service and per architecture."""

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
