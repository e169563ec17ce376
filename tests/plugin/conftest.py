"""Small stores, and pytest run on them as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import analysis, emulators
from pytest_lsqm.corpus import Store
from pytest_lsqm.models import Architecture, TestApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.emulators.base import Instance

REPOSITORY = Path(__file__).parents[2]

QUEUE = """
variable "name" { default = "%s" }
resource "aws_sqs_queue" "this" { name = var.name }
output "url" { value = aws_sqs_queue.this.id }
"""

TOPIC = 'resource "aws_sns_topic" "this" { name = "%s" }'

PASSES = """
import json, os
import boto3

def test_the_queue_is_there():
    with open(os.environ["LSQM_OUTPUTS"]) as stream:
        url = json.load(stream)["url"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert "QueueArn" in found["Attributes"]
"""

FAILS = "def test_no():\n    assert 1 == 2, 'one is not two'\n"
HALF = FAILS + "def test_yes():\n    assert True\n"


@dataclass
class Corpus:
    """A store in the making, and the runs on it."""

    root: Path
    work: Path
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return Store.create(self.root)

    def add(
        self,
        name: str,
        terraform: str = QUEUE,
        test: str | None = PASSES,
        *,
        called: str | None = None,
        **more: Any,
    ) -> str:
        folder = self.work / f"source-{name}"
        folder.mkdir()
        text = terraform % name if "%s" in terraform else terraform
        (folder / "main.tf").write_text(text)
        facts = analysis.analyse(folder)
        gathered = analysis.gather(folder)
        arch_hash = analysis.content_hash(gathered.files)
        described: dict[str, Any] = {
            "hash": arch_hash,
            "source_url": folder.as_uri(),
            "source_type": "github",
            "discovered_at": datetime.now(UTC),
            "services": facts.services,
            "resource_count": facts.resource_count,
            "name": called or name,
            "providers": facts.providers,
            "executes": facts.executes,
        }
        self.store.add_architecture(Architecture.model_validate(described | more), gathered.files)
        if test is not None:
            self.store.add_app(make_app(arch_hash, test))
        self.hashes[name] = arch_hash
        return arch_hash

    def replace_app(self, name: str, test: str) -> None:
        self.store.add_app(make_app(self.hashes[name], test), replace=True)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pytest", "--lsqm", f"--lsqm-corpus={self.root}", *arguments]

    def pytest(self, *arguments: str, timeout: float = 150, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.work,
            env=environment() | variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def stubbed(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run without deploying anything: see `stubs`."""
        where = {"PYTHONPATH": str(REPOSITORY)} | variables
        return self.pytest("-p", "tests.plugin.stubs", *arguments, timeout=150, **where)

    def results(self) -> dict[str, dict[str, Any]]:
        """The results of the latest run, by name."""
        runs = self.store.runs()
        assert runs, "no run was recorded"
        folder = self.root / "runs" / runs[-1].run_id / "results"
        found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
        return {entry["name"]: entry for entry in found}


def environment() -> dict[str, str]:
    """The environment of this test run without what would steer the inner one."""
    hidden = ("PYTEST_", "LSQM_TIMEOUT", "LOCALSTACK_", "GITHUB_", "CI")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def make_app(arch_hash: str, test: str) -> TestApp:
    return TestApp(
        arch_hash=arch_hash,
        generated_at=datetime.now(UTC),
        generator_version="0",
        model_used="hand-written",
        input_tokens=0,
        output_tokens=0,
        files={
            "conftest.py": "",
            "app.py": "",
            "test_app.py": test,
            "requirements.txt": "boto3\npytest\n",
        },
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    work = tmp_path / "work"
    work.mkdir()
    made = Corpus(tmp_path / "store", work)
    Store.create(made.root)
    return made


@pytest.fixture(scope="session")
def running() -> Iterator[Instance]:
    """A real LocalStack that the inner runs are pointed at, so that each does not start its own."""
    emulator = emulators.create("localstack-host")
    emulator.prepare(print)
    instance = emulator.start()
    yield instance
    instance.stop()


@pytest.fixture
def endpoint(running: Instance) -> str:
    return f"--lsqm-emulator={running.endpoint}"
