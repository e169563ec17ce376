"""Drafts of generators on a real LocalStack: kept, repaired once, or refused with the gate's own reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.generation.base import Draft
from pytest_lsqm.models import TestApp
from pytest_lsqm.validation import Tools
from pytest_lsqm.validation.making import Maker
from tests.support.apps import app_texts
from tests.support.architectures import HASH, put
from tests.validation.test_gate import ALWAYS_TRUE, SOUND, TWO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.generation.base import Brief
    from pytest_lsqm.validation.making import Made
    from tests.support.architectures import Bench

pytestmark = pytest.mark.slow


def app(test: str) -> TestApp:
    return TestApp(
        arch_hash=HASH,
        generated_at=datetime.now(UTC),
        generator_version="1",
        model_used="scripted",
        input_tokens=1,
        output_tokens=1,
        files=app_texts(test),
    )


@dataclass
class Scripted:
    """A generator that says what it was told to say."""

    first: str | None
    second: str | None = None
    needs_deployment: bool = False
    name: str = "scripted"
    briefs: list[Brief] = field(default_factory=list)
    told: list[tuple[str, ...]] = field(default_factory=list)

    def generate(self, briefs: Sequence[Brief]) -> Iterator[Draft]:
        self.briefs += briefs
        for _ in briefs:
            yield Draft(HASH, app(self.first) if self.first else None, None if self.first else "no idea")

    def repair(self, brief: Brief, app_: TestApp, reasons: Sequence[str]) -> Draft | None:
        self.told.append(tuple(reasons))
        return Draft(HASH, app(self.second)) if self.second else None


def make(bench: Bench, generator: Scripted) -> Made:
    store, architecture = put(bench.root, TWO)
    tools = Tools(store, bench.engine, bench.mirror, bench.leases, 90.0, 30.0, bench.announced.append)
    (made,) = Maker(tools, "localstack-host 4.14.0").make([architecture], generator)
    return made


def test_a_sound_draft_is_an_app_with_its_gate(bench: Bench) -> None:
    made = make(bench, Scripted(SOUND))
    assert made.found.passed
    assert made.app is not None
    assert made.app.gate is not None
    assert (made.app.gate.passed, made.app.gate.emulator) == (True, "localstack-host 4.14.0")


def test_a_generator_that_wants_a_deployment_is_told_what_was_asked_and_what_was_made(bench: Bench) -> None:
    generator = Scripted(SOUND, needs_deployment=True)
    assert make(bench, generator).found.passed
    (brief,) = generator.briefs
    queue = next(resource for resource in brief.resources if resource.type == "aws_sqs_queue")
    assert queue.asked["name"] == "orders"
    assert "arn" not in queue.asked
    assert queue.attributes["arn"].endswith(":orders")
    assert brief.outputs["queue_url"] == queue.attributes["id"]


def test_a_refused_draft_is_repaired_once_with_the_reasons_of_the_gate(bench: Bench) -> None:
    generator = Scripted(ALWAYS_TRUE, SOUND)
    made = make(bench, generator)
    assert generator.told == [("test_arithmetic does not fail when nothing is deployed",)]
    assert made.found.passed
    assert made.app is not None
    assert made.app.files["test_app.py"] == SOUND


def test_a_draft_that_is_refused_twice_stays_refused(bench: Bench) -> None:
    generator = Scripted(ALWAYS_TRUE, ALWAYS_TRUE)
    made = make(bench, generator)
    assert len(generator.told) == 1
    assert made.found.reasons == ("test_arithmetic does not fail when nothing is deployed",)


def test_what_can_be_said_without_running_it_is_said_before_anything_is_deployed(bench: Bench) -> None:
    made = make(bench, Scripted("def test_it():\n    print('fine')\n"))
    assert made.found.reasons == ("test_app.py:1: test_it asserts nothing",)
    assert "apply" not in bench.announced


def test_no_draft_is_a_reason(bench: Bench) -> None:
    made = make(bench, Scripted(None))
    assert (made.app, made.found.reasons) == (None, ("no idea",))
