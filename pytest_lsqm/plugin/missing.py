"""`--lsqm-generate`: apps for the architectures that lack one, made and put through the gate before the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm import generation
from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.validation.making import Maker

if TYPE_CHECKING:
    from pytest_lsqm.models import EmulatorFacts
    from pytest_lsqm.plugin.session import LsqmSession


def make(session: LsqmSession, facts: EmulatorFacts, workers: int) -> int:
    """Make what is missing, with `workers` at a time, and return the tokens spent; a refusal is a reason to skip.

    Which tests are selected is not known yet, but for architectures that are named as arguments.
    """
    named = session.named()
    wanted = [
        key
        for key, entry in session.index().architectures.items()
        if not entry.has_app
        and (not named or key in named)
        and session.skip_reason(entry.model_copy(update={"has_app": True})) is None
    ]
    name = session.settings.generate
    if not wanted or name is None:
        return 0
    session.say(f"making {len(wanted)} apps with {name} …")
    budget = Budget(session.settings.token_budget)
    generator = generation.create(name, budget=budget, tell=session.say)
    maker = Maker(session.tools(), f"{facts.name} {facts.version}", workers=workers)
    for made in maker.make([session.store.architecture(key) for key in sorted(wanted)], generator):
        architecture = made.architecture
        if made.app is not None and made.found.passed:
            session.store.add_app(made.app)
            session.say(f"made an app for {architecture.name or architecture.hash}")
        else:
            reason = "; ".join(made.found.reasons)
            session.refused[architecture.hash] = f"has no app, since what {name} wrote was refused: {reason}"
            session.say(f"no app for {architecture.name or architecture.hash}: {reason}")
    session.refresh()
    return budget.used
