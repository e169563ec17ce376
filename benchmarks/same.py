"""Whether speed changes a verdict: architectures of the corpus with everything warm and with nothing warm.

Each is run both ways, statuses and operations are set side by side, and each difference is named.

Example: python benchmarks/same.py --keyword 'service_sqs' --json same.json
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TERRAFORM = ("terraform_apply", "terraform_destroy")


def results(corpus: Path, warm: bool, words: list[str]) -> dict[str, dict[str, Any]]:
    """Run the architectures once and return the results by name."""
    with tempfile.TemporaryDirectory() as name:
        document = Path(name) / "run.json"
        command = [sys.executable, "-m", "pytest", "--lsqm", f"--lsqm-corpus={corpus}", f"--lsqm-json={document}"]
        command += ["--lsqm-baseline=none", "-p", "no:cacheprovider", *words]
        env = os.environ | {"LSQM_WARM": "1" if warm else "0"}
        done = subprocess.run(command, env=env, text=True, capture_output=True, check=False)
        if not document.exists():
            raise SystemExit(done.stdout + done.stderr)
        return {result["name"]: result for result in json.loads(document.read_text())["results"]}


def operations(result: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return phase, operation and outcome of all that was asked; how often is a matter of time."""
    found = result.get("operations") or {}
    return {
        (phase, name, how)
        for phase, named in found.items()
        for name, outcomes in named.items()
        for how in outcomes
    }


def counts(result: dict[str, Any]) -> dict[str, int]:
    """Return how many requests each phase made."""
    found = result.get("operations") or {}
    return {phase: sum(sum(each.values()) for each in named.values()) for phase, named in found.items()}


def tests(result: dict[str, Any]) -> dict[str, str]:
    """Return the outcome of each test."""
    found = (result.get("pytest_results") or {}).get("tests") or ()
    return {test["name"]: test["outcome"] for test in found}


def _masked(value: Any) -> str:
    """Leave out accounts and other numbers that are new each time."""
    return re.sub(r"\d{4,}|[0-9a-f]{8,}", "N", json.dumps(value))


def compare(name: str, cold: dict[str, Any], warm: dict[str, Any]) -> dict[str, Any]:
    """Set two results of one architecture side by side."""
    told: dict[str, Any] = {"name": name, "cold": cold["status"], "warm": warm["status"]}
    told["seconds"] = [cold["duration_seconds"], warm["duration_seconds"]]
    told["requests"] = [counts(cold), counts(warm)]
    before, after = operations(cold), operations(warm)
    told["only_cold"], told["only_warm"] = sorted(before - after), sorted(after - before)
    differing = [key for key in ("drift", "cause") if _masked(cold.get(key)) != _masked(warm.get(key))]
    differing += ["tests"] if tests(cold) != tests(warm) else []
    differing += ["modifications"] if cold.get("modifications") != warm.get("modifications") else []
    cold_version, warm_version = (result["versions"].get("hashicorp/aws") for result in (cold, warm))
    differing += ["provider"] if cold_version != warm_version else []
    for key in TERRAFORM:
        first, second = (dict(result.get(key) or {}) for result in (cold, warm))
        differing += [key] if first.get("success") != second.get("success") else []
        differing += [f"{key}.outputs"] if set(first.get("outputs", ())) != set(second.get("outputs", ())) else []
    told["differing"] = differing
    return told


def main() -> None:
    """Run both ways and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--emulator", default="localstack-host")
    parser.add_argument("--keyword", default="")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    words = [f"--lsqm-emulator={asked.emulator}", "-n", str(asked.workers)]
    words += ["-k", asked.keyword] if asked.keyword else []
    cold, warm = (results(asked.corpus, way, words) for way in (False, True))
    told = [compare(name, cold[name], warm[name]) for name in sorted(cold.keys() & warm.keys())]
    for each in told:
        same = each["cold"] == each["warm"] and not each["only_cold"] and not each["only_warm"]
        mark = "same" if same and not each["differing"] else "DIFFERS"
        print(f"{mark:<8}{each['name']:<32} {each['cold']} {each['warm']}")
        for key in ("only_cold", "only_warm", "differing"):
            if each[key]:
                print(f"        {key}: {each[key]}")
    missing = sorted(cold.keys() ^ warm.keys())
    statuses = sum(each["cold"] == each["warm"] for each in told)
    alike = sum(not each["only_cold"] and not each["only_warm"] for each in told)
    print(f"{len(told)} architectures: {statuses} with the same status, {alike} with the same operations")
    if missing:
        print(f"in one run alone: {', '.join(missing)}")
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
