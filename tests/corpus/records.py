"""Records with sensible content, for tests that care about only one or two of their fields."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_lsqm.models import Architecture, Run, Status, TestApp, ValidationResult

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.corpus import Store

START = datetime(2026, 1, 10, 3, 0, tzinfo=UTC)

A, B, C = "a" * 16, "b" * 16, "c" * 16


def run_id(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def architecture(arch_hash: str = A, **changes: Any) -> Architecture:
    fields: dict[str, Any] = {
        "hash": arch_hash,
        "source_url": f"https://example.com/{arch_hash}",
        "source_type": "github",
        "discovered_at": START,
        "services": ["s3", "sqs"],
        "resource_count": 2,
        "name": f"arch-{arch_hash[0]}",
    }
    return Architecture.model_validate(fields | changes)


def app(arch_hash: str = A, **changes: Any) -> TestApp:
    fields: dict[str, Any] = {
        "arch_hash": arch_hash,
        "generated_at": START,
        "generator_version": "1.0.0",
        "model_used": "by hand",
        "input_tokens": 0,
        "output_tokens": 0,
        "files": app_files(),
    }
    return TestApp.model_validate(fields | changes)


def app_files(**changes: str) -> dict[str, str]:
    texts = {
        "conftest.py": "import pytest\n",
        "app.py": "VALUE = 'ü'\n",
        "test_app.py": "def test_it() -> None:\n    assert True\n",
        "requirements.txt": "boto3>=1.35  # the client\npytest\n",
    }
    return texts | {name.replace("_py", ".py").replace("_txt", ".txt"): text for name, text in changes.items()}


def run(number: int = 1, *, emulator: str | None = None, version: str = "4.14.0", **changes: Any) -> Run:
    """Make the run of day `number`, which took an hour."""
    started = START + timedelta(days=number)
    config: dict[str, Any] = {"parallel": 4, "timeout": 300, "token_budget": 500000, "dry_run": False}
    if emulator:
        config["emulator"] = {"name": emulator, "version": version}
    fields: dict[str, Any] = {
        "run_id": run_id(number),
        "started_at": started,
        "completed_at": started + timedelta(hours=1),
        "localstack_version": version,
        "lsqm_version": "0.1.0",
        "config": config,
        "summary": summary(),
    }
    return Run.model_validate(fields | changes)


def summary(**counts: int) -> dict[str, Any]:
    statuses = {"passed": 0, "partial": 0, "failed": 0, "timeout": 0, "error": 0} | counts
    others = {"new_architectures": 0, "tokens_used": 0, "duration_seconds": 3600}
    return {"total": sum(statuses.values()), **statuses, **others}


def result(arch_hash: str = A, status: Status = "PASSED", number: int = 1, **changes: Any) -> ValidationResult:
    """Make a result of the run of day `number`, ten minutes into it."""
    started = START + timedelta(days=number, minutes=10)
    fields: dict[str, Any] = {
        "arch_hash": arch_hash,
        "run_id": run_id(number),
        "status": status,
        "started_at": started,
        "completed_at": started + timedelta(seconds=15),
        "duration_seconds": 15.0,
        "services": ["s3", "sqs"],
        "name": f"arch-{arch_hash[0]}",
    }
    if status == "ERROR":
        fields["error_message"] = "the emulator died"
    elif status != "TIMEOUT":
        fields["pytest_results"] = {"total": 1, "passed": 1, "failed": 0, "skipped": 0, "output": ""}
    return ValidationResult.model_validate(fields | changes)


def add_architecture(store: Store, arch_hash: str = A, **changes: Any) -> None:
    """Put a one-file architecture into a store."""
    source = store.root.parent / f"source-{arch_hash}.tf"
    source.write_text(f"# {arch_hash}\n", encoding="utf-8")
    assert store.add_architecture(architecture(arch_hash, **changes), {"main.tf": source})


def add_run(store: Store, number: int, statuses: dict[str, Status], **changes: Any) -> Run:
    """Put a finished run with its results into a store."""
    counts = dict.fromkeys(("passed", "partial", "failed", "timeout", "error"), 0)
    for status in statuses.values():
        counts[status.lower()] += 1
    made = run(number, **({"summary": summary(**counts)} | changes))
    store.start_run(made.model_copy(update={"completed_at": None}))
    for arch_hash, status in statuses.items():
        store.write_result(result(arch_hash, status, number))
    store.finish_run(made)
    return made


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, but for the lock and the index's check."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {".lock", ".index-check"}
    }


def listing(folder: Path) -> list[str]:
    """Return the names of what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
