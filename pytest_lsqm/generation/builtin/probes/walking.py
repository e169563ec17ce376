"""One walk through the definition of a state machine, for an input that is decided as far as it is looked at."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.patterns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Path = tuple[str, ...]

OPAQUE: Any = type("Opaque", (), {"__repr__": lambda self: "OPAQUE"})()
"""A value that only the run itself knows."""

MOST_STEPS = 40
LONGEST_WAIT = 3
TASKS = ("arn:aws:states:::sqs:sendMessage", "arn:aws:states:::sns:publish")
"""What succeeds whenever it is allowed, and says nothing that a later state could turn on."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, other: value == other,
    "LessThan": lambda value, other: value < other,
    "LessThanEquals": lambda value, other: value <= other,
    "GreaterThan": lambda value, other: value > other,
    "GreaterThanEquals": lambda value, other: value >= other,
    "Matches": fnmatch.fnmatchcase,
}
KINDS: Mapping[str, tuple[type, ...]] = {"String": (str,), "Numeric": (int, float), "Boolean": (bool,)}


class Stuck(Exception):
    """What happens next cannot be foreseen."""


class Undecided(Exception):
    """The walk needs to know a value of the input."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True)
class Ref:
    """A part of the input, with what states have added to it."""

    path: Path = ()
    added: Mapping[str, Any] = field(default_factory=dict)


class Walker:
    """Goes from state to state; `decided` are the values of the input that are known."""

    def __init__(self, decided: dict[Path, Any]) -> None:
        self.decided = decided
        self.objects: set[Path] = set()
        self.tasks: list[Any] = []

    def run(self, definition: Mapping[str, Any], data: Any) -> tuple[list[str], str, Any]:
        """Walk from the first state to the last: the names, how it ends, and with what."""
        if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
            raise Stuck("JSONata")
        seen: list[str] = []
        name = definition["StartAt"]
        while len(seen) < MOST_STEPS:
            state = definition["States"][name]
            seen.append(name)
            if state.get("QueryLanguage", "JSONPath") != "JSONPath":
                raise Stuck("JSONata")
            if state["Type"] == "Fail":
                return seen, "FAILED", OPAQUE
            data, following = self.step(state, data)
            if following is None:
                return seen, "SUCCEEDED", data
            name = following
        raise Stuck("too many steps")

    def step(self, state: Mapping[str, Any], data: Any) -> tuple[Any, str | None]:
        """Take one state: what comes out of it, and the state after it."""
        kind = state["Type"]
        given = self.get(data, state.get("InputPath", "$"))
        if kind == "Choice":
            chosen = next(
                (rule["Next"] for rule in state["Choices"] if self.holds(rule, given)), state.get("Default")
            )
            if chosen is None:
                raise Stuck("no choice fits")
            return self.get(given, state.get("OutputPath", "$")), chosen
        result = given
        if kind in {"Task", "Parallel"}:
            if "Parameters" in state:
                result = self.filled(state["Parameters"], given)
            result = self.worked(state, result)
        elif kind == "Pass":
            if "Parameters" in state:
                result = self.filled(state["Parameters"], given)
            result = state.get("Result", result)
        elif kind == "Wait":
            if not 0 <= state["Seconds"] <= LONGEST_WAIT:
                raise Stuck("too long a wait")
        elif kind != "Succeed":
            raise Stuck(kind)
        if kind in {"Task", "Parallel", "Pass"}:
            result = self.put(
                data if state.get("InputPath", "$") == "$" else None, state.get("ResultPath", "$"), result
            )
        last = state.get("End") or kind == "Succeed"
        return self.get(result, state.get("OutputPath", "$")), None if last else state["Next"]

    def worked(self, state: Mapping[str, Any], given: Any) -> Any:
        """What a task or a parallel state gives."""
        if state["Type"] == "Task":
            if state["Resource"] not in TASKS:
                raise Stuck(state["Resource"])
            self.tasks.append(given)
            return OPAQUE
        ends = [self.run(branch, given) for branch in state["Branches"]]
        if any(status != "SUCCEEDED" for _, status, _ in ends):
            raise Stuck("a branch fails")
        return OPAQUE if "ResultSelector" in state else [output for _, _, output in ends]

    def holds(self, rule: Mapping[str, Any], data: Any) -> bool:
        """Whether the rule of a choice applies."""
        if "And" in rule:
            return all(self.holds(each, data) for each in rule["And"])
        if "Or" in rule:
            return any(self.holds(each, data) for each in rule["Or"])
        if "Not" in rule:
            return not self.holds(rule["Not"], data)
        value = self.leaf(self.get(data, rule["Variable"]))
        ((operator, operand),) = [(k, v) for k, v in rule.items() if k not in {"Variable", "Next", "Comment"}]
        if operator == "IsPresent":
            return (value is not ABSENT) is operand
        kind, _, comparison = re.sub(r"^(String|Numeric|Boolean)", r"\1 ", operator).partition(" ")
        if comparison.endswith("Path") or comparison not in COMPARISONS or value in (ABSENT, OPAQUE):
            raise Stuck(operator)
        if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "Boolean"):
            raise Stuck(f"{operator} of {value!r}")
        return COMPARISONS[comparison](value, operand)

    def filled(self, template: Any, data: Any) -> Any:
        """A template with what its paths lead to."""
        if isinstance(template, list):
            return [self.filled(each, data) for each in template]
        if not isinstance(template, dict):
            return template
        found = {}
        for key, value in template.items():
            if not key.endswith(".$"):
                found[key] = self.filled(value, data)
            elif re.fullmatch(r"\$(\.\w+)*", value):
                found[key[:-2]] = self.present(self.get(data, value))
            else:
                for path in re.findall(r"(?<!\$)\$(?:\.\w+)+", value):
                    self.present(self.get(data, path))
                found[key[:-2]] = OPAQUE
        return found

    def present(self, value: Any) -> Any:
        """A value that must be there."""
        value = self.leaf(value)
        if value is ABSENT:
            raise Stuck("it is not there")
        return value

    def leaf(self, value: Any) -> Any:
        """What a part of the input is decided to be."""
        if not isinstance(value, Ref) or value.added or value.path in self.objects or not value.path:
            return value
        if value.path not in self.decided:
            raise Undecided(value.path)
        return self.decided[value.path]

    def get(self, data: Any, path: str | None) -> Any:
        """What a plain path leads to."""
        if path is None:
            return {}
        if not re.fullmatch(r"\$(\.\w+)*", path):
            raise Stuck(path)
        for key in path.split(".")[1:]:
            if data is OPAQUE:
                return OPAQUE
            if isinstance(data, Ref):
                self.objects.add(data.path)
                data = data.added[key] if key in data.added else Ref((*data.path, key))
            elif isinstance(data, dict) and key in data:
                data = data[key]
            else:
                raise Stuck(f"nothing at {path}")
        return data

    def put(self, data: Any, path: str | None, result: Any) -> Any:
        """The input of a state with its result at a path."""
        if path == "$":
            return result
        if data is None:
            raise Stuck("an input path and a result path")
        if path is None:
            return data
        key, _, rest = path.removeprefix("$.").partition(".")
        if rest or not re.fullmatch(r"\w+", key):
            raise Stuck(path)
        if isinstance(data, Ref):
            return Ref(data.path, {**data.added, key: result})
        return {**data, key: result}

    def input(self, below: Path = ()) -> Any:
        """The input as decided."""
        whole: dict[str, Any] = {}
        for path, value in sorted(
            [*((p, {}) for p in self.objects), *self.decided.items()], key=lambda it: len(it[0])
        ):
            inside = whole
            for key in path[:-1]:
                inside = inside.setdefault(key, {})
            if path and value is not ABSENT:
                inside.setdefault(path[-1], value)
        for key in below:
            whole = whole.get(key, {})
        return whole

    def solid(self, value: Any) -> Any:
        """A value with all references followed."""
        if isinstance(value, Ref):
            inside = self.input(value.path)
            return (
                {**inside, **{key: self.solid(one) for key, one in value.added.items()}} if value.added else inside
            )
        if isinstance(value, dict):
            return {key: self.solid(one) for key, one in value.items()}
        return [self.solid(one) for one in value] if isinstance(value, list) else value
