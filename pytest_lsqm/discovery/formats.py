"""What is no Terraform yet in a package: CloudFormation and SAM templates, Serverless services, CDK apps.

Each becomes a folder with Terraform in it, which is then read like any other.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery import cdk, cloudformation, directory, serverless
from pytest_lsqm.errors import DiscoveryError, LsqmError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lsqm.discovery.cloudformation import Converted
    from pytest_lsqm.discovery.directory import Incoming
    from pytest_lsqm.models import SourceType

    Part = tuple[str, Callable[[], Incoming]]

TEMPLATES = (".yaml", ".yml", ".json", ".template")
SERVICES = ("serverless.yml", "serverless.yaml", "serverless.json", "serverless.ts", "serverless.js")
CDK = "cdk.json"
SYNTHESISED = "synthesised.json"
"""In the scratch folder: for each folder of a CDK app where its templates are, or why there are none."""

MAX_TEMPLATE = 2 * 1024 * 1024
MAX_ASSET = 50 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Where a source lies (`beside` it its functions), the package's `top`, and where its Terraform goes."""

    beside: Path
    top: Path
    into: Path


def convertible(folder: Path, scratch: Path) -> Iterator[Part]:
    """Yield what can be converted in a package, by its path, each with the call that does it."""
    synthesised = _synthesised(scratch)
    for count, path in enumerate(_files(folder)):
        shown = path.relative_to(folder).as_posix()
        into = scratch / "converted" / str(count)
        if path.name in SERVICES:
            yield shown, partial(_service, path.parent, folder, into)
        elif path.name == CDK:
            yield from _app(path, shown, synthesised, into)
        elif path.suffix in TEMPLATES and not _of_an_app(path, folder):
            text = _text(path)
            if text is not None and cloudformation.is_template(text):
                yield shown, partial(_template, path, text, folder, into)


def apps(folder: Path) -> Iterator[Path]:
    """Yield the folders of the CDK apps in a package."""
    return (path.parent for path in _files(folder) if path.name == CDK)


def _files(folder: Path) -> Iterator[Path]:
    for name, inner, files in os.walk(folder):
        inner[:] = sorted(
            each for each in inner if not each.startswith(".") and each not in directory.NOT_LOOKED_INTO
        )
        yield from (Path(name, file) for file in sorted(files) if not Path(name, file).is_symlink())


def _of_an_app(path: Path, folder: Path) -> bool:
    """Whether a template lies in the output of a CDK app, which its source gives as well."""
    return "cdk.out" in path.relative_to(folder).parts


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= MAX_TEMPLATE else None
    except (OSError, UnicodeDecodeError):
        return None


def _template(path: Path, text: str, top: Path, into: Path) -> Incoming:
    template = cloudformation.read(text, named=path.relative_to(top).as_posix())
    return _read(cloudformation.convert(template, name=path.stem), Place(path.parent, top, into), path.stem)


def _service(folder: Path, top: Path, into: Path) -> Incoming:
    service = serverless.template(folder, top=top)
    converted = cloudformation.convert(
        service.template, name=service.name, source_format="serverless", assets=service.assets
    )
    conversion = converted.conversion
    lost = (*service.lost, *conversion.lost)
    told = conversion.model_copy(update={"lost": lost, "resources": conversion.resources + len(service.lost)})
    return _read(replace(converted, conversion=told), Place(folder, top, into), service.name, "serverless")


def _app(path: Path, shown: str, synthesised: Mapping[str, str], into: Path) -> Iterator[Part]:
    out = synthesised.get(shown)
    if out is None or not Path(out).is_dir():
        yield shown, partial(_refuse, out or "it is a CDK app: `cdk synth` would have to run it; see --allow-exec")
        return
    try:
        stacks = list(cdk.templates(Path(out)))
    except LsqmError as error:
        yield shown, partial(_refuse, str(error))
        return
    for stack, template, assets in stacks:
        yield (
            f"{shown}#{stack}",
            partial(_stack, stack, template, assets, Place(Path(out), Path(out), into / stack)),
        )


def _stack(stack: str, template: dict[str, Any], assets: Mapping[str, str], place: Place) -> Incoming:
    converted = cloudformation.convert(template, name=stack, source_format="cdk", assets=assets)
    return _read(converted, place, stack, "cdk")


def _refuse(reason: str) -> Incoming:
    raise DiscoveryError(reason)


def _read(converted: Converted, place: Place, name: str, source_type: SourceType | None = None) -> Incoming:
    """Write what came of a conversion, with the functions' sources that it wants, and read it."""
    if len(converted.conversion.lost) == converted.conversion.resources:
        raise DiscoveryError("; ".join(directory.lost(converted.conversion)) or "it has no resource")
    place.into.mkdir(parents=True)
    for file, text in converted.files.items():
        target = place.into / _inside(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    left = MAX_ASSET
    for asset in converted.assets:
        left -= _copy(place.beside / _inside(asset), place.top, place.into / _inside(asset), left)
    return directory.read(
        place.into,
        conversion=converted.conversion,
        name=name,
        source_url="https://unknown.invalid/",
        source_type=source_type,
    )


def _inside(path: str) -> PurePosixPath:
    found = PurePosixPath(path)
    if found.is_absolute() or ".." in found.parts:
        raise DiscoveryError(f"it wants {path}, which lies outside its folder")
    return found


def _copy(source: Path, top: Path, target: Path, left: int) -> int:
    """Copy a function's source, a file or a folder without links, and return its size in bytes."""
    if not source.resolve().is_relative_to(top.resolve()):
        raise DiscoveryError(f"{source.name} leads out of the package")
    if not source.exists():
        return 0
    files = [source] if source.is_file() else list(_taken(source))
    size = sum(path.lstat().st_size for path in files)
    if size > left:
        raise DiscoveryError(f"its functions' sources are larger than {MAX_ASSET // 1024**2} MiB")
    for path in files:
        inner = target / path.relative_to(source) if source.is_dir() else target
        if not inner.exists():
            inner.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inner)
    return size


def _taken(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inner = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and "node_modules" not in inner.parts:
            yield path


def note(scratch: Path, synthesised: Mapping[str, str]) -> None:
    """Leave for `convertible` what came of the CDK apps: by path the folder of the templates, or the reason."""
    (scratch / SYNTHESISED).write_text(json.dumps(synthesised))


def _synthesised(scratch: Path) -> dict[str, str]:
    path = scratch / SYNTHESISED
    return dict(json.loads(path.read_text())) if path.is_file() else {}
