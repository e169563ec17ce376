"""What the tests of the generator that asks Claude share: good answers, briefs, and a desk that makes both."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.base import Brief, Draft
from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.generation.claude import ClaudeGenerator
from pytest_lsqm.models import Architecture, TestApp
from tests.generation.messages_api import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.generation import messages_api

KEY = "sk-ant-only-for-this-test"

FILES = {
    "conftest.py": "import boto3\n",
    "app.py": '"""Ünïcode, "quotes" and \\\\ survive."""\n',
    "test_app.py": "def test_it(sqs):\n    assert sqs.list_queues()\n",
    "requirements.txt": "boto3\npytest\n",
}
GOOD = message(json.dumps(FILES))
QUEUE = 'resource "aws_sqs_queue" "orders" {}\n'


@dataclass
class Desk:
    """Makes briefs, and generators that tell this desk what they do."""

    root: Path
    told: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=lambda: Budget(500_000))

    def claude(self, **options: Any) -> ClaudeGenerator:
        return ClaudeGenerator(self.budget, tell=self.told.append, **{"poll": 0.01, **options})

    def brief(self, number: int = 0, files: Mapping[str, str | bytes] | None = None) -> Brief:
        arch_hash = f"{number:016x}"
        folder = self.root / arch_hash
        for name, content in (files or {"main.tf": QUEUE}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        architecture = Architecture(
            hash=arch_hash,
            source_url="https://example.com/tiny",
            source_type="github",
            discovered_at=datetime(2026, 1, 10, tzinfo=UTC),
            services=("sqs",),
            resource_count=1,
            name=f"tiny-{number}",
        )
        return Brief(architecture, folder)

    def briefs(self, count: int) -> list[Brief]:
        return [self.brief(number) for number in range(count)]

    def generate(self, count: int = 1) -> list[Draft]:
        return list(self.claude().generate(self.briefs(count)))

    def draft(self) -> Draft:
        [draft] = self.generate()
        return draft


def made(draft: Draft) -> TestApp:
    assert draft.app is not None, draft.reason
    assert draft.reason is None
    return draft.app


def reason(draft: Draft) -> str:
    assert draft.app is None
    assert draft.reason is not None
    return draft.reason


def answer(**changes: Any) -> messages_api.Message:
    """Make the answer with these files changed, and without those that are None."""
    files = {**FILES, **{name.replace("__", "."): text for name, text in changes.items()}}
    return message(json.dumps({name: text for name, text in files.items() if text is not None}))


def blocks(text: str) -> dict[str, str]:
    """Return what stands between marks, by its name."""
    found = re.findall(r'^<(\w+-[0-9a-f]{16}) name="([^"]+)">\n(.*?)\n</\1>$', text, re.DOTALL | re.MULTILINE)
    return {name: content for _, name, content in found}
