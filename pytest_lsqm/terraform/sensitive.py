"""What Terraform itself calls sensitive in a state: by a variable, an output, or the provider's schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.masking import names_credential

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "(sensitive)"


@dataclass(frozen=True)
class Sensitive:
    """The names of outputs that are not to be shown, and all texts that stand at sensitive places."""

    outputs: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def hide(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """Return outputs as a record may hold them."""
        return {name: HIDDEN if name in self.outputs else value for name, value in outputs.items()}


def of_state(values: dict[str, Any]) -> Sensitive:
    """Read the `values` of `terraform show -json`."""
    outputs = values.get("outputs", {})
    hidden = {name for name, entry in outputs.items() if entry.get("sensitive")}
    secret: set[str] = set()
    plain: set[str] = set()
    for name, entry in outputs.items():
        _sort(entry.get("value"), name in hidden, secret, plain, name)
    for resource in _resources(values.get("root_module", {})):
        _sort(resource.get("values", {}), resource.get("sensitive_values", {}), secret, plain)
    # A provider calls the value of every parameter sensitive: what the state shows elsewhere is none.
    return Sensitive(frozenset(hidden), frozenset(secret - plain))


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _sort(value: Any, marks: Any, secret: set[str], plain: set[str], name: str = "") -> None:
    """Put each text into the right set; `marks` has the shape of the value, or is True for all of it."""
    if isinstance(value, str):
        (secret if marks is True or names_credential(name, value) else plain).add(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _sort(inner, marks is True or (isinstance(marks, dict) and marks.get(key)), secret, plain, key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            known = isinstance(marks, list) and position < len(marks)
            _sort(inner, marks is True or (known and marks[position]), secret, plain, name)
