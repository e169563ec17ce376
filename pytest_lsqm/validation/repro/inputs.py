"""Turn `terraform show -json` on standard input into what the tests read: outputs.json and resources.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def managed(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the managed resources of a module and of those below it."""
    for entry in module.get("resources", []):
        if entry["mode"] == "managed":
            values = entry["values"]
            yield {
                "address": entry["address"],
                "type": entry["type"],
                "name": entry["name"],
                "id": values.get("id"),
                "attributes": values,
            }
    for child in module.get("child_modules", []):
        yield from managed(child)


state = json.load(sys.stdin).get("values", {})
outputs = {name: output.get("value") for name, output in state.get("outputs", {}).items()}
Path("outputs.json").write_text(json.dumps(outputs))
Path("resources.json").write_text(json.dumps(list(managed(state.get("root_module", {})))))
