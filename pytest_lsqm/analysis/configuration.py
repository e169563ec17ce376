"""A Terraform configuration as Terraform loads it: the root module and the modules at hand, transitively.

At hand are the local modules, and the remote ones that lie in the root's `lsqm-modules` (see `vendored`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import folders, hcl, vendored
from pytest_lsqm.analysis.values import Block, Body, Value
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 50


@dataclass(frozen=True)
class Module:
    """One module's folder: `path` absolute, `name` relative to the root module (`.` for the root itself)."""

    path: Path
    name: str
    files: tuple[str, ...]
    blocks: tuple[Block, ...]
    children: dict[str, Module] = field(default_factory=dict)
    """The modules at hand by the name of the call."""

    def of(self, *kinds: str) -> Iterator[Block]:
        """Go through the blocks of these types."""
        return (block for block in self.blocks if block.type in kinds)

    def where(self, block: Block) -> str:
        """Name a block for a person, with its module's folder when that is not the root."""
        return block.address if self.name == "." else f"{block.address} in {self.name}"


@dataclass(frozen=True)
class Configuration:
    """A root module, the folder above which nothing is read, and each module once, the root first."""

    root: Module
    top: Path
    modules: tuple[Module, ...]


def load(directory: Path, *, top: Path | None = None) -> Configuration:
    """Read the configuration in a folder; nothing above `top` is read (default: `folders.boundary`).

    Raises AnalysisError, with file and line where there is one, for what cannot be read or is too large.
    """
    start = Path(os.path.realpath(directory))
    if not start.is_dir():
        raise AnalysisError(f"{directory}: is not a folder; name the folder that holds the .tf files.")
    loader = _Loader(start, top.resolve() if top else folders.boundary(start))
    root = loader.module(start, (), ())
    if not root.files:
        raise AnalysisError(f"{directory}: holds no .tf or .tf.json file; name the folder of the root module.")
    return Configuration(root, loader.top, tuple(loader.modules.values()))


class _Loader:
    def __init__(self, root: Path, top: Path) -> None:
        self.root = root
        self.top = top
        self.modules: dict[Path, Module] = {}
        self._vendored = vendored.read(root, top)
        self._files = 0
        self._bytes = 0

    def module(self, path: Path, callers: tuple[Path, ...], key: tuple[str, ...]) -> Module:
        """Read the module in a folder, once however often it is called; `key` is the way of calls to it."""
        if found := self.modules.get(path):
            return found
        primary, override, names = self._parse(path)
        module = Module(path, folders.relative(path, self.root), names, _merged(primary, override))
        self.modules[path] = module
        for block in module.of("module"):
            source = block.body.attributes.get("source")
            if not block.labels or not isinstance(source, str):
                continue
            inner = (*key, block.labels[0])
            if source.startswith(vendored.LOCAL):
                place = folders.lexical(path / source.replace("\\", "/"))
            elif (record := self._vendored.get(".".join(inner))) and vendored.fetchable(source):
                place = folders.lexical(self.root / record.folder)
            else:
                continue
            module.children[inner[-1]] = self._child(place, block, source, (*callers, path), inner)
        return module

    def _child(
        self, path: Path, block: Block, source: str, callers: tuple[Path, ...], key: tuple[str, ...]
    ) -> Module:
        place = block.place
        if path in callers:
            raise AnalysisError(
                f"{place}: module {block.labels[0]} calls itself by way of {source}; break the circle."
            )
        if len(callers) > _MAX_DEPTH:
            raise AnalysisError(
                f"{place}: modules are nested deeper than {_MAX_DEPTH}; simplify the configuration."
            )
        folders.confined(path, self.top, f"{place}: {source}")
        if not path.is_dir():
            raise AnalysisError(
                f"{place}: module {block.labels[0]} wants the folder {source}, which does not exist."
            )
        return self.module(path, callers, key)

    def _parse(self, path: Path) -> tuple[list[Block], list[Block], tuple[str, ...]]:
        primary: list[Block] = []
        override: list[Block] = []
        names = terraform_files(path)
        for name in names:
            shown = Path(folders.relative(path / name, self.root)).as_posix()
            text = self._read(path / name, shown)
            body = hcl.parse_json(text, shown) if name.endswith(".json") else hcl.parse(text, shown)
            stem = name.removesuffix(".json").removesuffix(".tf")
            (override if stem == "override" or stem.endswith("_override") else primary).extend(body.blocks)
        return primary, override, names

    def _read(self, path: Path, shown: str) -> str:
        real = folders.confined(path, self.top, shown)
        size = folders.regular_size(real, shown)
        self._files += 1
        self._bytes += size
        if size > folders.MAX_TERRAFORM_FILE:
            raise AnalysisError(f"{shown}: is larger than 1 MiB, the most that is read of one file; split it.")
        if self._files > folders.MAX_FILES or self._bytes > folders.MAX_TERRAFORM:
            raise AnalysisError(
                f"{shown}: with it the configuration exceeds {folders.MAX_FILES} Terraform files or 4 MiB; "
                "take it apart into smaller architectures."
            )
        return read_text(real, shown)


def read_text(path: Path, shown: str) -> str:
    """Read a file of the configuration as Terraform does: UTF-8, with or without a byte order mark."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnalysisError(f"{shown}: is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise AnalysisError(f"{shown}: cannot be read ({error.strerror}); correct its permissions.") from error


def terraform_files(path: Path) -> tuple[str, ...]:
    """List the names of the files in a folder that Terraform would load, sorted; editors' leftovers are not."""
    return tuple(
        sorted(
            entry.name
            for entry in path.iterdir()
            if entry.name.endswith((".tf", ".tf.json"))
            and not entry.name.startswith((".", "#"))
            and not entry.is_dir()
        )
    )


def _merged(primary: list[Block], override: list[Block]) -> tuple[Block, ...]:
    """Apply override files: what they say of a block that exists replaces arguments and nested blocks of it."""
    merged = list(primary)
    for block in override:
        same = (
            n for n, b in enumerate(merged) if (b.type, b.labels) == (block.type, block.labels) and _same(b, block)
        )
        at = next(same, None)
        if at is None:
            merged.append(block)
        else:
            merged[at] = replace(merged[at], body=_overridden(merged[at].body, block.body))
    return tuple(merged)


def _same(one: Block, other: Block) -> bool:
    if one.type != "provider":
        return bool(one.labels) or one.type == "locals"
    return one.body.attributes.get("alias") == other.body.attributes.get("alias")


def _overridden(body: Body, by: Body) -> Body:
    attributes: dict[str, Value] = {**body.attributes, **by.attributes}
    replaced = {block.type for block in by.blocks}
    return Body(attributes, tuple(block for block in body.blocks if block.type not in replaced) + by.blocks)
