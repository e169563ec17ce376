"""What an app of the CDK leaves when it was synthesised: a cloud assembly of templates and assets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILE = 20 * 1024 * 1024

_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


def templates(out: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Yield each stack of a cloud assembly: its name, its template, where its functions' code lies by logical id.

    Raises DiscoveryError for an assembly that cannot be read, or leads out of its folder.
    """
    top = out.resolve()
    names: set[str] = set()
    for folder, artifact, properties in _stacks(top, top, set()):
        name = str(properties.get("stackName") or artifact)
        name = artifact if name in names else name
        # It becomes the name of a folder.
        if not _STACK.fullmatch(name) or name in names:
            raise DiscoveryError(f"{shown(name)} is no name of a stack, or that of two")
        names.add(name)
        template = read_mapping(_inside(top, folder, properties.get("templateFile")))
        yield name, _without_extras(template), _assets(top, folder, artifact, template)


def _stacks(top: Path, folder: Path, seen: set[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    seen.add(folder)
    artifacts = mapping(read_mapping(folder / "manifest.json").get("artifacts"))
    for name, artifact in sorted(artifacts.items()):
        properties, kind = mapping(mapping(artifact).get("properties")), mapping(artifact).get("type")
        if kind == "aws:cloudformation:stack":
            yield folder, name, properties
        elif kind == "cdk:cloud-assembly":
            inner = _inside(top, folder, properties.get("directoryName"))
            if inner not in seen:
                yield from _stacks(top, inner, seen)


def _inside(top: Path, folder: Path, path: Any) -> Path:
    """Return what a path in an assembly means; one that leads out is refused."""
    if not isinstance(path, str) or not path or "\0" in path:
        raise DiscoveryError("its assembly names a file by what is no path")
    found = (folder / path).resolve()
    if not found.is_relative_to(top):
        raise DiscoveryError(f"its assembly wants {shown(path)}, which lies outside of it")
    return found


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a file of JSON that holds a mapping; raises DiscoveryError for any other."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise DiscoveryError(f"{path.name} is larger than {MAX_FILE // 1024**2} MiB")
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DiscoveryError(f"{path.name} cannot be read: {reason}") from error
    if not isinstance(found, dict):
        raise DiscoveryError(f"{path.name} is no mapping")
    return found


def _without_extras(template: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the CDK adds to each template for itself."""
    extras = {
        "Parameters": ["BootstrapVersion"],
        "Rules": ["CheckBootstrapVersion"],
        "Conditions": ["CDKMetadataAvailable"],
        "Resources": [
            name
            for name, resource in mapping(template.get("Resources")).items()
            if isinstance(resource, dict) and resource.get("Type") == "AWS::CDK::Metadata"
        ],
    }
    kept = dict(template)
    for section, names in extras.items():
        if isinstance(kept.get(section), dict):
            kept[section] = {name: each for name, each in kept[section].items() if name not in names}
            if not kept[section]:
                del kept[section]
    return kept


def _assets(top: Path, folder: Path, artifact: str, template: dict[str, Any]) -> dict[str, str]:
    keys = _published(top, folder, artifact)
    found = {}
    for name, resource in mapping(template.get("Resources")).items():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Lambda::Function":
            continue
        code = mapping(mapping(resource.get("Properties")).get("Code"))
        path = mapping(resource.get("Metadata")).get("aws:asset:path") or keys.get(str(code.get("S3Key")))
        if path and (asset := _inside(top, folder, path)).exists():
            found[name] = asset.relative_to(top).as_posix()
    return found


def _published(top: Path, folder: Path, artifact: str) -> dict[str, Any]:
    """Return the paths of a stack's assets by the key under which each would be uploaded."""
    path = _inside(top, folder, f"{artifact}.assets.json")
    found = {}
    for asset in mapping(read_mapping(path).get("files") if path.is_file() else None).values():
        source = mapping(mapping(asset).get("source")).get("path")
        for place in mapping(mapping(asset).get("destinations")).values():
            found[str(mapping(place).get("objectKey"))] = source
    return found


def mapping(value: Any) -> dict[str, Any]:
    """Return a value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}
