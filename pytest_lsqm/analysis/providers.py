"""Which providers a configuration uses, how it configures AWS's, and which versions it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.analysis.values import Reference, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.analysis.configuration import Configuration, Module
    from pytest_lsqm.analysis.values import Block

AWS = "hashicorp/aws"
_DEFAULT_HOST = "registry.terraform.io/"
BUILTIN = "terraform.io/builtin/"
"""Part of Terraform itself: `terraform_data`, `terraform_remote_state`."""

_TYPED = ("resource", "data", "ephemeral", "action")


@dataclass(frozen=True)
class ProviderBlock:
    """A `provider` block for AWS: what an override file has to match.

    `module` is the folder relative to the root module, `name` the local name (nearly always `aws`);
    `arguments` and `blocks` are the names of what it sets. In JSON, which cannot tell the two apart,
    an object or an array of objects counts as a block.
    """

    module: str
    name: str
    alias: str | None
    arguments: frozenset[str]
    blocks: frozenset[str]
    file: str


@dataclass(frozen=True)
class RequiredVersion:
    """A version constraint: of a provider (`source` is its address), or of Terraform itself (`source` is None).

    `name` is the provider's local name in that module, or `terraform`; `module` as in ProviderBlock.
    """

    module: str
    name: str
    source: str | None
    constraint: str


def sources(configuration: Configuration) -> tuple[str, ...]:
    """List the addresses of all providers that are declared, configured or implied by a type, sorted."""
    found = {address for module in configuration.modules for address in _of_module(module).values()}
    return tuple(sorted(address for address in found if not address.startswith(BUILTIN)))


def address(module: Module, name: str) -> str:
    """Give the address that a provider's local name stands for in a module."""
    return _declared(module).get(name) or _implied(name)


def aws_blocks(configuration: Configuration) -> tuple[ProviderBlock, ...]:
    """List the `provider` blocks for AWS of all modules."""
    return tuple(
        _provider_block(module, block)
        for module in configuration.modules
        for block in module.of("provider")
        if block.labels and address(module, block.labels[0]) == AWS
    )


def required_versions(configuration: Configuration) -> tuple[RequiredVersion, ...]:
    """List the version constraints of all modules, the legacy ones inside `provider` blocks included."""
    return tuple(dict.fromkeys(found for module in configuration.modules for found in _constraints(module)))


def _constraints(module: Module) -> Iterator[RequiredVersion]:
    for block in module.of("terraform"):
        if isinstance(constraint := block.body.attributes.get("required_version"), str):
            yield RequiredVersion(module.name, "terraform", None, constraint)
    for name, value in _requirements(module):
        constraint = value.get("version") if isinstance(value, dict) else value
        if isinstance(constraint, str):
            yield RequiredVersion(module.name, name, address(module, name), constraint)
    for block in module.of("provider"):
        if block.labels and isinstance(constraint := block.body.attributes.get("version"), str):
            name = block.labels[0]
            yield RequiredVersion(module.name, name, address(module, name), constraint)


def _of_module(module: Module) -> dict[str, str]:
    names = set(_declared(module))
    names |= {block.labels[0] for block in module.of("provider") if block.labels}
    for block in typed_blocks(module):
        named = block.body.attributes.get("provider")
        if isinstance(named, Reference):
            names.add(named.path[0])
        elif isinstance(named, str):  # the older, quoted form, and JSON's
            names.add(named.split(".")[0])
        else:
            names.add(block.labels[0].split("_")[0])
    return {name: address(module, name) for name in names}


def typed_blocks(module: Module) -> Iterator[Block]:
    """Go through the blocks whose first label is a provider's type, those inside `check` blocks included."""
    for block in module.blocks:
        if block.type in _TYPED and block.labels:
            yield block
        elif block.type == "check":
            yield from (inner for inner in block.body.nested("data") if inner.labels)


def _requirements(module: Module) -> Iterator[tuple[str, Value]]:
    for block in module.of("terraform"):
        for requirement in block.body.nested("required_providers"):
            yield from requirement.body.attributes.items()


def _declared(module: Module) -> dict[str, str]:
    declared = {}
    for name, value in _requirements(module):
        source = value.get("source") if isinstance(value, dict) else None
        declared[name] = _normal(source) if isinstance(source, str) else _implied(name)
    return declared


def _implied(name: str) -> str:
    return f"{BUILTIN}terraform" if name == "terraform" else f"hashicorp/{name}"


def _normal(source: str) -> str:
    address = source.lower().removeprefix(_DEFAULT_HOST)
    return address if "/" in address else f"hashicorp/{address}"


def _provider_block(module: Module, block: Block) -> ProviderBlock:
    alias = block.body.attributes.get("alias")
    objects = {name for name, value in block.body.attributes.items() if not block.line and _is_object(value)}
    return ProviderBlock(
        module=module.name,
        name=block.labels[0],
        alias=alias if isinstance(alias, str) else None,
        arguments=frozenset(block.body.attributes) - objects,
        blocks=frozenset(
            inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
            for inner in block.body.blocks
        )
        | objects,
        file=block.file,
    )


def _is_object(value: Value) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(element, dict) for element in value)
    return isinstance(value, dict)
