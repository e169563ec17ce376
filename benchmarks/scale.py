"""What the plugin itself costs when there is much: collecting, running what has its verdict at once, the past.

Each is measured at a size, at twice and at four times that size: what is linear takes four times as long, at most.

Example: python benchmarks/scale.py --collect 10000 --run 2000 --past 2000 --workers 2 --json scale.json
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
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import small, stores, trees
from pytest_lsqm import conclusion
from pytest_lsqm.reporting import document, html, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import Run

TIMES = (1, 2, 4)
RUNS = 12
"""Runs in the past of a corpus that grows; of one that does not, so many, twice and four times as many."""

# Plugins that only the tests of this repository bring: hypothesis imports itself at the end of any run.
OTHERS = ("-p", "no:hypothesispytest", "-p", "no:anyio")
COLLECTS = ("--collect-only", "--no-header", "-qq")
STUBS = ("-p", "benchmarks.stub", "--lsqm-emulator=localstack-host", "--lsqm-providers=mirror")
TRIVIAL = "import pytest\n\n\n@pytest.mark.parametrize('number', range({}))\ndef test_nothing(number):\n    pass\n"


def pytest_on(*words: str) -> dict[str, float]:
    """Run pytest with these words and return what it and its workers took."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *OTHERS, *words]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started, cpu = time.monotonic(), trees.cpu_below()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=small.ROOT, env=environment)
        # The most that it ever had in memory is kept by the kernel for a child that has ended.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise SystemExit(output.read().decode()[-4000:])
    return {
        "cpu": trees.cpu_below() - cpu,
        "wall": time.monotonic() - started,
        "memory_mib": usage.ru_maxrss / 1024,
    }


def on(corpus: Path) -> tuple[str, ...]:
    """Return the words that turn the plugin on for a store."""
    return "--lsqm", f"--lsqm-corpus={corpus}"


def collecting(place: Path, most: int) -> Iterator[tuple[int, dict[str, float]]]:
    """Collect a corpus; of three times the best, since the first writes the index and bytecode."""
    for size in _sizes(most):
        stores.fill(corpus := place / f"collect-{size}", size, with_apps=False)
        took = [pytest_on(*on(corpus), *COLLECTS) for _ in range(3)]
        yield size, {key: min(each[key] for each in took) for key in took[0]}


def running(place: Path, most: int, workers: int) -> Iterator[tuple[int, dict[str, float]]]:
    """Run a corpus whose architectures have their verdict at once, and as many tests that do nothing at all."""
    for size in _sizes(most):
        (trivial := place / f"test_{size}.py").write_text(TRIVIAL.format(size))
        bare = pytest_on(str(trivial), "-n", str(workers), "--maxschedchunk=1")["cpu"]
        stores.fill(corpus := place / f"run-{size}", size, with_apps=True)
        first = pytest_on(*on(corpus), *STUBS, "-n", str(workers))
        again = pytest_on(*on(corpus), *STUBS, "-n", str(workers))["cpu"]
        own = {"ms_each": 1000 * first["cpu"] / size, "own_ms_each": 1000 * (first["cpu"] - bare) / size}
        yield size, first | {"bare_cpu": bare, "again_cpu": again} | own


def remembering(place: Path, shapes: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, dict[str, float]]]:
    """Do what is done with the past, for stores of so many architectures and runs; CPU seconds of this process."""
    for size, (architectures, runs) in shapes.items():
        store = stores.fill(Path(tempfile.mkdtemp(dir=place)), architectures, with_apps=True)
        yield size, past(store, stores.add_runs(store, architectures, runs))


def past(store: Store, run: Run) -> dict[str, float]:
    """Return the CPU seconds of each thing that is done with the past."""
    index, results = store.index(), store.results(run.run_id)
    concluded = conclusion.conclude(run, results, store, index, "latest")
    report = concluded.report
    doing: dict[str, Callable[[], object]] = {
        "expected": lambda: conclusion.expected(run, store, index, "latest"),
        "trends": lambda: conclusion.conclude(run, results, store, index, "latest"),
        "written": lambda: concluded.write(store),
        "summary": lambda: list(summary.lines(report, 100, summary.Screen(everything=True))),
        "document": lambda: json.dumps(document.as_json(report), indent=2),
        "page": lambda: html.write(store, run, store.root / "page.html", None),
        "index": store.rebuild_index,
    }
    return {name: _cpu(done) for name, done in doing.items()}


def share(found: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
    """Divide what is our own in the CPU seconds of a run into its start and each architecture, by two sizes."""
    (few, least), (many, most) = list(found.items())[:: len(found) - 1]
    each = (most["cpu"] - most["bare_cpu"] - least["cpu"] + least["bare_cpu"]) / (many - few)
    return {"start_s": most["cpu"] - most["bare_cpu"] - many * each, "each_ms": 1000 * each}


def _cpu(done: Callable[[], object]) -> float:
    begun = time.process_time()
    done()
    return time.process_time() - begun


def _sizes(most: int) -> list[int]:
    return [most * times // TIMES[-1] for times in TIMES]


def show(title: str, found: Mapping[int, Mapping[str, float]]) -> None:
    """Print a table: a row for each thing that was measured, a column for each size."""
    columns = list(found.values())
    print(f"\n{title:<34}" + "".join(f"{size:>10}" for size in found) + "     ratio")
    for name in columns[0]:
        values = [column[name] for column in columns]
        ratio = values[-1] / values[0] if values[0] else 0.0
        print(f"{name:<34}" + "".join(f"{value:>10.3f}" for value in values) + f"{ratio:>10.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", type=int, default=10_000)
    parser.add_argument("--run", type=int, default=2_000)
    parser.add_argument("--past", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    trees.adopt_orphans()
    fewest = _sizes(asked.past)[0]
    with tempfile.TemporaryDirectory(prefix="lsqm-scale-") as name:
        place = Path(name)
        measuring: dict[str, Iterator[tuple[int, dict[str, float]]]] = {
            "collected architectures": collecting(place, asked.collect),
            f"run on {asked.workers} workers": running(place, asked.run, asked.workers),
            f"architectures, with {RUNS} runs": remembering(place, {n: (n, RUNS) for n in _sizes(asked.past)}),
            f"runs of {fewest} architectures": remembering(place, {RUNS * n: (fewest, RUNS * n) for n in TIMES}),
        }
        told: dict[str, Any] = {
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()}
        }
        for title, sizes in measuring.items():
            told[title] = dict(sizes)
            show(title, told[title])
            if title.startswith("run on"):
                told["own"] = share(told[title])
                print("of it our own: {start_s:.2f} s at the start, {each_ms:.2f} ms each".format(**told["own"]))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
