"""State machines, walked through without running them: which input leads where, and what comes out.

The walk takes an input as it goes: where a state looks at a value that has not been decided, each value that the
definition compares it with is tried. What it cannot foresee, a function's answer for one, ends it with `Stuck`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.patterns import ABSENT
from pytest_lsqm.generation.builtin.probes.walking import Path, Ref, Stuck, Undecided, Walker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARK = "@wanted@"
MOST_WALKS = 400


@dataclass(frozen=True)
class Walk:
    """One way through: the input that leads there, the states outside of branches, the end."""

    input: dict[str, Any]
    states: tuple[str, ...]
    status: str
    output: Any
    tasks: tuple[dict[str, Any], ...]
    """The parameters of the tasks on the way, with the values that they get."""


def walks(definition: Mapping[str, Any]) -> list[Walk]:
    """Return the different ways through a definition that can be foreseen."""
    found: dict[tuple[str, ...], Walk] = {}
    todo: list[dict[Path, Any]] = [{}]
    for _ in range(MOST_WALKS):
        if not todo:
            break
        decided = todo.pop()
        try:
            walk = _walk(definition, decided)
        except Undecided as undecided:
            values = _hints(definition, undecided.path)
            todo += [decided | {undecided.path: value} for value in reversed(values)]
        except (Stuck, KeyError, TypeError, AttributeError, ValueError):
            continue  # not foreseen, or not a definition
        else:
            found.setdefault(walk.states, walk)
    return list(found.values())


def _hints(definition: Any, path: Path) -> list[Any]:
    """The values that a definition compares the end of a path with, and those next to them."""
    found: list[Any] = []
    for rule in _rules(definition):
        variable = tuple(str(rule["Variable"]).split(".")[1:])
        if not variable or path[-len(variable) :] != variable:
            continue
        for operator, value in rule.items():
            if operator == "IsPresent":
                found += [MARK, ABSENT]
            elif isinstance(value, bool):
                found += [value, not value]
            elif operator.startswith("Numeric") and isinstance(value, int | float):
                found += [value, value + 1, value - 1]
            elif operator.startswith("String") and isinstance(value, str) and operator != "Variable":
                found += [value.replace("*", "probe"), MARK]
    return [value for place, value in enumerate(found) if value not in found[:place]] or [MARK]


def _rules(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "Variable" in node:
            yield node
        for inner in node.values():
            yield from _rules(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _rules(inner)


def _walk(definition: Mapping[str, Any], decided: dict[Path, Any]) -> Walk:
    walker = Walker(decided)
    states, status, output = walker.run(definition, Ref())
    tasks = tuple(walker.solid(task) for task in walker.tasks)
    return Walk(walker.input(), tuple(states), status, walker.solid(output), tasks)
