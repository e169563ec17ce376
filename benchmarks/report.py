"""What the page of 1 000 architectures with logs costs: its size, its making, and Chromium's time."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import STATUSES, Architecture, Run, TestApp, ValidationResult
from pytest_lsqm.reporting import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from pytest_lsqm.models import Status

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SERVICES = ("sqs", "sns", "s3", "iam", "kms", "logs", "ec2", "lambda", "dynamodb", "events", "kinesis", "ssm")
START = datetime(2026, 1, 10, tzinfo=UTC)
LINE = "2026-01-10T00:00:00.123 INFO --- [et.reactor-0] localstack.request.aws : AWS sqs.SendMessage => 200\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architectures", type=int, default=1000)
    parser.add_argument("--log", type=int, default=60_000, help="characters of log per architecture (60000)")
    parser.add_argument("--runs", type=int, default=12, help="runs in all (12)")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, run = fill(
            Store.create(Path(folder) / "corpus"), arguments.architectures, arguments.log, arguments.runs
        )
        page = Path(folder) / "index.html"
        begun, spent = time.perf_counter(), time.process_time()
        html.write(store, run, page, None)
        wall, cpu = time.perf_counter() - begun, time.process_time() - spent
        print(f"made in {wall:.1f} s, {cpu:.1f} s of CPU; {page.stat().st_size / 1e6:.1f} MB")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=arguments.chromium, args=list(FLAGS))
            figures = [measure(browser, page) for _ in range(7)]
        for name in figures[0]:
            values = sorted(each[name] for each in figures)
            print(f"{name:<28} best {values[0]:6.0f}, median {statistics.median(values):6.0f} ms")


def measure(browser: Browser, page: Path) -> dict[str, float]:
    """Open the page afresh; milliseconds from the start of the navigation, or that an action takes to its frame.

    The CPU time of the page's main thread tells what the clock would on a machine that does nothing else.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    view = context.new_page()
    inside = context.new_cdp_session(view)
    inside.send("Performance.enable", {"timeDomain": "threadTicks"})
    view.goto(page.as_uri(), wait_until="domcontentloaded")
    ready: float = view.evaluate("performance.getEntriesByName('lsqm-ready')[0].startTime")
    loaded: float = view.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    spent = {each["name"]: 1000 * each["value"] for each in inside.send("Performance.getMetrics")["metrics"]}
    act = """async action => {
        const begun = performance.now();
        const input = new InputEvent('input', {bubbles: true});
        action === 'filter' ? document.getElementById('f-text').dispatchEvent(input)
            : action === 'sort' ? document.querySelector('[data-key=name] button').click()
            : document.querySelector('#table th a').click();
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - begun;
    }"""
    view.evaluate("document.getElementById('f-text').value = 'made-7'")
    found = {"interactive": ready, "all of it read": loaded, "CPU until then": spent["ThreadTime"]} | {
        name: view.evaluate(act, name) for name in ("filter", "sort", "open an architecture")
    }
    context.close()
    return found


def fill(store: Store, architectures: int, log: int, runs: int) -> tuple[Store, Run]:
    """Put so many runs of so many architectures into a store; the last with so many characters of log in each."""
    chance = random.Random(1)
    source = store.root / "main.tf"
    keys = [f"{number:016x}" for number in range(architectures)]
    services = {key: tuple(sorted(chance.sample(SERVICES, 3))) for key in keys}
    for number, key in enumerate(keys):
        source.write_text(f'resource "aws_sqs_queue" "q{number}" {{\n  name = "q"\n}}\n' * 60)
        store.add_architecture(_architecture(key, services[key]), {"main.tf": source})
        store.add_app(_app(key))
    source.unlink()
    for number in range(runs):
        statuses = {key: chance.choices(STATUSES, weights=(70, 8, 15, 3, 4))[0] for key in keys}
        run = _run(number, list(statuses.values()))
        store.start_run(run.model_copy(update={"completed_at": None}))
        text = LINE * (log // len(LINE) + 1) if number == runs - 1 else ""
        for key, status in statuses.items():
            store.write_result(_result(key, run.run_id, status, services[key], text))
        store.finish_run(run)
    return store, run


def _run(number: int, statuses: list[Status]) -> Run:
    counts = {status.lower(): statuses.count(status) for status in STATUSES}
    started = START + timedelta(days=number)
    return Run.model_validate(
        {
            "run_id": str(uuid.UUID(int=number, version=4)), "started_at": started,
            "completed_at": started + timedelta(hours=2), "localstack_version": f"4.{number}.0",
            "lsqm_version": "0.1.0",
            "config": {"parallel": 2, "timeout": 300, "token_budget": 0, "dry_run": False},
            "summary": {
                "total": len(statuses), **counts, "new_architectures": 0, "tokens_used": 0,
                "duration_seconds": 7200,
            },
        }
    )  # fmt: skip


def _architecture(key: str, services: tuple[str, ...]) -> Architecture:
    return Architecture(
        hash=key, source_url=f"https://example.com/{key}", source_type="github", discovered_at=START,
        services=services, resource_count=60, name=f"made-{int(key, 16)}",
    )  # fmt: skip


def _app(key: str) -> TestApp:
    test = "def test_it() -> None:\n    assert 1 + 1 == 2\n\n\n" * 100
    files = {
        "conftest.py": "",
        "app.py": "VALUE = 1\n",
        "test_app.py": test,
        "requirements.txt": "boto3\npytest\n",
    }
    return TestApp(
        arch_hash=key, generated_at=START, generator_version="1", model_used="builtin", input_tokens=0,
        output_tokens=0, files=files,
    )  # fmt: skip


def _result(key: str, run_id: str, status: str, services: tuple[str, ...], log: str) -> ValidationResult:
    passed = {"PASSED": 6, "PARTIAL": 3}.get(status, 0)
    described: dict[str, Any] = {
        "arch_hash": key, "run_id": run_id, "status": status, "started_at": START,
        "completed_at": START + timedelta(seconds=15), "duration_seconds": 15.0, "name": f"made-{int(key, 16)}",
        "services": services, "container_logs": log,
        "error_message": None if status == "PASSED" else "4 of 6 tests failed",
        "terraform_apply": {"success": True, "resources_created": 60, "outputs": {}, "logs": log[: len(log) // 2]},
        "pytest_results": {"total": 6, "passed": passed, "failed": 6 - passed, "skipped": 0, "output": log[:4000]},
        "stages": [{"name": name, "seconds": 3.0, "outcome": "ok"} for name in ("apply", "test", "destroy")],
        "operations": {"deploy": {f"sqs.Operation{n}": {"200": n + 1} for n in range(30)}},
        "cause": None if status == "PASSED" else {"kind": "emulator_gap", "operation": "sqs.SendMessage"},
    }  # fmt: skip
    return ValidationResult.model_validate(described)


if __name__ == "__main__":
    main()
