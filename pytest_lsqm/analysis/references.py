"""Files that a configuration refers to by a path that can be read off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import folders
from pytest_lsqm.analysis.values import Body, Call, Expression, Reference, Template, Value, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_lsqm.analysis.configuration import Configuration, Module
    from pytest_lsqm.analysis.values import Block

_READING = frozenset(
    {
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
    }
) | {"templatefile", "fileset", "fileexists"}
"""Terraform's functions whose first argument is a path."""

_TOLERANT = frozenset({"try", "can", "fileexists", "fileset"})
"""Functions inside which a missing file is no error."""

_SOURCES = {
    "aws_lambda_function": ("filename",),
    "aws_lambda_layer_version": ("filename",),
    "aws_s3_object": ("source",),
    "aws_s3_bucket_object": ("source",),
    "archive_file": ("source_file", "source_dir"),
}
"""Arguments that name a file which must be there when Terraform runs."""

PRODUCTS = {"archive_file": "output_path", "local_file": "filename", "local_sensitive_file": "filename"}
"""Arguments that name a file which Terraform makes as it runs."""


@dataclass(frozen=True)
class FileReference:
    """A path as the configuration means it: absolute, `..` resolved by its words.

    `partial`: only the folder is known, the rest of the path is computed. `required`: Terraform fails
    when there is no such file. `absolute`: it was written as an absolute path or with `~`.
    """

    path: Path
    written: str
    place: str
    partial: bool = False
    required: bool = False
    absolute: bool = False


def leading_text(value: Value) -> str | None:
    """Give the text with which a path begins as it stands: `${path.module}/a-${var.b}` begins with `./a-`."""
    parts = value.parts if isinstance(value, Template) else (value,)
    text = ""
    for position, part in enumerate(parts):
        if isinstance(part, str):
            text += part
        elif position == 0 and isinstance(part, Reference) and part.path[0] == "path":
            text += "."
        else:
            break
    return text or None


def references(configuration: Configuration) -> tuple[FileReference, ...]:
    """List what functions, and arguments known to name a file, refer to, in all modules, once per place."""
    found: dict[FileReference, None] = {}
    always = _always_called(configuration.root)
    for module in configuration.modules:
        finder = _Finder(configuration, module, certain=module.path in always)
        for block in module.blocks:
            found |= dict.fromkeys(finder.in_block(block))
    return tuple(found)


def missing(configuration: Configuration) -> tuple[FileReference, ...]:
    """List the references to files that are needed, do not exist, and are not made by the configuration itself."""
    products = _products(configuration)
    return tuple(
        reference
        for reference in references(configuration)
        if reference.required
        and not reference.absolute
        and not folders.exists(reference.path)
        and reference.path not in products
    )


def _always_called(module: Module) -> set[Path]:
    """List the folders of the modules that no `count` or `for_each` on the way from the root can switch off."""
    found = {module.path}
    for block in module.of("module"):
        child = module.children.get(block.labels[0]) if block.labels else None
        if child and child.path not in found and _certain(block):
            found |= _always_called(child)
    return found


def _certain(block: Block) -> bool:
    return "count" not in block.body.attributes and "for_each" not in block.body.attributes


def of_one_machine(configuration: Configuration) -> tuple[FileReference, ...]:
    """List the references by absolute paths, apart from files that the configuration makes itself."""
    products = _products(configuration)
    found = references(configuration)
    return tuple(reference for reference in found if reference.absolute and reference.path not in products)


def _products(configuration: Configuration) -> set[Path]:
    paths = set()
    for module in configuration.modules:
        finder = _Finder(configuration, module, certain=False)
        for block in module.of("resource", "data"):
            if block.labels and (argument := PRODUCTS.get(block.labels[0])):
                paths |= {
                    ref.path for ref in finder.path(block, block.body.attributes.get(argument), required=False)
                }
    return paths


class _Finder:
    """Looks for paths in one module; `path.module` is its folder, `path.root` and bare paths mean the root's."""

    def __init__(self, configuration: Configuration, module: Module, *, certain: bool) -> None:
        self._root = configuration.root.path
        self._module = module
        self._certain = certain

    def in_block(self, block: Block) -> Iterator[FileReference]:
        names = _SOURCES.get(block.labels[0], ()) if block.type in {"resource", "data"} and block.labels else ()
        certain = self._certain and _certain(block)
        for name in names:
            yield from self.path(block, block.body.attributes.get(name), required=certain)
        if block.type in {"resource", "data", "module", "provider"}:
            yield from self._climbing(block, block.body)
        yield from self._in_body(block, block.body, required=certain)

    def path(self, block: Block, value: Value, *, required: bool) -> Iterator[FileReference]:
        """Read a value as a path; nothing where not even a folder can be read off it."""
        parts = value.parts if isinstance(value, Template) else (value,)
        base, text, complete = self._root, "", True
        for position, part in enumerate(parts):
            if isinstance(part, str):
                text += part
            elif position == 0 and isinstance(part, Reference) and part.path[:1] == ("path",):
                base = self._module.path if part.path == ("path", "module") else self._root
            else:
                complete = False
                break
        written = text if complete else text[: text.rfind("/") + 1]
        if not written.strip("/.") and ".." not in written:  # says nothing, or the module's own folder
            return
        rooted = isinstance(parts[0], str) and written.startswith(("/", "~"))
        if not rooted:
            written = written.lstrip("/")  # the rest of "${path.module}/file"
        path = folders.lexical(base / written)
        yield FileReference(path, written, block.place, not complete, required and complete, rooted)

    def _in_body(self, block: Block, body: Body, *, required: bool) -> Iterator[FileReference]:
        for value in body.attributes.values():
            yield from self._in_value(block, value, required=required)
        for inner in body.blocks:
            yield from self._in_body(block, inner.body, required=required and inner.type != "dynamic")

    def _in_value(self, block: Block, value: Value, *, required: bool) -> Iterator[FileReference]:
        if isinstance(value, Call):
            required = required and value.name not in _TOLERANT
            if value.name in _READING and value.arguments:
                yield from self.path(block, value.arguments[0], required=required)
        elif isinstance(value, Expression):  # a conditional, a `for`: what is inside may never be asked for
            required = required and value.kind not in {"conditional", "for_tuple_expr", "for_object_expr"}
        for part in parts_of(value):
            yield from self._in_value(block, part, required=required)

    def _climbing(self, block: Block, body: Body) -> Iterator[FileReference]:
        """Any argument that begins with the way out of the folder and leads to something that exists is a path."""
        for name, value in body.attributes.items():
            text = leading_text(value)
            if (block.type, name) != ("module", "source") and text and ".." in text.split("/"):
                yield from (ref for ref in self.path(block, value, required=False) if folders.exists(ref.path))
        for inner in body.blocks:
            yield from self._climbing(block, inner.body)
