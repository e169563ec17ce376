"""The code of functions: what a template holds, what lies beside it, and what would have to be built."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation.hcl import Block, Expr, Piece, Text, inline, join
from pytest_lsqm.discovery.cloudformation.values import Lost

if TYPE_CHECKING:
    from pytest_lsqm.discovery.cloudformation.building import Builder

ASSETS = "lsqm-local-asset"
"""The bucket of what is no object in a bucket but a path beside the template; the key is the path."""

BUILD = "build"
"""The folder for the archives that Terraform makes."""

GENERATED = ("main.tf", "variables.tf", "outputs.tf")

_FILES = (".py", ".js", ".mjs", ".cjs", ".rb")
_ARCHIVES = (".zip", ".jar")
_INLINE = {"python": "py", "nodejs": "js"}
_COMPILED = ("java", "dotnet", "go", "provided")
_BUILDERS = ("esbuild", "makefile", "rust-cargolambda", "go1.x", "dotnet")

_LEAVE_OUT = (
    *GENERATED,
    BUILD,
    ".terraform",
    ".terraform.lock.hcl",
    ".terraform.tfstate.lock.info",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "zzz_lsqm_override.tf.json",
)
"""What is no code in the folder where Terraform runs: it changes from run to run."""


def function_code(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return where Terraform finds a function's code; raises Lost for code that is not here."""
    code = builder.resolver.peel(value)
    if not isinstance(code, dict):
        raise Lost("its code cannot be read")
    if "ImageUri" in code:
        return {"image_uri": builder.resolver.resolve(code["ImageUri"])}
    own = builder.stack.assets.get(builder.logical_id)
    if own is None and "ZipFile" in code:
        return _archived(builder, _written(builder, code["ZipFile"]))
    asset = own or local(builder, code)
    if asset is None:
        raise Lost("its code lies in a bucket of somebody's account")
    runtime = builder.properties.get("Runtime")
    if str(builder.metadata.get("BuildMethod", "")).lower() in _BUILDERS or (
        isinstance(runtime, str) and runtime.startswith(_COMPILED) and not asset.endswith(_ARCHIVES)
    ):
        raise Lost("its code has to be compiled first")
    return _of_asset(builder, asset)


def layer_content(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Return where Terraform finds a layer's content; raises Lost for what is not here."""
    content = builder.resolver.peel(value)
    asset = builder.stack.assets.get(builder.logical_id)
    if asset is None and isinstance(content, dict):
        asset = local(builder, content)
    if asset is None:
        raise Lost("its content lies in a bucket of somebody's account")
    if builder.metadata.get("BuildMethod"):
        raise Lost("its content has to be built first")
    return _of_asset(builder, asset)


def layers(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Keep the layers of the template itself; others are archives in somebody's account."""
    kept = []
    for entry in builder.entries(value, path):
        try:
            found = builder.resolver.resolve(entry)
        except Lost as error:
            builder.lose(path, error)
            continue
        if isinstance(found, Expr) and found.code.startswith("aws_lambda_layer_version."):
            kept.append(found)
        else:
            builder.lose(path, Lost("it is a layer of somebody's account"))
    return {"layers": kept} if kept else {}


def local(builder: Builder, code: dict[str, Any]) -> str | None:
    """Return the path beside the template that stands in the place of an object in a bucket."""
    for bucket, key in (("S3Bucket", "S3Key"), ("Bucket", "Key")):
        if code.get(bucket) == ASSETS:
            return inside(str(code[key]))
    return None


def inside(path: str) -> str:
    """Return a path as it is within its folder; raises Lost for one that leads out of it."""
    found = PurePosixPath(path)
    if found.is_absolute() or ".." in found.parts or "\0" in path:
        raise Lost("its code lies outside of the template's folder")
    return str(found)


def in_module(path: str) -> Any:
    """Return a path beside the Terraform files as these name it."""
    return Expr("path.module") if path == "." else join([Expr("path.module"), f"/{path}"])


def _of_asset(builder: Builder, asset: str) -> dict[str, Any]:
    builder.assets.append(asset)
    if asset.endswith(_ARCHIVES):
        there = in_module(asset)
        return {"filename": there, "source_code_hash": Expr(f"filebase64sha256({inline(there)})")}
    if asset.endswith(_FILES):
        return _archived(builder, {"source_file": in_module(asset)})
    body: dict[str, Any] = {"source_dir": in_module(asset)}
    if asset == ".":
        body["excludes"] = list(_LEAVE_OUT)
    return _archived(builder, body)


def _written(builder: Builder, text: Any) -> dict[str, Any]:
    runtime = builder.properties.get("Runtime")
    suffix = next((each for start, each in _INLINE.items() if str(runtime).startswith(start)), None)
    if suffix is None:
        raise Lost("its code is written into the template for a runtime that takes none")
    found = builder.resolver.resolve(text)
    if isinstance(found, Expr | Text):
        return {"source": Block({"content": found, "filename": f"index.{suffix}"})}
    file = f"functions/{builder.logical_id}/index.{suffix}"
    builder.files[file] = found if str(found).endswith("\n") else f"{found}\n"
    return {"source_file": in_module(file)}


def _archived(builder: Builder, source: dict[str, Any]) -> dict[str, Any]:
    body = {"type": "zip", **source, "output_path": in_module(f"{BUILD}/{builder.name}.zip")}
    piece = Piece("data", ("archive_file", builder.name), body)
    builder.pieces.append(piece)
    return {
        "filename": Expr(f"{piece.address}.output_path"),
        "source_code_hash": Expr(f"{piece.address}.output_base64sha256"),
    }


# Runtimes


@cache
def _runtimes() -> dict[str, list[str]]:
    text = resources.files(__package__).joinpath("runtimes.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def runtime(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Take a runtime, and the provider's version that knows it: it refuses all others."""
    found = builder.resolver.resolve(value)
    _know(builder, found)
    return {"runtime": found}


def runtimes(builder: Builder, value: Any, path: str) -> dict[str, Any]:
    """Take a layer's runtimes, and the provider's version that knows them."""
    found = [builder.resolver.resolve(each) for each in builder.entries(value, path)]
    for each in found:
        _know(builder, each)
    return {"compatible_runtimes": found}


def _know(builder: Builder, found: Any) -> None:
    known = builder.resolver.certainly(found) if isinstance(found, Expr) else found
    if not isinstance(known, str):
        return
    for version, names in _runtimes().items():
        if known in names:
            if version != "3.39":
                builder.need(version, f"the runtime {known}")
            return
    # It is newer than this table.
    builder.need("6.0", f"the runtime {known}")
