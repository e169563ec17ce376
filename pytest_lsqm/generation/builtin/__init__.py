"""The built-in generator: tests from what was deployed and what was asked for, the same every time."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from pytest_lsqm.generation.base import Draft
from pytest_lsqm.generation.builtin import looks, probes, readback, registry, writing
from pytest_lsqm.generation.builtin.world import World
from pytest_lsqm.models import TestApp
from pytest_lsqm.settings import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.generation.base import Brief

__all__ = ["BuiltinGenerator", "probed_types"]


class BuiltinGenerator:
    """Writes a probe of behaviour for every resource whose type it knows, and a read-back for the others."""

    name = "builtin"
    needs_deployment = True

    def generate(self, briefs: Sequence[Brief]) -> Iterator[Draft]:
        """Yield a draft for each brief, in their order."""
        for brief in briefs:
            yield self._draft(brief)

    def repair(self, brief: Brief, app: TestApp, reasons: Sequence[str]) -> None:
        """Return nothing: it would write the same again."""

    def _draft(self, brief: Brief) -> Draft:
        architecture = brief.architecture
        world = World(brief.resources, architecture.region or REGION)
        tests: list[writing.Test] = []
        unprobed: set[str] = set()
        for resource in world.resources:
            probe = registry.PROBES.get(resource.type)
            if probe is not None:
                tests += probe(resource, world)
            else:
                unprobed.add(resource.type)
                tests += readback.read_back(resource, world)
        if not tests:
            return Draft(
                architecture.hash,
                reason="no resource that was deployed has a behaviour or attributes that could be read: "
                "write an app by hand, or have one written with --lsqm-generate claude",
            )
        files = writing.app_files(tests, architecture.description or architecture.name or "An architecture.")
        app = TestApp(
            arch_hash=architecture.hash,
            generated_at=datetime.now(UTC),
            generator_version=version("pytest-lsqm"),
            model_used=self.name,
            input_tokens=0,
            output_tokens=0,
            unprobed=tuple(sorted(unprobed)),
            files=looks.formatted(files),
        )
        return Draft(architecture.hash, app)


def probed_types() -> tuple[str, ...]:
    """Every resource type of which the built-in generator probes the behaviour."""
    assert probes
    return tuple(sorted(registry.PROBES))
