"""Whether the tables' words are a provider's: they are compared with its schema, level by level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import conversions, extras, finishing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pytest_lsqm.discovery.cloudformation.tables import Rule, TypeTable

SHAPES = {
    "list": ("list", "set"),
    "names": ("list", "set"),
    "ordered": ("list", "set"),
    "tags": ("map",),
    "map": ("map",),
    "pairs": ("map",),
    "enabled": ("bool",),
    "json": ("string",),
    "camel": ("string",),
    "lower": ("string",),
    "first": ("string",),
    "plain": ("string", "number", "bool"),
}
"""What kind of attribute a conversion's outcome fits into."""

NOT_REQUIRED = "is not required"


class Checker:
    """Compares tables with the `resource_schemas` of a provider.

    What 3.39 requires, a newer one may not: of that the tables say nothing.
    """

    def __init__(self, schemas: Mapping[str, Any], *, major: int = 3) -> None:
        self.schemas, self.major, self.recent = schemas, major, major > 3

    def problems(self, table: TypeTable) -> Iterator[str]:
        """Yield what is wrong in a table, with the path of the word."""
        if table.since and not self.recent:
            if table.type in self.schemas:
                yield f"{table.type} is there already"
            return
        if table.type not in self.schemas:
            yield f"{table.type} is no type"
            return
        own = self.schemas[table.type]["block"]
        if table.finish and table.finish not in finishing.FINISHES:
            yield f"{table.finish} is no function"
        for meant in (table.ref, *table.attributes.values()):
            yield from self._told(meant, own)
        given = {*table.set, *table.gives, *((table.named,) if table.named else ())}
        kinds: list[tuple[str, str | None]] = [(each.type, each.name) for each in table.targets]
        for type_, name in kinds or [(table.type, None)]:
            if type_ not in self.schemas:
                yield f"{type_} is no type"
                continue
            block = self.schemas[type_]["block"]
            yield from self._level(table.properties, block, given | {name} if name else given, table, "")

    def _told(self, meant: str | None, own: Mapping[str, Any]) -> Iterator[str]:
        names = re.findall(r"@\.(\w+)", meant) if meant and "@" in meant else re.findall(r"^\w+", meant or "id")
        yield from (f"{each} is no attribute" for each in names if each not in _attributes(own) | _blocks(own))

    def _rules(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Rule]]:
        for key, rule in rules.items():
            now = rule.at(self.major)
            if self.recent or not now.since:
                yield key, now

    def _level(
        self,
        rules: Mapping[str, Rule],
        block: Mapping[str, Any],
        given: Collection[str],
        table: TypeTable,
        path: str,
    ) -> Iterator[str]:
        covered = set(given)
        for key, rule in self._rules(rules):
            covered |= self._covered(rule)
            for problem in self._rule(rule, block, table, f"{path}.{key}"):
                yield problem if problem.startswith(".") else f"{path}.{key}: {problem}"
        yield from (
            f"{path}: {each} is no argument"
            for each in given
            if each not in {**_attributes(block), **_blocks(block)}
        )
        required = {name for name, each in _attributes(block).items() if each.get("required")}
        required |= {name for name, each in _blocks(block).items() if each.get("min_items")}
        yield from (f"{path}: {each} is required" for each in sorted(required - covered))

    def _covered(self, rule: Rule) -> set[str]:
        inner = {name for _, each in self._rules(rule.of) for name in self._covered(each)}
        return set(rule.names()) | (inner | rule.set.keys() if rule.kind == "flat" else set())

    def _rule(self, rule: Rule, block: Mapping[str, Any], table: TypeTable, path: str) -> Iterator[str]:
        match rule.kind:
            case "argument":
                problems = _argument(rule, _attributes(block).get(rule.name))
                yield from (each for each in problems if not (self.recent and each.endswith(NOT_REQUIRED)))
            case "block" | "blocks":
                inner = _blocks(block).get(rule.name)
                if inner is None:
                    yield f"{rule.name} is no block"
                    return
                if rule.required and not inner.get("min_items") and not self.recent:
                    yield f"{rule.name} {NOT_REQUIRED}"
                yield from self._inner(rule, inner["block"], rule.set, table, path)
            case "flat":
                for key, each in self._rules(rule.of):
                    yield from self._rule(each, block, table, f"{path}.{key}")
                known = {**_attributes(block), **_blocks(block)}
                yield from (f"{each} is no argument" for each in rule.set if each not in known)
            case "resource" | "resources":
                if rule.name not in self.schemas:
                    yield f"{rule.name} is no type"
                    return
                own = _attributes(self.schemas[table.type]["block"])
                yield from (f"{each} is no attribute" for each in rule.link.values() if each not in own)
                given = rule.set.keys() | rule.link.keys()
                yield from self._inner(rule, self.schemas[rule.name]["block"], given, table, path)
            case _:
                if rule.name not in extras.CALLS:
                    yield f"{rule.name} is no function"
                known = {**_attributes(block), **_blocks(block)}
                names = {each.removesuffix("!") for each in rule.gives}
                yield from (f"{each} is no argument" for each in names - known.keys())

    def _inner(
        self, rule: Rule, block: Mapping[str, Any], given: Collection[str], table: TypeTable, path: str
    ) -> Iterator[str]:
        rules = {"as": rule.element} if rule.element else rule.of
        yield from self._level(rules, block, given, table, path)


def _argument(rule: Rule, attribute: Mapping[str, Any] | None) -> Iterator[str]:
    if attribute is None:
        yield f"{rule.name} is no argument"
        return
    if not attribute.get("optional") and not attribute.get("required"):
        yield f"{rule.name} cannot be set"
    if rule.required and not attribute.get("required"):
        yield f"{rule.name} {NOT_REQUIRED}"
    conversion = rule.conversion or "plain"
    if conversion not in conversions.BY_NAME:
        yield f"{conversion} is no conversion"
    kind = attribute["type"] if isinstance(attribute["type"], str) else attribute["type"][0]
    if kind not in SHAPES.get(conversion, (kind,)):
        yield f"{rule.name} is a {kind}, which {conversion} does not give"


def _blocks(block: Mapping[str, Any]) -> dict[str, Any]:
    return dict(block.get("block_types", {}))


def _attributes(block: Mapping[str, Any]) -> dict[str, Any]:
    return dict(block.get("attributes", {}))
