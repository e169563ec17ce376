"""Small architectures to measure with: five resources and two tests each, whose tests wait for nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TEMPLATES = ("queues", "buckets", "settings", "access")


def write(folder: Path, count: int) -> list[Path]:
    """Write `count` architectures with names of their own below `folder`, each with its app in `lsqm/`."""
    written = []
    for number in range(count):
        template = TEMPLATES[number % len(TEMPLATES)]
        place = folder / f"{template}-{number:03}"
        app = place / "lsqm"
        app.mkdir(parents=True)
        text = (HERE / template / "main.tf").read_text()
        (place / "main.tf").write_text(text.replace('default = "', f'default = "n{number:03}-'))
        shutil.copyfile(HERE / template / "test_app.py", app / "test_app.py")
        (app / "conftest.py").touch()
        (app / "app.py").touch()
        (app / "requirements.txt").write_text("boto3\npytest\n")
        written.append(place)
    return written
