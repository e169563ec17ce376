"""One resource of a template, turned into Terraform's by the tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import conversions, extras, finishing
from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, Piece, join, scalar
from pytest_lsqm.discovery.cloudformation.values import NO_VALUE, Lost, function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lsqm.discovery.cloudformation.intrinsics import Resolver
    from pytest_lsqm.discovery.cloudformation.stack import Stack
    from pytest_lsqm.discovery.cloudformation.tables import Rule, Target, TypeTable


class Builder:
    """Builds what one resource is in Terraform: `pieces`, with what was lost on the way in `lost`."""

    def __init__(self, stack: Stack, logical_id: str, table: TypeTable) -> None:
        self.stack, self.logical_id, self.table = stack, logical_id, table
        self.resolver: Resolver = stack.resolver
        self.name = stack.names[logical_id]
        self.pieces: list[Piece] = []
        self.lost: list[str] = []
        self.uses: set[str] = set()
        """The logical ids that it refers to."""

        self.files: dict[str, str] = {}
        self.assets: list[str] = []
        self.needs: dict[str, str] = {}
        """What wants a newer provider than the default one, by that provider's version."""

        self._reason: str | None = None
        resource = stack.resources[logical_id]
        found = self.resolver.peel(resource.get("Properties") or {})
        self.properties: dict[str, Any] = found if isinstance(found, dict) else {}
        metadata = resource.get("Metadata")
        self.metadata: dict[str, Any] = metadata if isinstance(metadata, dict) else {}

    def build(self) -> list[Piece]:
        """Build the resource; raises Lost where Terraform could not make it of what is there."""
        self.stack.watcher = self.uses
        if self.table.since:
            self.need(self.table.since, self.table.type)
        if self.table.targets:
            return self._one_per_target()
        piece = Piece("resource", (self.table.type, self.name))
        self.pieces.append(piece)
        body = self.body(self.properties, self.table.properties, self.logical_id)
        piece.body.update(self._completed(body))
        return self.pieces

    def _completed(self, body: dict[str, Any]) -> dict[str, Any]:
        named = self.table.named
        if named and named not in body:
            body = {named: self.made_up_name(), **body}
        body = _with(self.table.set, body)
        return finishing.FINISHES[self.table.finish](self, body) if self.table.finish else body

    def made_up_name(self) -> Any:
        """Return a name for what has none: the stack's, and the logical id."""
        return join([Expr("local.stack_name"), f"-{self.logical_id}"])

    def _one_per_target(self) -> list[Piece]:
        common = {target.property for target in self.table.targets}
        rules = {key: rule for key, rule in self.table.properties.items() if key not in common}
        given = {key: each for key, each in self.properties.items() if key not in common}
        body = self._completed(self.body(given, rules, self.logical_id))
        for target in self.table.targets:
            for value in self._targets(target):
                number = len(self.pieces) + 1
                name = self.name if number == 1 else f"{self.name}_{number}"
                self.pieces.append(Piece("resource", (target.type, name), {target.name: value, **body}))
        if not self.pieces:
            raise Lost(self._reason or f"it names no {' and no '.join(sorted(common))}")
        return self.pieces

    def _targets(self, target: Target) -> list[Any]:
        if target.property not in self.properties:
            return []
        path = f"{self.logical_id}.{target.property}"
        found = []
        for entry in self.entries(self.properties[target.property], path):
            try:
                found.append(self.resolver.resolve(entry))
            except Lost as error:
                self.lose(path, error)
        return found

    # What the tables say

    def body(self, value: Any, rules: Mapping[str, Rule], path: str) -> dict[str, Any]:
        """Turn an object's properties into arguments and blocks; raises Lost for one that is required."""
        properties = self.resolver.peel(value)
        if not isinstance(properties, dict) or function(properties):
            raise Lost(self.late(properties))
        found: dict[str, Any] = {}
        for key, given in properties.items():
            inner = f"{path}.{key}"
            if key not in rules:
                self.lose(inner, Lost("it has no counterpart"))
                continue
            rule = self._now(rules[key])
            try:
                value = self.resolver.peel(given)
                if value is not NO_VALUE and value is not None and not _same(value, rule.unless):
                    self._merge(found, self._apply(rule, value, inner))
            except Lost as error:
                if rule.required and rule.kind in {"argument", "block"}:
                    raise
                self.lose(inner, error)
        named = {self.table.named} if rules is self.table.properties else {None}
        needed = {name for rule in rules.values() for name in self._now(rule).names()} - found.keys() - named
        if needed:
            raise Lost(self._reason or f"it lacks what Terraform requires as {min(needed)}")
        return found

    def _now(self, rule: Rule) -> Rule:
        """Return the rule for the provider that the template is written for."""
        return rule.at(self.stack.major)

    @staticmethod
    def _merge(found: dict[str, Any], more: dict[str, Any]) -> None:
        for key, each in more.items():
            if isinstance(each, list) and isinstance(found.get(key), list):
                found[key] = [*found[key], *each]
            elif isinstance(each, Block) and isinstance(found.get(key), Block):
                found[key] = Block({**found[key].body, **each.body})
            else:
                found[key] = each

    def _apply(self, rule: Rule, value: Any, path: str) -> dict[str, Any]:
        if rule.since:
            self.need(rule.since, f"{self.table.type}'s {rule.name or path.rpartition('.')[2]}")
        match rule.kind:
            case "argument":
                convert = conversions.BY_NAME[rule.conversion or "plain"]
                converted = convert(self, value, path)
                return {} if converted is NO_VALUE else {rule.name: converted}
            case "block":
                return {rule.name: Block(_with(rule.set, self._entry(rule, value, path)))}
            case "blocks":
                blocks = self._blocks(rule, value, path)
                return {rule.name: blocks} if blocks else {}
            case "flat":
                return _with(rule.set, self.body(value, rule.of, path))
            case "resource":
                self._own(rule, self._entry(rule, value, path))
            case "resources":
                for count, entry in enumerate(self.entries(value, path)):
                    self._try(rule, entry, f"{path}.{count}")
            case _:
                return extras.CALLS[rule.name](self, value, path)
        return {}

    def _blocks(self, rule: Rule, value: Any, path: str) -> list[Block]:
        found = []
        for count, entry in enumerate(self.entries(value, path)):
            inner = f"{path}.{count}"
            try:
                found.append(Block(_with(rule.set, self._entry(rule, entry, inner))))
            except Lost as error:
                self.lose(inner, error)
        if not found and rule.required:
            raise Lost(self._reason or f"nothing is left of {path.rpartition('.')[2]}")
        return found

    def _entry(self, rule: Rule, entry: Any, path: str) -> dict[str, Any]:
        if rule.element:
            return self._apply(rule.element, entry, path)
        return self.body(entry, rule.of, path)

    def _try(self, rule: Rule, entry: Any, path: str) -> None:
        try:
            self._own(rule, self._entry(rule, entry, path))
        except Lost as error:
            self.lose(path, error)

    def _own(self, rule: Rule, body: dict[str, Any]) -> None:
        linked = {key: self.attribute(each) for key, each in rule.link.items()}
        self.own(rule.name, {**linked, **_with(rule.set, body)})

    def own(self, kind: str, body: dict[str, Any]) -> Piece:
        """Add a resource that belongs to this one."""
        number = sum(piece.labels[0] == kind for piece in self.pieces) + 1
        name = self.name if number == 1 else f"{self.name}_{number}"
        piece = Piece("resource", (kind, name), body)
        self.pieces.append(piece)
        return piece

    def attribute(self, name: str) -> Expr:
        """Return an attribute of the resource itself."""
        index = "[0]" if self.stack.counted(self.logical_id) else ""
        return Expr(f"{self.table.type}.{self.name}{index}.{name}")

    # What they share

    def entries(self, value: Any, path: str) -> list[Any]:
        """Return the entries of a list that is known by now; one thing is a list of it. Raises Lost."""
        found = self.resolver.peel(value)
        if isinstance(found, dict) and function(found):
            found = self.resolver.resolve(found)
        if isinstance(found, Expr):
            raise Lost(self.late(found))
        listed = found if isinstance(found, list) else [found]
        peeled = [self.resolver.peel(each) for each in listed]
        return [each for each in peeled if each is not NO_VALUE and each is not None]

    def objects(self, value: Any, path: str) -> list[dict[str, Any]]:
        """Return the entries of a list of objects; raises Lost where one is none."""
        found = self.entries(value, path)
        if not all(isinstance(each, dict) for each in found):
            raise Lost("its entries cannot be read")
        return found

    @staticmethod
    def late(value: Any) -> str:
        """Say why a value cannot be taken apart."""
        return "it is known only once it is deployed" if isinstance(value, dict | Expr) else "it cannot be read"

    def need(self, version: str, what: str) -> None:
        """Take note of what an older provider does not know."""
        self.needs.setdefault(version, what)

    def lose(self, path: str, why: Lost) -> None:
        """Take note of a property that is left out; its path is given without the numbers of entries."""
        self._reason = self._reason or str(why)
        shown = re.sub(r"\.\d+(?=\.|$)", "", path)
        if shown not in self.lost:
            self.lost.append(shown)


def _with(usual: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with what is usual where it says nothing."""
    return {**body, **{key: _usual(each) for key, each in usual.items() if key not in body}}


def _same(value: Any, unless: Any) -> bool:
    """Whether a value is the one that need not be said; 1, true and their texts are the same in a template."""
    if isinstance(value, dict) and isinstance(unless, dict):
        return value.keys() == unless.keys() and all(_same(value[key], unless[key]) for key in value)
    if isinstance(value, list) and isinstance(unless, list):
        return len(value) == len(unless) and all(map(_same, value, unless))
    return unless is not None and scalar(value) == scalar(unless)


def _usual(value: Any) -> Any:
    return Block({key: _usual(each) for key, each in value.items()}) if isinstance(value, dict) else value
