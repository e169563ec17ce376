"""What the plugin itself costs when there is much: collecting, and running what has its verdict at once.

Example: python benchmarks/scale.py --collect 10000 --run 2000 --workers 2 --json scale.json
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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import small, trees
from pytest_lsqm.corpus import Store
from pytest_lsqm.models import APP_FILES, Architecture

SERVICES = ("sqs", "sns", "s3", "dynamodb", "kms", "iam", "events", "logs", "ssm", "lambda")


def fill(folder: Path, count: int, *, with_apps: bool) -> None:
    """Write a store of that many architectures, past the store itself, which would lock and flush each one."""
    store = Store.create(folder)
    about: dict[str, object] = {
        "generated_at": "2026-01-10T00:00:00Z",
        "generator_version": "1",
        "model_used": "none",
    }
    about |= {"input_tokens": 0, "output_tokens": 0}
    for number in range(count):
        place = folder / "architectures" / f"{number:016x}"
        place.mkdir(parents=True)
        services = tuple(sorted({SERVICES[number % 10], SERVICES[number // 10 % 10]}))
        metadata = Architecture(
            hash=place.name,
            source_url=f"https://example.com/{number}",
            source_type="github",
            discovered_at=datetime(2026, 1, 10, tzinfo=UTC),
            services=services,
            resource_count=5,
            name=f"sample-{number}",
        )
        (place / "metadata.json").write_text(metadata.model_dump_json())
        (place / "main.tf").write_text(f'resource "aws_sqs_queue" "q" {{ name = "q{number}" }}\n')
        if with_apps:
            app = folder / "apps" / place.name
            app.mkdir(parents=True)
            (app / "generated_at.json").write_text(json.dumps(about | {"arch_hash": place.name}))
            for each in APP_FILES:
                (app / each).write_text("boto3\npytest\n" if each == "requirements.txt" else "")
    store.refresh_index()


def pytest_on(corpus: Path, *words: str) -> dict[str, float]:
    """Run pytest on a store and return what it took."""
    command = [sys.executable, "-m", "pytest", "--lsqm", f"--lsqm-corpus={corpus}", "-q", "-p", "no:cacheprovider"]
    started, cpu = time.monotonic(), trees.cpu_below()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen([*command, *words], stdout=output, stderr=subprocess.STDOUT, cwd=small.ROOT)
        # The most that it ever had in memory is kept by the kernel for a child that has ended.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise SystemExit(output.read().decode()[-4000:])
    return {
        "wall": time.monotonic() - started,
        "cpu": trees.cpu_below() - cpu,
        "memory_mib": usage.ru_maxrss / 1024,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", type=int, default=10_000)
    parser.add_argument("--run", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    trees.adopt_orphans()
    told: dict[str, Any] = {"machine": {"cores": os.cpu_count(), "python": platform.python_version()}}
    with tempfile.TemporaryDirectory(prefix="lsqm-scale-") as name:
        corpus, some = Path(name) / "collected", Path(name) / "run"
        fill(corpus, asked.collect, with_apps=False)
        took = [pytest_on(corpus, "--collect-only", "--no-header", "-qq") for _ in range(3)]
        told["collect"] = {"architectures": asked.collect} | {
            key: round(min(t[key] for t in took), 2) for key in took[0]
        }
        fill(some, asked.run, with_apps=True)
        words = ("-p", "benchmarks.stub", "--lsqm-emulator=localstack-host", "--lsqm-providers=mirror")
        for label in ("first", "again"):
            run = pytest_on(some, *words, "-n", str(asked.workers))
            each = {f"{key}_ms_each": round(run[key] * 1000 / asked.run, 2) for key in ("wall", "cpu")}
            told[label] = {"architectures": asked.run, "workers": asked.workers, **each}
            told[label] |= {"wall": round(run["wall"], 2), "controller_mib": round(run["memory_mib"])}
    print(json.dumps(told, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
