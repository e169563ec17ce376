"""CloudFormation's functions as Terraform's expressions, as far as possible with their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation.hcl import Expr, Json, call, inline, join, literal, scalar
from pytest_lsqm.discovery.cloudformation.naming import condition_name, mapping_name
from pytest_lsqm.discovery.cloudformation.values import (
    KNOWN,
    NO_VALUE,
    PSEUDO,
    Lost,
    default_of,
    function,
    is_list,
    parameters,
    section,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Reference = Callable[[str, str | None], Any]

_PLACE = re.compile(r"\$\{([^}]*)\}")


class Resolver:
    """Resolves the functions in a template's values; `reference` gives what a resource's names stand for."""

    def __init__(
        self,
        template: Mapping[str, Any],
        names: Mapping[str, str],
        reference: Reference,
        *,
        known: bool = False,
    ) -> None:
        self._parameters = parameters(template)
        self._mappings = section(template, "Mappings")
        self._conditions = section(template, "Conditions")
        self._names, self._reference = names, reference
        # Whether parameters stand for their defaults, so that a value may be known before a deployment.
        self._known = known
        self._truths: dict[str, bool | Expr | Lost] = {}
        self._certain = self if known else Resolver(template, names, _unknown, known=True)
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Split": self._split,
            "Fn::Select": self._select,
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": self._if,
            "Fn::Base64": lambda value: call("base64encode", self.resolve(value)),
            "Fn::Cidr": self._cidr,
            "Fn::GetAZs": lambda value: Expr("data.aws_availability_zones.current.names"),
            "Fn::Length": lambda value: call("length", self.resolve(value)),
            "Fn::ToJsonString": lambda value: Json(self.resolve(value)),
        }

    def resolve(self, value: Any) -> Any:
        """Return a value with its functions resolved; raises Lost."""
        if isinstance(value, dict):
            name = function(value)
            if name is not None:
                if name not in self._functions:
                    what = "a value that another stack exports" if name == "Fn::ImportValue" else name
                    raise Lost(f"it wants {what}")
                return self._functions[name](value[name])
            resolved = {scalar(key): self.resolve(each) for key, each in value.items()}
            return {key: each for key, each in resolved.items() if each is not NO_VALUE}
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not NO_VALUE]
        return _plain_text(value) if isinstance(value, str) else value

    def peel(self, value: Any) -> Any:
        """Return a value whose outermost function, if it can be known by now, is resolved."""
        for _ in range(20):
            name = function(value)
            if name == "Fn::If":
                condition, then, other = _three(value[name])
                truth = self.truth(condition)
                if isinstance(truth, Expr):
                    return value
                value = then if truth else other
            elif name == "Ref" and value[name] == "AWS::NoValue":
                return NO_VALUE
            elif name == "Fn::FindInMap":
                found = self.resolve(value)
                return found if literal(found) else value
            else:
                return value
        raise Lost("it is nested too deep")

    def is_list_parameter(self, name: Any) -> bool:
        """Whether a name is that of a parameter whose value is a list."""
        return isinstance(name, str) and is_list(self._parameters.get(name, {}))

    def certainly(self, value: Any) -> Any:
        """Return the literal that a parameter's expression stands for by default, None where there is none."""
        for name, variable in self._names.items():
            if isinstance(value, Expr) and value.code == f"var.{variable}":
                default = default_of(self._parameters[name])
                return None if default is NO_VALUE else default
        return None

    # Conditions

    def truth(self, name: Any) -> bool | Expr:
        """Return whether a condition holds with the parameters' defaults, or the local value that tells it."""
        if not isinstance(name, str) or name not in self._conditions:
            raise Lost(f"it wants the condition {name}, which is not there")
        if name not in self._truths:
            self._truths[name] = Lost(f"the condition {name} depends on itself")
            try:
                found = self.evaluate(self._conditions[name])
            except Lost as error:
                self._truths[name] = error
            else:
                self._truths[name] = Expr(f"local.{condition_name(name)}") if isinstance(found, Expr) else found
        truth = self._truths[name]
        if isinstance(truth, Lost):
            raise truth
        return truth

    def evaluate(self, condition: Any) -> bool | Expr:
        """Return whether an expression of conditions holds, or the expression that tells it."""
        if not isinstance(condition, dict) or len(condition) != 1:
            raise Lost("its condition cannot be read")
        ((name, value),) = condition.items()
        if name == "Condition":
            return self.truth(value)
        if name == "Fn::Equals" and isinstance(value, list) and len(value) == 2:
            return self._equal(*value)
        if name in {"Fn::And", "Fn::Or", "Fn::Not"} and isinstance(value, list):
            return _combine(name, [self.evaluate(each) for each in value])
        raise Lost(f"its condition wants {name}")

    def _equal(self, one: Any, other: Any) -> bool | Expr:
        certain = []
        for each in (one, other):
            try:
                found = self._certain.resolve(each)
            except Lost:
                break
            if literal(found) and found is not NO_VALUE:
                certain.append(found if isinstance(found, list) else scalar(found))
        if len(certain) == 2:
            return bool(certain[0] == certain[1])
        return Expr(f"{inline(self.resolve(one))} == {inline(self.resolve(other))}")

    # Functions

    def _ref(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise Lost("it refers to what is no name")
        if name in self._parameters:
            if not self._known:
                return Expr(f"var.{self._names[name]}")
            default = default_of(self._parameters[name])
            if default is NO_VALUE:
                raise Lost(f"the parameter {name} has no default")
            return default
        if name.startswith("AWS::"):
            found = (KNOWN if self._known else PSEUDO).get(name)
            if found is None:
                raise Lost(f"it wants {name}")
            return found
        return self._reference(name, None)

    def _get_att(self, value: Any) -> Any:
        parts = value.split(".", 1) if isinstance(value, str) else value
        if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
            raise Lost("it wants an attribute that cannot be read")
        return self._reference(parts[0], ".".join(scalar(self.resolve(part)) for part in parts[1:]))

    def _sub(self, value: Any) -> Any:
        text, own = value if isinstance(value, list) and len(value) == 2 else (value, {})
        if not isinstance(text, str) or not isinstance(own, dict):
            raise Lost("its Fn::Sub cannot be read")
        parts: list[Any] = []
        position = 0
        for place in _PLACE.finditer(text):
            parts.append(_plain_text(text[position : place.start()]))
            parts.append(self._substitute(place[1], own))
            position = place.end()
        return join([*parts, _plain_text(text[position:])])

    def _substitute(self, name: str, own: Mapping[str, Any]) -> Any:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        name = name.strip()
        if name in own:
            return _part(self.resolve(own[name]))
        found = self._get_att(name) if "." in name else self._ref(name)
        return _part(found)

    def _join(self, value: Any) -> Any:
        separator, items = _two(value)
        items = self.resolve(items)
        if not isinstance(separator, str):
            raise Lost("its Fn::Join cannot be read")
        if not isinstance(items, list):
            return call("join", separator, items)
        if any(isinstance(each, list) for each in items):
            return call("join", separator, call("flatten", items))
        parts = [part for each in items for part in (separator, _part(each))]
        return join(parts[1:])

    def _split(self, value: Any) -> Any:
        separator, text = _two(value)
        text = self.resolve(text)
        if isinstance(text, str) and isinstance(separator, str) and separator:
            return text.split(separator)
        return call("split", separator, text)

    def _select(self, value: Any) -> Any:
        index, items = _two(value)
        index, items = self.resolve(index), self.resolve(items)
        if isinstance(items, list) and isinstance(index, int | str) and str(index).isdigit():
            if int(index) >= len(items):
                raise Lost("its Fn::Select picks what is not there")
            return items[int(index)]
        number = int(index) if isinstance(index, str) and index.isdigit() else index
        return call("element", items, number)

    def _find_in_map(self, value: Any) -> Any:
        keys = self.resolve(value)
        if not isinstance(keys, list) or len(keys) < 3:
            raise Lost("its Fn::FindInMap cannot be read")
        name, first, second = keys[:3]
        table = self._mappings.get(name) if isinstance(name, str) else None
        if not isinstance(table, dict):
            raise Lost(f"it looks into the mapping {inline(name)}, which is not there")
        if literal([first, second]):
            row = {scalar(key): each for key, each in table.items()}.get(scalar(first))
            cells = {scalar(key): each for key, each in row.items()} if isinstance(row, dict) else {}
            if scalar(second) not in cells:
                raise Lost(f"it looks into the mapping {name} for what is not there")
            return cells[scalar(second)]
        return Expr(f"local.{mapping_name(name)}[{inline(first)}][{inline(second)}]")

    def _if(self, value: Any) -> Any:
        condition, then, other = _three(value)
        truth = self.truth(condition)
        if not isinstance(truth, Expr):
            return self.resolve(then if truth else other)
        one, two = (None if found is NO_VALUE else found for found in (self.resolve(then), self.resolve(other)))
        return Expr(f"({truth.code} ? {inline(one)} : {inline(two)})")

    def _cidr(self, value: Any) -> Any:
        block, count, *bits = self.resolve(value) if isinstance(value, list) and len(value) > 1 else (None, None)
        if block is None:
            raise Lost("its Fn::Cidr cannot be read")
        width = inline(
            int(bits[0]) if bits and isinstance(bits[0], str) and bits[0].isdigit() else (bits or [8])[0]
        )
        text = inline(block)
        new = f'32 - {width} - tonumber(split("/", {text})[1])'
        return Expr(f"[for number in range({inline(count)}) : cidrsubnet({text}, {new}, number)]")


def _unknown(name: str, attribute: str | None) -> Any:
    raise Lost(f"{name} is known only once it is deployed")


def _combine(name: str, truths: list[bool | Expr]) -> bool | Expr:
    if name == "Fn::Not":
        (only,) = truths if len(truths) == 1 else (False,)
        return Expr(f"!({only.code})") if isinstance(only, Expr) else not only
    deciding = name == "Fn::Or"
    if deciding in truths:
        return deciding
    open_ones = [each.code for each in truths if isinstance(each, Expr)]
    if not open_ones:
        return not deciding
    sign = " || " if deciding else " && "
    return Expr(f"({sign.join(open_ones)})" if len(open_ones) > 1 else open_ones[0])


def _plain_text(text: str) -> str:
    if "{{resolve:" in text:
        raise Lost("it wants a secret or a parameter of somebody's account")
    return text


def _part(value: Any) -> Any:
    if isinstance(value, list | dict) or value is NO_VALUE:
        raise Lost("a part of its text is no text")
    return Expr(inline(value)) if isinstance(value, Json) else value


def _two(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise Lost("a function in it wants two arguments")
    return value[0], value[1]


def _three(value: Any) -> tuple[Any, Any, Any]:
    if not isinstance(value, list) or len(value) != 3:
        raise Lost("its Fn::If cannot be read")
    return value[0], value[1], value[2]
