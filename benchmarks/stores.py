"""Stores to measure with, written past the store itself, which would lock and flush each file."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import APP_FILES, STATUSES, Architecture, Run

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Status

SERVICES = ("sqs", "sns", "s3", "dynamodb", "kms", "iam", "events", "logs", "ssm", "lambda")
START = datetime(2026, 1, 10, tzinfo=UTC)
LOG = "aws_sqs_queue.orders: Creation complete after 1s [id=http://127.0.0.1:4566/000000000000/orders]\n" * 60


def fill(folder: Path, count: int, *, with_apps: bool) -> Store:
    """Write a store of that many architectures."""
    store = Store.create(folder)
    about = {"generated_at": "2026-01-10T00:00:00Z", "generator_version": "1", "model_used": "none"}
    tokens = {"input_tokens": 0, "output_tokens": 0}
    for number in range(count):
        place = folder / "architectures" / f"{number:016x}"
        place.mkdir(parents=True)
        metadata = Architecture(
            hash=place.name,
            source_url=f"https://example.com/{number}",
            source_type="github",
            discovered_at=START,
            services=_services(number),
            resource_count=5,
            name=f"sample-{number}",
        )
        (place / "metadata.json").write_text(metadata.model_dump_json())
        (place / "main.tf").write_text(f'resource "aws_sqs_queue" "q" {{ name = "q{number}" }}\n')
        if with_apps:
            app = folder / "apps" / place.name
            app.mkdir(parents=True)
            (app / "generated_at.json").write_text(json.dumps(about | tokens | {"arch_hash": place.name}))
            for each in APP_FILES:
                (app / each).write_text("boto3\npytest\n" if each == "requirements.txt" else "")
    store.refresh_index()
    return store


def add_runs(store: Store, architectures: int, runs: int) -> Run:
    """Write so many runs of all architectures, a tenth of which does not pass, and return the last one."""
    chance = random.Random(1)
    for number in range(runs):
        drawn = chance.choices(STATUSES, weights=(90, 3, 4, 1, 2), k=architectures)
        run = _run(number, drawn)
        store.start_run(run.model_copy(update={"completed_at": None}))
        folder = store.root / "runs" / run.run_id / "results"
        for key, status in enumerate(drawn):
            (folder / f"{key:016x}.json").write_text(json.dumps(_result(key, run, status)))
        store.finish_run(run)
    store.refresh_index()
    return run


def _services(number: int) -> tuple[str, ...]:
    return tuple(sorted({SERVICES[number % 10], SERVICES[number // 10 % 10]}))


def _run(number: int, drawn: list[Status]) -> Run:
    started = START + timedelta(days=7 * number)
    counts = {status.lower(): drawn.count(status) for status in STATUSES}
    rest = {"new_architectures": 0, "tokens_used": 0, "duration_seconds": 3600}
    emulator = {"name": "localstack-host", "version": f"4.{number}.0"}
    described = {
        "run_id": str(uuid.UUID(int=number + 1, version=4)),
        "started_at": started,
        "completed_at": started + timedelta(hours=1),
        "localstack_version": emulator["version"],
        "lsqm_version": "0.1.0",
        "config": {"parallel": 2, "timeout": 300, "token_budget": 0, "dry_run": False, "emulator": emulator},
        "summary": counts | rest | {"total": len(drawn)},
    }
    return Run.model_validate(described)


def _result(key: int, run: Run, status: Status) -> dict[str, object]:
    told = {"total": 5, "passed": 5 * (status == "PASSED"), "failed": 0, "skipped": 0, "output": "5 tests\n" * 40}
    return {
        "schema_version": 1,
        "arch_hash": f"{key:016x}",
        "run_id": run.run_id,
        "status": status,
        "started_at": run.started_at.isoformat(),
        "completed_at": (run.started_at + timedelta(seconds=15)).isoformat(),
        "duration_seconds": 15.0,
        "name": f"sample-{key}",
        "services": _services(key),
        "terraform_apply": {"success": True, "resources_created": 5, "outputs": {"url": "u"}, "logs": LOG},
        "pytest_results": told,
        "error_message": None if status == "PASSED" else "4 of 5 tests failed",
        "stages": [{"name": name, "seconds": 3.0, "outcome": "ok"} for name in ("apply", "test", "destroy")],
        "emulator": {"name": "localstack-host", "version": run.localstack_version},
        "versions": {"terraform": "1.11.4", "pytest-lsqm": "0.1.0", "boto3": "1.44.8", "hashicorp/aws": "3.39.0"},
        "digests": {"app": "0123456789abcdef"},
        "operations": {"deploy": {f"sqs.Operation{number}": {"200": 3} for number in range(20)}},
    }
