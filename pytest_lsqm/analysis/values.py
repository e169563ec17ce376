"""A Terraform configuration as data: blocks, and values that are literal as far as they can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Reference:
    """A name with its attributes: `var.region` is `("var", "region")`."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """A string with interpolations: text and values in turn."""

    parts: tuple[Value, ...]


@dataclass(frozen=True)
class Call:
    """A call of one of Terraform's functions."""

    name: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True)
class Expression:
    """Anything else, by the grammar's name for it; `parts` are the values inside it."""

    kind: str
    parts: tuple[Value, ...] = ()


Value = (
    str
    | int
    | float
    | bool
    | None
    | tuple["Value", ...]
    | dict[str, "Value"]
    | Reference
    | Template
    | Call
    | Expression
)


@dataclass(frozen=True)
class Body:
    """What stands between a block's braces."""

    attributes: dict[str, Value] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    def nested(self, kind: str) -> Iterator[Block]:
        """Go through the nested blocks of one type."""
        return (block for block in self.blocks if block.type == kind)


@dataclass(frozen=True)
class Block:
    """One block, with the place where it begins; `line` is 0 where the syntax is JSON."""

    type: str
    labels: tuple[str, ...]
    body: Body
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Where it begins: `main.tf:3`, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def address(self) -> str:
        """How Terraform's messages name it: `aws_sqs_queue.q`, `data.aws_ami.a`, `module.m`."""
        prefix = () if self.type == "resource" else (self.type,)
        return ".".join(prefix + self.labels)


def parts_of(value: Value) -> tuple[Value, ...]:
    """Give the values directly inside a value; none for a literal."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, dict):
        return tuple(value.values())
    if isinstance(value, Call):
        return value.arguments
    if isinstance(value, Template | Expression):
        return value.parts
    return ()
