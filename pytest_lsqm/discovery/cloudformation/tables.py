"""What CloudFormation's types are in Terraform: tables in `types/*.toml`, one per group of services.

A type has its Terraform `type`, the attributes that `Ref` and `Fn::GetAtt` mean (`@` is the resource's
address), and `properties`, each of which is a rule:

- `"argument"`, with `!` behind it where Terraform requires it, and `| conversion` where the value changes;
- `argument = "…"` in a table, with `since` (the provider's version that brought it), `unless` (the default that
  need not be said) or `later` (the rule that takes its place `from` 5.0 or 6.0 on, where the name is another);
- `block`/`blocks = "name"` with rules `of` its properties, `flat = {}` for an object whose properties are
  arguments of its parent, `as` where a list's entry is the argument itself;
- `resource`/`resources = "aws_…"`: what Terraform has as a resource of its own, with `link`, its arguments that
  are attributes of the parent;
- `call = "function"` of `extras` or `elastic`, with the arguments it `gives`, `!` behind what Terraform requires.

`set` is what holds where nothing else is said; an object in it is a block.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Rule:
    """What becomes of a property; `kind` is the word of the table that leads to it."""

    kind: str
    name: str
    required: bool = False
    conversion: str | None = None
    of: dict[str, Rule] = field(default_factory=dict)
    element: Rule | None = None
    link: dict[str, str] = field(default_factory=dict)
    set: dict[str, Any] = field(default_factory=dict)
    gives: tuple[str, ...] = ()
    since: str | None = None
    unless: Any = None
    later: Rule | None = None
    start: int = 5
    """The major version from which on it takes the place of the one that it is `later` than."""

    def at(self, major: int) -> Rule:
        """Return the rule that holds for a provider's major version."""
        return self.later if self.later and major >= self.later.start else self

    def names(self) -> frozenset[str]:
        """Return the names of the arguments that Terraform requires of it."""
        if self.kind == "flat":
            return frozenset(name for rule in self.of.values() for name in rule.names()) - self.set.keys()
        given = frozenset(name.removesuffix("!") for name in self.gives if name.endswith("!"))
        return given | {self.name} if self.required else given


@dataclass(frozen=True)
class Target:
    """A list in a resource each of whose entries is a resource of its own in Terraform, as the argument `name`."""

    property: str
    type: str
    name: str


@dataclass(frozen=True)
class TypeTable:
    """What a type of CloudFormation is in Terraform."""

    type: str
    properties: dict[str, Rule]
    ref: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    named: str | None = None
    """The argument that Terraform requires as a name, where CloudFormation makes one up."""

    set: dict[str, Any] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    finish: str | None = None
    """The function of `finishing` that has the last word on the arguments."""

    gives: tuple[str, ...] = ()
    since: str | None = None


KINDS = ("argument", "block", "blocks", "flat", "resource", "resources", "call")


@cache
def load() -> dict[str, TypeTable]:
    """Read the tables of all types."""
    found: dict[str, TypeTable] = {}
    for file in sorted(resources.files(__package__).joinpath("types").iterdir(), key=lambda each: each.name):
        for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"{name} stands twice in the tables")
            found[name] = _type(table)
    return found


def _type(table: dict[str, Any]) -> TypeTable:
    rest = dict(table)
    return TypeTable(
        type=rest.pop("type"),
        properties={key: _rule(each) for key, each in rest.pop("properties", {}).items()},
        attributes=rest.pop("get", {}),
        targets=tuple(Target(**each) for each in rest.pop("targets", [])),
        gives=tuple(rest.pop("gives", ())),
        **rest,
    )


def _rule(entry: str | dict[str, Any]) -> Rule:
    table = {"argument": entry} if isinstance(entry, str) else dict(entry)
    kind = next(word for word in KINDS if word in table)
    named = table.pop(kind)
    word = named if isinstance(named, str) else ""
    name, _, conversion = (part.strip() for part in word.partition("|"))
    inner: Any = table.pop("of", named if kind == "flat" else {})
    element = table.pop("as", None)
    later: Any = table.pop("later", None)
    start: Any = table.pop("from", 5)
    return Rule(
        kind,
        name.removesuffix("!"),
        required=name.endswith("!"),
        conversion=conversion or None,
        of={key: _rule(each) for key, each in inner.items()},
        element=_rule(element) if element else None,
        later=_rule(later) if later else None,
        start=start,
        gives=tuple(table.pop("gives", ())),
        **table,
    )
