"""From a template to Terraform files, and the account of what was lost on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_lsqm.discovery.cloudformation import hcl, sam
from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, Piece, inline
from pytest_lsqm.discovery.cloudformation.naming import condition_name, mapping_name, plain
from pytest_lsqm.discovery.cloudformation.stack import Stack
from pytest_lsqm.discovery.cloudformation.values import NO_VALUE, Lost, default_of, is_list, parameters
from pytest_lsqm.errors import DiscoveryError
from pytest_lsqm.models import Conversion, LostResource

if TYPE_CHECKING:
    from collections.abc import Mapping

    Format = Literal["cloudformation", "sam", "serverless", "cdk"]

MAX_RESOURCES = 2000
"""AWS takes 500 in one template."""

DEFAULT_PROVIDER = "3.39"
"""What the tables are written for: the provider that the plugin brings where no registry answers.

From 4.0 on a bucket's settings are resources of their own, but 5.x and 6.x still take them as blocks."""

_DATA = {
    "data.aws_availability_zones.current": {"state": "available"},
    "data.aws_caller_identity.current": {},
    "data.aws_partition.current": {},
    "data.aws_region.current": {},
}


@dataclass(frozen=True)
class Converted:
    """Terraform files by their path, what was lost, and what of the source's folder has to lie beside them."""

    files: dict[str, str]
    conversion: Conversion
    assets: tuple[str, ...]


def convert(
    template: dict[str, Any],
    *,
    name: str,
    source_format: Format = "cloudformation",
    assets: Mapping[str, str] | None = None,
) -> Converted:
    """Convert a template; `assets` are the paths of functions' code by logical id, where the caller knows them.

    A template of SAM is one of "sam" whatever is said. Raises DiscoveryError for one that cannot be taken apart.
    """
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise DiscoveryError("the template has no resources")
    lost: list[LostResource] = []
    try:
        if sam.is_sam(template):
            source_format = "sam" if source_format == "cloudformation" else source_format
            template, lost = sam.expand(template)
        if len(template["Resources"]) > MAX_RESOURCES:
            raise DiscoveryError(f"the template has more than {MAX_RESOURCES} resources")
        return _converted(template, name, source_format, assets or {}, lost)
    except RecursionError as error:
        raise DiscoveryError("the template is nested too deep") from error


def _converted(
    template: dict[str, Any], name: str, source_format: Format, assets: Mapping[str, str], lost: list[LostResource]
) -> Converted:
    stack = Stack(template, assets)
    stack.build()
    pieces = stack.pieces()
    outputs, lost_outputs = _outputs(template, stack)
    builders = stack.builders.values()
    lost += [
        LostResource(name=each, type=str(stack.resources[each]["Type"]), reason=reason)
        for each, reason in sorted(stack.gone.items())
    ]
    properties = [*stack.lost_properties, *(path for each in builders for path in each.lost), *lost_outputs]
    conversion = Conversion(
        source_format=source_format,
        resources=len(stack.resources) + sum(each.name not in stack.resources for each in lost),
        lost=tuple(lost),
        lost_properties=tuple(dict.fromkeys(properties)),
    )
    files = _files(template, stack, [*pieces], outputs, name)
    for builder in builders:
        files |= builder.files
    wanted = dict.fromkeys(path for builder in builders for path in builder.assets)
    return Converted(files, conversion, tuple(wanted))


def _files(
    template: Mapping[str, Any], stack: Stack, pieces: list[Piece], outputs: list[Piece], name: str
) -> dict[str, str]:
    used = hcl.write([*pieces, *outputs])
    local_values = _locals(template, stack, used, name)
    used += "".join(f"{inline(each)}\n" for each in local_values.values())
    data = [
        Piece("data", (address.split(".")[1], "current"), dict(body))
        for address, body in _DATA.items()
        if address in used
    ]
    head = [_settings(stack, pieces), *data]
    if local_values:
        head.append(Piece("locals", (), local_values))
    files = {"main.tf": _about(stack) + hcl.write([*head, *pieces])}
    if variables := _variables(template, stack.variables, used):
        files["variables.tf"] = hcl.write(variables)
    if outputs:
        files["outputs.tf"] = hcl.write(outputs)
    return {path: text.rstrip("\n") + "\n" for path, text in files.items()}


