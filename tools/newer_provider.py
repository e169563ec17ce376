"""Record what a newer AWS provider knows of the types in the tables: `python tools/newer_provider.py FOLDER`.

Needs the bindings for Terraform, which are generated from the provider's schema, unpacked in a folder:
`pip download --no-deps cdktn-provider-aws==25.8.1`, then `unzip`. Give that folder as the only argument.
What is written is in the form of `terraform providers schema -json`, as far as the tables use the words.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

from pytest_lsqm.discovery.cloudformation import tables

OUT = Path(__file__).parents[1] / "tests" / "discovery" / "cloudformation" / "newer.json"
META = frozenset(
    {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners", "timeouts"}
)
SCALARS = (("builtins.str", "string"), ("jsii.Number", "number"), ("builtins.bool", "bool"))


def block(classes: dict[str, ast.ClassDef], name: str, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return what a class of the bindings says of its block."""
    made = next(
        each for each in classes[name].body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    )
    anchors = dict(re.findall(r":param (\w+):.*?#(\w+) ", ast.get_docstring(made) or ""))
    attributes: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for argument in made.args.kwonlyargs:
        if argument.arg in leave_out or argument.annotation is None:
            continue
        written = ast.unparse(argument.annotation)
        required = not written.startswith("typing.Optional")
        named = anchors.get(argument.arg, argument.arg)
        inner = next((each for each in re.findall(r"'(\w+)'", written) if each in classes), None)
        if inner:
            blocks[named] = {"block": block(classes, inner), "min_items": int(required)}
            continue
        scalar = next((word for sign, word in SCALARS if sign in written), "string")
        shape = "list" if "typing.Sequence" in written else "map" if "typing.Mapping" in written else None
        attributes[named] = {
            "type": [shape, scalar] if shape else scalar,
            ("required" if required else "optional"): True,
        }
    for method in classes[name].body:
        if isinstance(method, ast.FunctionDef) and _told(method) and method.name not in blocks:
            attributes.setdefault(method.name, {"type": "string", "computed": True})
    return {"attributes": attributes, "block_types": blocks}


def _told(method: ast.FunctionDef) -> bool:
    """Whether a method is an attribute of the resource."""
    decorators = [ast.unparse(each) for each in method.decorator_list]
    named = any("jsii_name" in each for each in decorators) and not method.name.endswith("_input")
    return named and "builtins.property" in decorators


def words(rules: Any) -> set[str]:
    """Return every word that a table has, wherever it stands."""
    return set(re.findall(r"\w+", repr(rules)))


def pruned(found: dict[str, Any], used: set[str]) -> dict[str, Any]:
    """Leave what no table speaks of out, but not what is required."""
    attributes = {
        name: each for name, each in sorted(found["attributes"].items()) if name in used or each.get("required")
    }
    blocks = {
        name: {**each, "block": pruned(each["block"], used)}
        for name, each in sorted(found["block_types"].items())
        if name in used or each["min_items"]
    }
    return {"attributes": attributes, "block_types": blocks}


def main() -> None:
    """Record the types that the tables name."""
    bindings = Path(sys.argv[1]) / "cdktn_provider_aws"
    loaded = tables.load()
    used = words(loaded)
    found = {}
    for kind in sorted(each for each in used if each.startswith("aws_")):
        file = bindings / kind.removeprefix("aws_") / "__init__.py"
        if not file.is_file():
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        top = next(
            name
            for name, each in classes.items()
            if any("TerraformResource" in ast.unparse(b) for b in each.bases)
        )
        found[kind] = {"block": pruned(block(classes, top, META), used)}
    OUT.write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
