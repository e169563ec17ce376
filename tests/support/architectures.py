"""Tiny architectures, a store to keep them in, and the tools that a validation works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import Architecture, TestApp, ValidationResult
from pytest_lsqm.process import jail
from pytest_lsqm.validation import Tools, validate
from tests.support.apps import app_texts
from tests.support.files import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Leases
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror

HASH = "0123456789abcdef"

QUEUE = """
resource "aws_sqs_queue" "orders" {
  name          = "orders"
  delay_seconds = 3
}

output "queue_url" {
  value = aws_sqs_queue.orders.id
}
"""

NO_CLOUD = """
output "greeting" {
  value = "hello"
}
"""
"""An architecture that needs no provider: applied in a moment."""

READS_QUEUE = """
import json, os
import boto3

def test_the_queue_is_there():
    with open(os.environ["LSQM_OUTPUTS"]) as file:
        url = json.load(file)["queue_url"]
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="hi", DelaySeconds=0)
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"][0]["Body"] == "hi"

def test_the_state_says_what_was_made():
    with open(os.environ["LSQM_RESOURCES"]) as file:
        [queue] = json.load(file)
    assert (queue["address"], queue["attributes"]["delay_seconds"]) == ("aws_sqs_queue.orders", 3)
"""

PASSES = "def test_it(): pass\n"


def waits_for(gate: Path) -> str:
    """Return a resource that says in `gate/reached` that it is being made and waits until `gate/open` is there."""
    command = f"touch {gate}/reached; while [ ! -e {gate}/open ]; do sleep 0.05; done"
    return f"""
resource "terraform_data" "gate" {{
  provisioner "local-exec" {{
    command = "{command}"
  }}
}}
"""


def put(
    root: Path,
    terraform: Mapping[str, str] | str,
    test_app: str = PASSES,
    *,
    conftest: str = "",
    folder: str = ".",
) -> tuple[Store, Architecture]:
    """Make a store with one architecture and its app."""
    texts = {"main.tf": terraform} if isinstance(terraform, str) else terraform
    source = write_tree(root / "source", texts)
    store = Store.create(root / "store")
    architecture = Architecture(
        hash=HASH,
        source_url="https://example.com/tiny",
        source_type="github",
        discovered_at=datetime(2026, 1, 10, tzinfo=UTC),
        services=("sqs",),
        resource_count=1,
        name="tiny",
        root=folder,
    )
    assert store.add_architecture(architecture, {name: source / name for name in texts})
    app = TestApp(
        arch_hash=HASH,
        generated_at=datetime(2026, 1, 10, tzinfo=UTC),
        generator_version="1.0.0",
        model_used="by hand",
        input_tokens=0,
        output_tokens=0,
        files=app_texts(test_app, conftest=conftest),
    )
    assert store.add_app(app)
    return store, architecture


@dataclass
class Bench:
    """Validates one architecture at a time in a store below `root`."""

    root: Path
    engine: Engine
    mirror: Mirror
    leases: Leases
    announced: list[str] = field(default_factory=list)
    confined: bool = field(default_factory=lambda: jail.unavailable() is None)

    def validate(
        self,
        terraform: Mapping[str, str] | str,
        test_app: str = PASSES,
        *,
        conftest: str = "",
        folder: str = ".",
        timeout: float = 90.0,
        test_timeout: float = 30.0,
        change_store: Callable[[Store], None] = lambda _: None,
    ) -> ValidationResult:
        store, architecture = put(self.root, terraform, test_app, conftest=conftest, folder=folder)
        change_store(store)
        tools = Tools(
            store,
            self.engine,
            self.mirror,
            self.leases,
            timeout,
            test_timeout,
            announce=self.announced.append,
            confined=self.confined,
        )
        return validate(architecture, str(uuid4()), tools)


def stages(result: ValidationResult) -> dict[str, str]:
    """Return the outcome of each stage by its name, in their order."""
    return {stage.name: stage.outcome for stage in result.stages}
