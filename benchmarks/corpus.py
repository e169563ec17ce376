"""Wall time, CPU time and peak memory of the whole corpus, by number of workers.

Example: python benchmarks/corpus.py --emulator localstack-host --workers 1 2 --json corpus.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import trees


def measure(workers: int, emulator: str, corpus: Path, extra: list[str]) -> dict[str, Any]:
    """Run the corpus once and return what it took."""
    with tempfile.TemporaryDirectory() as name:
        document = Path(name) / "run.json"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--lsqm",
            f"--lsqm-corpus={corpus}",
            f"--lsqm-emulator={emulator}",
        ]
        command += [f"--lsqm-json={document}", "-n", str(workers), "-p", "no:cacheprovider", *extra]
        started, before = time.monotonic(), trees.cpu_below()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with trees.watching(child.pid) as peak:
            output, _ = child.communicate()
        wall = time.monotonic() - started
        cpu = trees.cpu_below() - before
        if not document.exists():
            raise SystemExit(output)
        run = json.loads(document.read_text())["run"]
    count = run["summary"]["total"]
    return {
        "workers": workers,
        "architectures": count,
        "passed": run["summary"]["passed"],
        "wall_seconds": round(wall, 1),
        "wall_seconds_each": round(wall / count, 2),
        "cpu_seconds": round(cpu, 1),
        "cpu_seconds_each": round(cpu / count, 2),
        "peak_memory_mib": peak.bytes // 2**20,
        "versions": run["config"]["versions"] | {run["config"]["emulator"]["name"]: run["localstack_version"]},
    }


def main() -> None:
    """Measure each number of workers in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--emulator", default="localstack-host")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--json", type=Path)
    arguments, extra = parser.parse_known_args()
    trees.adopt_orphans()
    rows = [measure(count, arguments.emulator, arguments.corpus, extra) for count in arguments.workers]
    columns = [name for name in rows[0] if name != "versions"]
    print("  ".join(columns))
    for row in rows:
        print("  ".join(f"{row[name]!s:>{len(name)}}" for name in columns))
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    print(json.dumps(machine | {"versions": rows[0]["versions"]}))
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "runs": rows}, indent=2))


if __name__ == "__main__":
    main()
