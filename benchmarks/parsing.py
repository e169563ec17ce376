"""Time and peak memory of reading many Terraform modules: parsing, facts, files, hash.

The modules are made of the corpus: each has one architecture as its root and another one as a local module.
The same ones come out each time. Example: python benchmarks/parsing.py --workers 1 2 --json parsing.json
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "corpus" / "architectures"
CALL = 'module "part" {\n  source = "./modules/part"\n}\n\nlocals {\n  edition = %d\n}\n'


def make(count: int, folder: Path, corpus: Path) -> list[Path]:
    """Write so many modules."""
    sources = sorted(path for path in corpus.iterdir() if any(path.glob("*.tf")))
    if len(sources) < 2:
        raise SystemExit(f"{corpus} has not the two architectures that a module is made of")
    made = []
    for number in range(count):
        target = folder / f"module-{number}"
        part = target / "modules" / "part"
        left_out = shutil.ignore_patterns("metadata.json")
        shutil.copytree(sources[number % len(sources)], target, ignore=left_out)
        shutil.copytree(sources[(7 * number + 1) % len(sources)], part, ignore=left_out, dirs_exist_ok=True)
        (target / "part.tf").write_text(CALL % number)
        made.append(target)
    return made


def read(folder: Path) -> dict[str, float]:
    """Read one module as `lsqm mine` does, and return what it was and took."""
    from pytest_lsqm.discovery import directory

    started = time.perf_counter()
    incoming = directory.read(folder)
    seconds = time.perf_counter() - started
    sizes = [path.stat().st_size for name, path in incoming.files.items() if name.endswith(".tf")]
    return {
        "seconds": seconds,
        "files": len(sizes),
        "bytes": sum(sizes),
        "resources": incoming.architecture.resource_count,
        # In KiB: the most that this process has had so far, Python and all packages included.
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(modules: list[Path], workers: int) -> dict[str, Any]:
    """Read all modules with so many processes."""
    # Not by a fork, which would count this process's memory as the worker's.
    context = multiprocessing.get_context("spawn")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        found = list(pool.map(read, modules, chunksize=5))
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(each["bytes"] for each in found)
    return {
        "workers": workers,
        "modules": len(found),
        "files": int(sum(each["files"] for each in found)),
        "kB": round(size / 1000),
        "resources": int(sum(each["resources"] for each in found)),
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "kB_per_cpu_s": round(size / 1000 / cpu),
        "median_ms": round(1000 * statistics.median(each["seconds"] for each in found), 1),
        "slowest_ms": round(1000 * max(each["seconds"] for each in found), 1),
        "peak_mib": round(max(each["peak_mib"] for each in found), 1),
    }


def main() -> None:
    """Measure each number of workers on the same modules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lsqm-parsing-") as name:
        modules = make(arguments.modules, Path(name), arguments.corpus)
        rows = [measure(modules, workers) for workers in arguments.workers]
    told = {
        "python": platform.python_version(),
        "python_hcl2": version("python-hcl2"),
        "lark": version("lark"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_at_the_end": round(os.getloadavg()[0], 1),
        "runs": rows,
    }
    print("| " + " | ".join(rows[0]) + " |")
    print("| " + " | ".join("---" for _ in rows[0]) + " |")
    for row in rows:
        print("| " + " | ".join(map(str, row.values())) + " |")
    print(", ".join(f"{name} {value}" for name, value in told.items() if name != "runs"))
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
