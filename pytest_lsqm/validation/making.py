"""From an architecture without an app to one that passed the gate, or to the reason why there is none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_lsqm.errors import LsqmError
from pytest_lsqm.generation.base import Brief
from pytest_lsqm.generation.checks import objections
from pytest_lsqm.models import GateOutcome
from pytest_lsqm.validation import drafting, gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lsqm.generation.base import Draft, Generator
    from pytest_lsqm.models import Architecture, TestApp
    from pytest_lsqm.validation.attempt import Attempt, Tools
    from pytest_lsqm.validation.gate import GateResult


@dataclass(frozen=True)
class Made:
    """What came of one architecture: an app that may be stored, with its gate's outcome, or the reasons."""

    architecture: Architecture
    found: GateResult
    app: TestApp | None


@dataclass(frozen=True)
class Maker:
    """Makes apps, several at a time, and lets none pass that the gate refuses; `emulator` names the reference."""

    tools: Tools
    emulator: str
    sample: int = 0
    workers: int = 1

    def check(self, apps: Sequence[tuple[Architecture, TestApp]]) -> Iterator[Made]:
        """Put apps that exist through the gate, and yield each with its outcome, in their order."""
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(lambda pair: self._made(pair[0], self._judged(*pair)), apps)

    def make(self, architectures: Sequence[Architecture], generator: Generator) -> Iterator[Made]:
        """Yield what comes of each architecture, as it comes."""
        with ThreadPoolExecutor(self.workers) as pool:
            if generator.needs_deployment:
                yield from pool.map(lambda each: self._from_deployment(each, generator), architectures)
                return
            known = {each.hash: each for each in architectures}
            briefs = {key: self._brief(each) for key, each in known.items()}
            repairs = threading.Lock()
            gates = [
                pool.submit(self._from_draft, briefs[draft.arch_hash], draft, generator, repairs)
                for draft in generator.generate(list(briefs.values()))
            ]
            for pending in gates:
                yield pending.result()

    def _brief(self, architecture: Architecture) -> Brief:
        return Brief(architecture, self.tools.store.terraform_folder(architecture.hash))

    def _from_deployment(self, architecture: Architecture, generator: Generator) -> Made:
        def write(attempt: Attempt) -> TestApp:
            (draft,) = generator.generate([drafting.brief(attempt)])
            if draft.app is None:
                raise LsqmError(draft.reason or "the generator gave no app")
            return draft.app

        return self._made(architecture, self._gate(architecture, write))

    def _from_draft(self, brief: Brief, draft: Draft, generator: Generator, repairs: threading.Lock) -> Made:
        architecture, app = brief.architecture, draft.app
        if app is None:
            return Made(architecture, gate.GateResult((draft.reason or "the generator gave no app",)), None)
        found = self._judged(architecture, app)
        if found.reasons and found.app is not None:
            # One round with the real failure: what is refused again has had its chance.
            with repairs:
                again = generator.repair(brief, app, found.reasons)
            if again is not None and again.app is not None:
                found = self._judged(architecture, again.app)
            elif again is not None and again.reason:
                found = gate.GateResult((*found.reasons, again.reason))
        return self._made(architecture, found)

    def _judged(self, architecture: Architecture, app: TestApp) -> GateResult:
        # What can be said without running it is said before anything is deployed.
        if reasons := objections(app.files):
            return gate.GateResult(tuple(reasons), app=app)
        return self._gate(architecture, lambda attempt: app)

    def _gate(self, architecture: Architecture, write: Callable[[Attempt], TestApp]) -> GateResult:
        return gate.check(architecture, self.tools, write, sample=self.sample)

    def _made(self, architecture: Architecture, found: GateResult) -> Made:
        if found.app is None:
            return Made(architecture, found, None)
        outcome = GateOutcome(
            passed=found.passed,
            checked_at=datetime.now(UTC),
            emulator=self.emulator,
            reasons=found.reasons,
            noticed=dict(found.noticed),
            score=found.score,
        )
        return Made(architecture, found, found.app.model_copy(update={"gate": outcome}))
