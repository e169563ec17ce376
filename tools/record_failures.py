"""Record what real validations see when they fail, for `tests/validation/failures`.

    python tools/record_failures.py OUT EMULATOR [HASH...]        architectures of corpus/, all without a hash
    python tools/record_failures.py OUT EMULATOR --made           small ones that are at fault themselves

What is `expected`, and why it was `judged` so, is for a person to fill in, who has read what was seen: a file is
written with what the classifier says now.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from uuid import uuid4

from made_failures import MADE

from pytest_lsqm import analysis
from pytest_lsqm.corpus import Store
from pytest_lsqm.models import Architecture, TestApp
from pytest_lsqm.validation import causes, quoting
from pytest_lsqm.validation.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lsqm.models import TestOutcome, ValidationResult
    from pytest_lsqm.observing import Exchange

NEIGHBOURS = 3
"""Exchanges that are kept at the end of each phase and of each test that failed, however they went."""

FAILED = 8
"""Exchanges that failed and are kept."""

BODY, LINE, LINES = 600, 300, 15
"""Characters of a body and of a line of the log, and lines of it."""


def main() -> None:
    """Run them, and write a file for each that fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("emulator")
    parser.add_argument("hashes", nargs="*")
    parser.add_argument("--made", action="store_true")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="S")
    parser.add_argument("-n", dest="workers", type=int, default=2, metavar="N")
    given = parser.parse_intermixed_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        store = _made(Path(scratch)) if given.made else Store.open(Path("corpus"))
        bench = Bench.open(store, print, timeout=given.timeout)
        hashes = given.hashes or sorted(store.refresh_index().architectures)
        with (
            mock.patch.object(causes.Evidence, "of", _noting),
            bench.on(given.emulator, size=given.workers) as place,
            ThreadPoolExecutor(given.workers) as threads,
        ):
            for result, seen in threads.map(lambda key: _seen(place, key), hashes):
                sys.stderr.write(f"{result.name} {result.status} {result.cause and result.cause.kind}\n")
                if seen is not None:
                    _write(given.out, given.emulator, result, seen)


_FOUND: dict[str, causes.Evidence] = {}
_OF = causes.Evidence.of


def _noting(attempt: Any, *rest: Any) -> causes.Evidence:
    evidence = _FOUND[attempt.architecture.hash] = _OF(attempt, *rest)
    return evidence


def _seen(place: Any, arch_hash: str) -> tuple[ValidationResult, causes.Evidence | None]:
    result = place.validate(arch_hash, str(uuid4()))
    return result, _FOUND.get(arch_hash) if result.status != "PASSED" else None


def _write(out: Path, emulator: str, result: ValidationResult, seen: causes.Evidence) -> None:
    """Write what is enough for the classifier to come to the same cause, and a person to their own."""
    tests = [test for test in seen.tests if test.outcome not in {"passed", "skipped"}][:2]
    kept = _exchanges(seen, tests)
    named = {each.operation for each in kept if each.operation}
    logs = [line for line in seen.logs.splitlines() if "Error" in line or any(name in line for name in named)]
    slim = replace(
        seen,
        message=seen.message[:1500],
        diagnostics=tuple(_slim(each) for each in seen.diagnostics if each.get("severity") == "error")[:2],
        tests=tuple(test.model_copy(update={"message": (test.message or "")[-1500:]}) for test in tests),
        exchanges=tuple(replace(each, body=each.body[:BODY]) for each in kept),
        logs="\n".join(line[:LINE] for line in logs[-LINES:]),
    )
    cause = causes.find(slim)
    if (cause and (cause.kind, cause.operation)) != (result.cause and (result.cause.kind, result.cause.operation)):
        sys.stderr.write(f"  what is kept of {result.name} tells another cause: {cause and cause.kind}\n")
    record = {
        "architecture": result.name,
        "emulator": f"{result.emulator.name} {result.emulator.version}" if result.emulator else emulator,
        "recorded_at": result.started_at.isoformat(timespec="seconds"),
        "judged": "",
        "expected": {name: getattr(cause, name, None) for name in ("kind", "operation", "resource", "stage")},
        "seen": {
            "status": slim.status,
            "message": slim.message,
            "stage": slim.stage,
            "diagnostics": slim.diagnostics,
            "tests": [test.model_dump(mode="json") for test in slim.tests],
            "exchanges": [asdict(each) for each in slim.exchanges],
            "logs": slim.logs,
            "gate": slim.gate.model_dump(mode="json", exclude={"noticed"}) if slim.gate else None,
            "emulator_alive": slim.emulator_alive,
        },
    }
    name = f"{result.emulator.name if result.emulator else emulator}-{result.name}"
    (out / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")


def _exchanges(seen: causes.Evidence, tests: Sequence[TestOutcome]) -> list[Exchange]:
    """Return the last that failed in the phase that failed, the last of each test, and the last of each phase."""
    asked = [each for each in seen.exchanges if each.phase in {"deploy", "test"}]
    phase = "test" if seen.stage == "test" else "deploy"
    here = [each for each in asked if each.phase == phase]
    kept = [each for each in here if each.status is None or each.status >= 400][-FAILED:]
    for test in tests:
        kept += [each for each in here if quoting.during(test, each)][-NEIGHBOURS:]
    for name in ("deploy", "test"):
        kept += [each for each in asked if each.phase == name][-NEIGHBOURS:]
    return sorted({id(each): each for each in kept}.values(), key=lambda each: each.at)


def _slim(diagnostic: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in diagnostic.items() if key != "snippet"}


def _made(folder: Path) -> Store:
    store = Store.create(folder / "store")
    for name, (terraform, test) in MADE.items():
        source = folder / name
        source.mkdir()
        (source / "main.tf").write_text(terraform)
        key = analysis.content_hash({"main.tf": source / "main.tf", "name": name.encode()})
        now = datetime.now(UTC)
        described = {"hash": key, "source_url": source.as_uri(), "source_type": "github", "discovered_at": now}
        about = {"services": ("sqs",), "resource_count": 1, "name": name}
        store.add_architecture(Architecture.model_validate(described | about), {"main.tf": source / "main.tf"})
        files = {"conftest.py": "", "app.py": "", "test_app.py": test, "requirements.txt": "boto3\npytest\n"}
        counted = {"generator_version": "0", "model_used": "hand-written", "input_tokens": 0, "output_tokens": 0}
        store.add_app(TestApp.model_validate({"arch_hash": key, "generated_at": now, "files": files} | counted))
    return store


if __name__ == "__main__":
    main()
