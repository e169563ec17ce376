"""Credentials that a configuration brings along as literals: known before anything is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm import masking
from pytest_lsqm.analysis.values import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.analysis.configuration import Configuration
    from pytest_lsqm.analysis.values import Body, Value


def credentials(configuration: Configuration, supplied: Mapping[str, Value]) -> frozenset[str]:
    """Return the values of sensitive variables, and what stands under a name such as `db_password`."""
    return frozenset(_found(configuration, supplied))


def _found(configuration: Configuration, supplied: Mapping[str, Value]) -> Iterator[str]:
    for module in configuration.modules:
        for block in module.blocks:
            if block.type != "variable" or not block.labels:
                yield from _named(block.body)
                continue
            name, attributes = block.labels[0], block.body.attributes
            values = [attributes.get("default")]
            if module is configuration.root:
                values.append(supplied.get(name))
            for value in values:
                if attributes.get("sensitive") is True:
                    yield from _texts(value)
                elif isinstance(value, str) and masking.names_credential(name, value):
                    yield value


def _named(body: Body) -> Iterator[str]:
    for name, value in body.attributes.items():
        yield from _named_in(name, value)
    for block in body.blocks:
        yield from _named(block.body)


def _named_in(name: str, value: Value) -> Iterator[str]:
    if isinstance(value, str):
        if masking.names_credential(name, value):
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _named_in(key, inner)
    else:
        for inner in parts_of(value):
            yield from _named_in(name, inner)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in parts_of(value):
        yield from _texts(inner)
