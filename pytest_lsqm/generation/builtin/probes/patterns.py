"""Event patterns and filter policies: what fits one, and what just misses it, worked out from the text alone.

EventBridge and SNS share the language. What this module does not know raises `Unknown`, and no test is made.
"""

from __future__ import annotations

import copy
import fnmatch
import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[str, ...]

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""The value of what an event does not have."""

FILLER = "probe"
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}

TEXT_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda value, text: value.lower() == text.lower(),
}


class Unknown(Exception):
    """A pattern with a condition that this module does not know."""


def fitting(pattern: Any) -> dict[str, Any]:
    """Return the least event that a pattern matches."""
    event: dict[str, Any] = {}
    for path, conditions in _leaves(_first_alternatives(pattern)):
        value = next((value for value in _candidates(conditions) if fits(conditions, value)), Unknown)
        if value is Unknown:
            raise Unknown(f"nothing fits {conditions!r}")
        _put(event, path, value)
    if not matches(pattern, event):
        raise Unknown("its conditions exclude each other")
    return event


def missing(pattern: Any) -> list[dict[str, Any]]:
    """Return events that a pattern does not match, each for one condition alone: near misses."""
    event = fitting(pattern)
    found = []
    for path, conditions in _leaves(_first_alternatives(pattern)):
        for value in _candidates(conditions):
            other = copy.deepcopy(event)
            _put(other, path, value)
            if not fits(conditions, value) and not matches(pattern, other):
                found.append(other)
                break
    return found


def matches(pattern: Any, event: Any) -> bool:
    """Tell whether a pattern matches an event, as AWS documents it."""
    if not isinstance(pattern, dict) or not isinstance(event, dict):
        return False
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(alternative, event) for alternative in wanted):
                return False
        elif isinstance(wanted, dict):
            if not matches(wanted, event.get(key, {})):
                return False
        elif not fits(wanted, event.get(key, ABSENT)):
            return False
    return True


def fits(conditions: Any, value: Any) -> bool:
    """Tell whether one of the conditions holds for a value; for a list, for one of its members."""
    if not isinstance(conditions, list):
        raise Unknown(f"{conditions!r} is no list of conditions")
    values = value if isinstance(value, list) else [value]
    return any(_holds(condition, one) for condition in conditions for one in values)


def _holds(condition: Any, value: Any) -> bool:
    if not isinstance(condition, dict):
        return type(value) is type(condition) and bool(value == condition)
    if len(condition) != 1:
        raise Unknown(f"{condition!r} has several keys")
    ((name, operand),) = condition.items()
    if name == "exists":
        return (value is not ABSENT) is operand
    if value is ABSENT:
        return False
    if name == "numeric":
        bounds = _bounds(operand)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and all(COMPARISONS[sign](value, bound) for sign, bound in bounds)
    if name == "anything-but":
        excluded = operand if isinstance(operand, list) else [operand]
        return not any(_holds(one, value) for one in excluded)
    return isinstance(value, str) and _text_holds(name, operand, value)


def _text_holds(name: str, operand: Any, value: str) -> bool:
    if isinstance(operand, dict) and set(operand) == {"equals-ignore-case"}:
        operand, value = operand["equals-ignore-case"].lower(), value.lower()
    if isinstance(operand, list):
        return any(_text_holds(name, one, value) for one in operand)
    if not isinstance(operand, str):
        raise Unknown(f"{name} of {operand!r}")
    if name in TEXT_CONDITIONS:
        return TEXT_CONDITIONS[name](value, operand)
    if name == "wildcard" and not set(operand) & set("\\?["):
        return fnmatch.fnmatchcase(value, operand)
    if name == "cidr":
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(operand)
        except ValueError:
            return False
    raise Unknown(f"{name} of {operand!r}")


def _candidates(conditions: Any) -> Iterator[Any]:
    """Go through values of which one may fit and another just not: those named, and those next to them."""
    if not isinstance(conditions, list):
        raise Unknown(f"{conditions!r} is no list of conditions")
    for condition in conditions:
        yield from _near(condition)
    yield from (FILLER, 7, ABSENT)


def _near(condition: Any) -> Iterator[Any]:
    if isinstance(condition, str):
        yield from (condition, f"{condition}-not", f"not-{condition}")
    elif isinstance(condition, bool) or condition is None:
        yield from (condition, not condition)
    elif isinstance(condition, int | float):
        yield from (condition, condition + 1, condition - 1)
    elif isinstance(condition, dict):
        for name, operand in condition.items():
            yield from _near_operand(name, operand)


def _near_operand(name: str, operand: Any) -> Iterator[Any]:
    if name == "exists":
        return
    if name == "numeric":
        numbers = [bound for _, bound in _bounds(operand)]
        middle = sum(numbers) / len(numbers)
        yield from (
            int(middle) if middle == int(middle) else middle,
            *(near for n in numbers for near in (n, n + 1, n - 1)),
        )
    elif name == "cidr":
        yield from (str(ipaddress.ip_network(operand)[1]), "203.0.113.77")
    elif isinstance(operand, list):
        for one in operand:
            yield from _near_operand(name, one)
    elif isinstance(operand, dict):
        for inner, one in operand.items():
            yield from _near_operand(inner, one)
    elif isinstance(operand, str):
        text = operand.replace("*", FILLER) if name == "wildcard" else operand
        yield from (text, f"{text}-{FILLER}", f"{FILLER}-{text}")
    else:
        yield from _near(operand)


def _bounds(operand: Any) -> list[tuple[str, float]]:
    signs, numbers = operand[::2], operand[1::2]
    if len(signs) != len(numbers) or not set(signs) <= set(COMPARISONS):
        raise Unknown(f"numeric of {operand!r}")
    return list(zip(signs, numbers, strict=True))


def _first_alternatives(pattern: Any) -> dict[str, Any]:
    """The pattern with the first of each `$or`."""
    if not isinstance(pattern, dict):
        raise Unknown(f"{pattern!r} is no pattern")
    plain: dict[str, Any] = {}
    for key, wanted in pattern.items():
        if key == "$or":
            plain |= _first_alternatives(wanted[0])
        else:
            plain[key] = _first_alternatives(wanted) if isinstance(wanted, dict) else wanted
    return plain


def _leaves(pattern: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for key, wanted in pattern.items():
        if isinstance(wanted, dict):
            yield from _leaves(wanted, (*path, key))
        else:
            yield (*path, key), wanted


def _put(event: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        event = event.setdefault(key, {})
    if value is ABSENT:
        event.pop(path[-1], None)
    else:
        event[path[-1]] = value
