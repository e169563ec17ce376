"""The naive loop, the plugin, and the floor: the same architectures deployed, tested and destroyed, in turns.

`naive_ratio` says how many times less the plugin needs than the naive loop, `floor_ratio` how many times what
is needed with everything warm and nothing around. The plugin's figures hold its whole run: its start, the
emulator's start, the records, the end. Sides take turns, so that a machine that changes its speed changes it
for all of them.

Example: python benchmarks/throughput.py --architectures 12 --rounds 2 --json throughput.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import small, trees
from pytest_lsqm.emulators.host import free_port
from pytest_lsqm.emulators.localstack_host import LocalStackHost
from pytest_lsqm.terraform.engine import Engine, find_engine
from pytest_lsqm.terraform.overrides import provider_arguments
from pytest_lsqm.terraform.project import emulator_environment
from pytest_lsqm.terraform.providers import Mirror, open_mirror
from pytest_lsqm.terraform.schema import read_schema

ACCOUNT = "000000000000"
SIDES = ("naive", "plugin", "floor")


class Bench:
    """What the sides share: the architectures, the versions, a folder for everything."""

    def __init__(self, folder: Path, version: str | None, count: int, sandbox: str) -> None:
        self.folder, self.sandbox = folder, sandbox
        self.emulator = LocalStackHost(version)
        self.emulator.prepare(print)
        self.engine: Engine = find_engine(print)
        self.mirror: Mirror = open_mirror("mirror", self.engine, print)
        self.home = folder / "home"
        self.home.mkdir()
        self.mirror.write_cli_config(self.home / "cli.tfrc")
        self.sources = small.write(folder / "sources", count)
        self._number = 0
        shutil.copytree(self.sources[0], folder / "schema")
        self._terraform("init", "-input=false", cwd=folder / "schema")
        schema = read_schema(folder / "schema", self.engine, self.environment(1), timeout=120)
        assert schema is not None
        self.schema = schema
        version_folder = folder / "schema/.terraform/providers" / self.engine.registry / "hashicorp/aws"
        self.provider = next(version_folder.glob(f"{schema.version}/*/terraform-provider-aws*"))

    def _terraform(self, *words: str, cwd: Path) -> None:
        subprocess.run(
            [*self.engine.argv, *words], cwd=cwd, env=self.environment(1), check=True, capture_output=True
        )

    def environment(self, port: int) -> dict[str, str]:
        """Say what Terraform is to see."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TF_CLI_CONFIG_FILE": str(self.home / "cli.tfrc"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            **emulator_environment(f"http://127.0.0.1:{port}", ACCOUNT, "us-east-1"),
        }

    def place(self, name: str) -> Path:
        """Make a folder for one turn of one side."""
        self._number += 1
        place = self.folder / f"{name}-{self._number}"
        place.mkdir()
        return place

    def deployable(self, source: Path, place: Path, port: int) -> Path:
        """Copy an architecture with its app, its provider pointed at a port."""
        shutil.copytree(source, place)
        endpoint = f"http://127.0.0.1:{port}"
        arguments = provider_arguments(self.schema, endpoint=endpoint, account=ACCOUNT)
        arguments = {name: value for name, value in arguments.items() if value is not None}
        (place / "lsqm_override.tf.json").write_text(json.dumps({"provider": {"aws": arguments}}))
        return place

    def start(self, place: Path, port: int) -> tuple[list[str], dict[str, str]]:
        """Say how LocalStack is started in a folder, as the plugin does it."""
        plan = self.emulator._plan(place / "emulator", port)
        return [str(word) for word in plan.argv], plan.env


def _side(argv: list[str], took: dict[str, float], count: int) -> str:
    started, cpu = time.monotonic(), trees.cpu_below()
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=small.ROOT)
    with trees.watching(child.pid) as peak:
        output, _ = child.communicate()
    if child.returncode:
        raise SystemExit(f"{' '.join(argv)[:300]}:\n{output}")
    _took(took, time.monotonic() - started, trees.cpu_below() - cpu, peak.bytes, count)
    return output


def _took(took: dict[str, float], wall: float, cpu: float, memory: int, count: int) -> None:
    took |= {"wall": wall / count, "cpu": cpu / count, "memory_mib": memory / 2**20}


def naive(bench: Bench, workers: int, took: dict[str, float]) -> None:
    """Measure the naive loop."""
    place = bench.place("naive")
    ports = [free_port() for _ in range(workers)]
    folders = [place / source.name for source in bench.sources]
    for folder, source in zip(folders, bench.sources, strict=True):
        folder.mkdir()
        for port in ports:
            bench.deployable(source, folder / str(port), port)
    starts = {}
    for port in ports:
        (home := place / f"localstack-{port}").mkdir()
        starts[str(port)] = bench.start(home, port)
    told = {
        "folders": [str(folder) for folder in folders],
        "starts": starts,
        "terraform": bench.engine.argv[0],
        "environment": bench.environment(1) | emulator_environment("http://127.0.0.1:1", ACCOUNT, "us-east-1"),
    }
    _side([sys.executable, "-m", "benchmarks.naive", json.dumps(told)], took, len(folders))