def _about(stack: Stack) -> str:
    lines = ["# Converted from a CloudFormation template; conditions are decided by the parameters' defaults."]
    needs = stack.needs()
    if needs:
        lines.append(
            f"# The AWS provider {DEFAULT_PROVIDER} would do but for {', '.join(sorted(needs.values()))}."
        )
    else:
        lines.append(
            f"# Written for the AWS provider {DEFAULT_PROVIDER}, which has a bucket's settings as its blocks."
        )
    return "\n".join(lines) + "\n"


def _settings(stack: Stack, pieces: list[Piece]) -> Piece:
    versions = sorted(stack.needs(), key=lambda version: [int(part) for part in version.split(".")])
    aws = {"source": "hashicorp/aws", "version": f"~> {versions[-1] if versions else DEFAULT_PROVIDER}"}
    wanted: dict[str, Any] = {"aws": aws}
    if any(piece.labels[0] == "archive_file" for piece in pieces):
        wanted["archive"] = {"source": "hashicorp/archive", "version": ">= 2.0"}
    return Piece("terraform", (), {"required_providers": Block(wanted)})


def _locals(template: Mapping[str, Any], stack: Stack, used: str, name: str) -> dict[str, Any]:
    """Return the local values that are asked for, and those that these ask for."""
    everything: dict[str, Any] = {"stack_name": re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:40] or "stack"}
    for section, named in (("Mappings", mapping_name), ("Conditions", condition_name)):
        entries = template.get(section)
        for key, each in (entries if isinstance(entries, dict) else {}).items():
            try:
                found = each if section == "Mappings" else stack.resolver.evaluate(each)
            except Lost:
                continue  # nobody can have asked for it
            everything[named(str(key))] = found
    chosen: dict[str, Any] = {}
    waiting = {used}
    while waiting:
        asked = {plain(each) for text in waiting for each in re.findall(r"\blocal\.(\w+)", text)} - chosen.keys()
        fresh = {key: everything[key] for key in asked if key in everything}
        chosen |= fresh
        waiting = {inline(each) for each in fresh.values()}
    return {key: each for key, each in everything.items() if key in chosen}


def _variables(template: Mapping[str, Any], names: Mapping[str, str], used: str) -> list[Piece]:
    pieces = []
    for key, parameter in parameters(template).items():
        name = names.get(key)
        if name is None or not re.search(rf"\bvar\.{re.escape(name)}\b", used):
            continue
        kind = (
            "list(string)" if is_list(parameter) else "number" if parameter.get("Type") == "Number" else "string"
        )
        body: dict[str, Any] = {"type": Expr(kind)}
        if isinstance(parameter.get("Description"), str):
            body["description"] = parameter["Description"]
        if (default := default_of(parameter)) is not NO_VALUE:
            body["default"] = default
        pieces.append(Piece("variable", (name,), body))
    return pieces


def _outputs(template: Mapping[str, Any], stack: Stack) -> tuple[list[Piece], list[str]]:
    pieces, lost = [], []
    outputs = template.get("Outputs")
    for key, output in (outputs if isinstance(outputs, dict) else {}).items():
        try:
            truth = stack.resolver.truth(output["Condition"]) if "Condition" in output else True
            if not isinstance(truth, Expr) and not truth:
                continue
            value = stack.resolver.resolve(output["Value"])
        except (Lost, KeyError, TypeError):
            lost.append(f"Outputs.{key}")
            continue
        body: dict[str, Any] = {}
        if isinstance(output.get("Description"), str):
            body["description"] = output["Description"]
        body["value"] = Expr(f"{truth.code} ? {inline(value)} : null") if isinstance(truth, Expr) else value
        pieces.append(Piece("output", (str(key),), body))
    return pieces, lost
