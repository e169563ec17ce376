"""Templates as people write them, and what their conversion is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery import cloudformation

if TYPE_CHECKING:
    from pytest_lsqm.discovery.cloudformation import Converted

FOLDER = Path(__file__).parent
NAMES = ("cdk.json", "network.yaml", "orders.yaml", "rest_api.yaml", "sam.yaml")


def template(name: str) -> dict[str, Any]:
    """Read a template."""
    return cloudformation.read((FOLDER / name).read_text(encoding="utf-8"), named=name)


def converted(name: str) -> Converted:
    """Convert a template; the CDK's functions lie in the assets that its manifest names."""
    if name == "cdk.json":
        assets = {"Fn9270CBC0": "asset.abc.zip"}
        return cloudformation.convert(template(name), name="cdk", source_format="cdk", assets=assets)
    return cloudformation.convert(template(name), name=name.partition(".")[0])


def write_assets(conversion: Converted, folder: Path) -> None:
    """Write an archive with a function for each that a conversion wants."""
    for asset in conversion.assets:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("app.py", "def handler(event, context):\n    return event\n")
        (folder / asset).write_bytes(content.getvalue())
