"""Variables, where their values come from, and what a value is as far as it can be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.analysis import folders, hcl
from pytest_lsqm.analysis.configuration import read_text
from pytest_lsqm.analysis.values import Expression, Reference, Value
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.analysis.configuration import Configuration, Module

UNKNOWN = Expression("unknown")
_MAX_STEPS = 20


def required(module: Module) -> tuple[str, ...]:
    """List the variables without a default, sorted."""
    return tuple(
        sorted(
            block.labels[0]
            for block in module.of("variable")
            if block.labels and "default" not in block.body.attributes
        )
    )


def supplied(configuration: Configuration) -> dict[str, Value]:
    """Read the values that Terraform takes by itself: `terraform.tfvars`, `*.auto.tfvars`, as JSON too."""
    values: dict[str, Value] = {}
    for path in _value_files(configuration.root.path):
        real = folders.confined(path, configuration.top, path.name)
        if folders.regular_size(real, path.name) > folders.MAX_TERRAFORM_FILE:
            raise AnalysisError(
                f"{path.name}: is larger than 1 MiB, the most that is read of one file; shorten it."
            )
        text = read_text(real, path.name)
        if path.name.endswith(".json"):
            values |= hcl.read_json(text, path.name)
        else:
            values |= hcl.parse(text, path.name).attributes
    return values


def _value_files(path: Path) -> list[Path]:
    """Later files win: the plain names first, then the automatic ones in the order of their names."""
    first = [path / name for name in ("terraform.tfvars", "terraform.tfvars.json")]
    automatic = (entry for entry in path.iterdir() if entry.name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    return [file for file in (*first, *sorted(automatic)) if file.exists() or file.is_symlink()]


def known(value: Value, configuration: Configuration, values: dict[str, Value]) -> Value:
    """Follow references to the root's variables and locals to a value; UNKNOWN where that leads nowhere."""
    root = configuration.root
    defaults = {
        block.labels[0]: block.body.attributes.get("default", UNKNOWN)
        for block in root.of("variable")
        if block.labels
    }
    locals_ = {name: value for block in root.of("locals") for name, value in block.body.attributes.items()}
    scopes = {"var": {**defaults, **values}, "local": locals_}
    for _ in range(_MAX_STEPS):
        if not isinstance(value, Reference):
            return value
        if len(value.path) != 2:
            return UNKNOWN
        scope, name = value.path
        value = scopes.get(scope, {}).get(name, UNKNOWN)
    return UNKNOWN
