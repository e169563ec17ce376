"""What the installed plugin costs a pytest start without `--lsqm`.

Example: python benchmarks/startup.py --runs 30
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path


def once(folder: Path, *arguments: str) -> float:
    """Return the milliseconds of one `pytest --collect-only` of an empty test file."""
    # No other plugin, so that what differs is this one; a cached byte code, as every installed package has.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure in turns, so that a machine that changes its speed changes it for both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        loaded, bare = [], []
        for turn in range(arguments.runs + 2):
            pair = once(folder, "-p", "pytest_lsqm.plugin"), once(folder)
            if turn >= 2:  # the first turns fill caches
                loaded.append(pair[0])
                bare.append(pair[1])
    cost = statistics.median(a - b for a, b in zip(loaded, bare, strict=True))
    told = {
        "python": platform.python_version(),
        "pytest": version("pytest"),
        "cores": os.cpu_count(),
        "runs": arguments.runs,
        "with_plugin_ms": round(statistics.median(loaded), 2),
        "without_ms": round(statistics.median(bare), 2),
        "cost_ms": round(cost, 2),
    }
    print(json.dumps(told, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
