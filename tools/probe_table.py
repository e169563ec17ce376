"""Write docs/probes.md: which resource types the built-in generator probes, and how."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from pytest_lsqm.generation.builtin import probed_types
from pytest_lsqm.generation.builtin.registry import PROBES

PAGE = Path(__file__).parents[1] / "docs" / "probes.md"

HEAD = """# What the built-in generator probes

{count} resource types. A resource of any other type is read back by the API that describes it, where botocore
knows one, and its type is named in the app's metadata (`unprobed`). Written by `python tools/probe_table.py`
from the probes themselves.

| resource type | what its tests show |
| --- | --- |
"""


def page() -> str:
    """Return the page as it should be now."""
    rows = [f"| `{type_}` | {_what(type_)} |" for type_ in probed_types()]
    return HEAD.format(count=len(rows)) + "\n".join(rows) + "\n"


def _what(type_: str) -> str:
    first = (inspect.getdoc(PROBES[type_]) or "").split("\n\n")[0].replace("\n", " ")
    text = re.sub(r"^(Yield|Return) ", "", first).rstrip(".")
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
    sys.stderr.write(f"{PAGE}: {len(probed_types())} types\n")
