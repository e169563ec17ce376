"""What must not stay in a template: resources that need a value nobody knows, and those that refer to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.serverless.draft import ROLE, mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lsqm.discovery.serverless.draft import Draft

_NAMED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")


def prune(draft: Draft, unknown: Callable[[Any], str | None]) -> None:
    """Leave out what is incomplete, and note it: a variable of a function, a statement of the role, or all of it.

    `unknown` tells why a value is not known.
    """
    gone: set[str] = set()

    def problem(value: Any) -> str | None:
        if why := unknown(value):
            return why
        missing = next((name for name in _references(value) if name in gone), None)
        return f"it refers to {missing}, which is left out" if missing else None

    before = -1
    while len(gone) != before:
        before = len(gone)
        for name, resource in list(draft.resources.items()):
            _waits(resource, gone)
            _parts(draft, name, resource, problem)
            if why := problem(resource):
                draft.lose(name, str(resource.get("Type")), why)
                del draft.resources[name]
                gone.add(name)
    draft.outputs = {name: output for name, output in draft.outputs.items() if not problem(output)}


def _waits(resource: dict[str, Any], gone: set[str]) -> None:
    """Forget in a resource that it is made after one that is gone."""
    waits = resource.get("DependsOn")
    if isinstance(waits, list):
        resource["DependsOn"] = [name for name in waits if name not in gone]
    elif isinstance(waits, str) and waits in gone:
        del resource["DependsOn"]


def _parts(draft: Draft, name: str, resource: dict[str, Any], problem: Callable[[Any], str | None]) -> None:
    """Leave out of a function or the shared role what it can do without."""
    properties = mapping(resource.get("Properties"))
    if resource.get("Type") == "AWS::Lambda::Function":
        variables = mapping(mapping(properties.get("Environment")).get("Variables"))
        for key, value in list(variables.items()):
            if why := problem(value):
                del variables[key]
                draft.lose(f"{name}.{key}", "serverless environment variable", why)
    if name == ROLE:
        for policy in properties.get("Policies", []):
            document = mapping(mapping(policy).get("PolicyDocument"))
            statements = document.get("Statement")
            if not isinstance(statements, list):
                continue
            whys = [problem(statement) for statement in statements]
            document["Statement"] = [each for each, why in zip(statements, whys, strict=True) if not why]
            for why in filter(None, whys):
                draft.lose(name, "serverless role statement", why)


def _references(value: Any) -> Iterator[str]:
    """Yield the names that CloudFormation's words in a value refer to."""
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key == "Ref" and isinstance(inner, str):
            yield inner
        elif key == "Fn::GetAtt":
            whole = inner if isinstance(inner, str) else str(inner[0]) if isinstance(inner, list) and inner else ""
            yield whole.split(".")[0]
        elif key == "Fn::Sub":
            text = inner[0] if isinstance(inner, list) and inner else inner
            yield from _NAMED.findall(text) if isinstance(text, str) else ()
            yield from _references(inner)
        else:
            yield from _references(inner)