def plugin(bench: Bench, workers: int, took: dict[str, float]) -> None:
    """Measure the plugin: its whole run."""
    place = bench.place("plugin")
    store, document = place / "corpus", place / "run.json"
    store.mkdir()
    subprocess.run(
        [Path(sys.executable).with_name("lsqm"), "add", "--corpus", str(store), *map(str, bench.sources)],
        check=True,
        capture_output=True,
    )
    command = [sys.executable, "-m", "pytest", "--lsqm", f"--lsqm-corpus={store}", f"--lsqm-json={document}"]
    command += [f"--lsqm-emulator=localstack-host@{bench.emulator.version}", "--lsqm-providers=mirror"]
    command += [f"--lsqm-sandbox={bench.sandbox}"]
    output = _side([*command, "-n", str(workers), "-p", "no:cacheprovider"], took, len(bench.sources))
    run = json.loads(document.read_text())["run"]
    if run["summary"]["passed"] != len(bench.sources):
        raise SystemExit(output)
    took["versions"] = run["config"]["versions"] | {"localstack": run["localstack_version"]}


def floor(bench: Bench, workers: int, took: dict[str, float]) -> None:
    """Measure what is left with everything warm."""
    place, port = bench.place("floor"), free_port()
    folders = [bench.deployable(source, place / source.name, port) for source in bench.sources]
    warm_up = [bench.deployable(source, place / f"warm-{source.name}", port) for source in bench.sources[:4]]
    told = {
        "workers": workers,
        "port": port,
        "log": str(place / "localstack.log"),
        "start": bench.start(place, port),
        "terraform": bench.engine.argv[0],
        "provider": str(bench.provider),
        "environment": bench.environment(port),
        "folders": [str(folder) for folder in folders],
        "warm_up": [str(folder) for folder in warm_up],
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.floor", json.dumps(told)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=small.ROOT,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    if child.stdout.readline() != "ready\n":
        raise SystemExit("the floor did not get ready")
    cpu = trees.cpu_below()
    with trees.watching(child.pid) as peak:
        child.stdin.write("go\n")
        child.stdin.flush()
        line = child.stdout.readline()
    _took(took, json.loads(line)["wall"], trees.cpu_below() - cpu, peak.bytes, len(folders))
    child.communicate()


MEASURES = {"naive": naive, "plugin": plugin, "floor": floor}


def main() -> None:
    """Measure in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architectures", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--emulator-version")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--sandbox", default="off", help="of the plugin; the other sides are not confined")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    trees.adopt_orphans()
    rows: list[dict[str, Any]] = []
    versions: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="lsqm-bench-", ignore_cleanup_errors=True) as name:
        bench = Bench(Path(name), asked.emulator_version, asked.architectures, asked.sandbox)
        for workers in asked.workers:
            measured: dict[str, list[dict[str, Any]]] = {side: [] for side in asked.sides}
            for turn in range(asked.rounds):
                for side in asked.sides if turn % 2 == 0 else reversed(asked.sides):
                    took: dict[str, Any] = {}
                    MEASURES[side](bench, workers, took)
                    versions = took.pop("versions", versions)
                    measured[side].append(took)
                    print(f"-n {workers} {side}: {_line(took)}", file=sys.stderr, flush=True)
            rows.append(_row(workers, measured))
    _table(rows)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    told = {
        "machine": machine,
        "versions": versions,
        "architectures": asked.architectures,
        "rounds": asked.rounds,
        "sandbox": asked.sandbox,
        "runs": rows,
        "naive_ratio": {str(row["workers"]): row.get("naive_ratio") for row in rows},
        "floor_ratio": {str(row["workers"]): row.get("floor_ratio") for row in rows},
    }
    print(json.dumps(machine | {"versions": versions}))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2))


def _row(workers: int, measured: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    row: dict[str, Any] = {"workers": workers}
    for side, took in measured.items():
        row[side] = {name: round(statistics.median(each[name] for each in took), 2) for name in took[0]}
        row[side]["rounds"] = took
    for other, of in (("naive", "plugin"), ("plugin", "floor")):
        if other in measured and of in measured:
            # Round by round, since both were measured at about the same time.
            pairs = list(zip(measured[other], measured[of], strict=True))
            name = "naive_ratio" if other == "naive" else "floor_ratio"
            row[name] = round(statistics.median(a["wall"] / b["wall"] for a, b in pairs), 2)
            row[f"{name}_cpu"] = round(statistics.median(a["cpu"] / b["cpu"] for a, b in pairs), 2)
    return row


def _line(took: dict[str, Any]) -> str:
    return f"{took['wall']:.2f} s, CPU {took['cpu']:.2f} s each, peak {took['memory_mib']:.0f} MiB"


def _table(rows: list[dict[str, Any]]) -> None:
    print(f"{'workers':>7} {'side':<8} {'wall s each':>11} {'CPU s each':>10} {'peak MiB':>9}")
    for row in rows:
        for side in SIDES:
            if side in row:
                took = row[side]
                memory = f"{took['memory_mib']:.0f}"
                print(f"{row['workers']:>7} {side:<8} {took['wall']:>11.2f} {took['cpu']:>10.2f} {memory:>9}")
        for name in ("naive_ratio", "floor_ratio"):
            if name in row:
                print(f"{row['workers']:>7} {name}: wall {row[name]}, CPU {row[f'{name}_cpu']}")


if __name__ == "__main__":
    main()
