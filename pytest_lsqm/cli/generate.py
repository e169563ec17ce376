"""`lsqm generate --check`: the gate for the apps of the store."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_lsqm import emulators
from pytest_lsqm.corpus import Store
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.generation.checks import objections
from pytest_lsqm.models import GateOutcome
from pytest_lsqm.settings import DEFAULT_TEST_TIMEOUT, DEFAULT_TIMEOUT
from pytest_lsqm.terraform.engine import find_engine
from pytest_lsqm.terraform.providers import open_mirror
from pytest_lsqm.validation import Tools, gate

if TYPE_CHECKING:
    import argparse

    from pytest_lsqm.emulators.base import Emulator


def run(arguments: argparse.Namespace) -> int:
    """Put apps through the gate; exit code 1 and a line of reason for each that does not pass."""
    if not arguments.check:
        raise UsageError("say what to do: --check puts the apps of the store through the gate")
    store = Store.open(arguments.corpus)
    known = store.refresh_index().architectures
    hashes = arguments.hashes or sorted(key for key in known if store.has_app(key))
    if unknown := [key for key in hashes if key not in known]:
        raise UsageError(f"the store has no architecture {', '.join(unknown)}; `lsqm status` counts what it has")
    emulator = emulators.create(arguments.emulator)
    tell = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    emulator.prepare(tell)
    pool = Pool(emulator, size=1, fresh=False)
    try:
        engine = find_engine(tell)
        mirror = open_mirror("auto", engine, tell)
        tools = Tools(store, engine, mirror, pool, DEFAULT_TIMEOUT, DEFAULT_TEST_TIMEOUT, lambda stage: None)
        told = [_check(store, tools, emulator, key, arguments) for key in hashes]
    finally:
        pool.close()
    if arguments.json:
        print(json.dumps(told, indent=2))  # noqa: T201
    return 1 if any(entry["reasons"] for entry in told) else 0


def _check(
    store: Store, tools: Tools, emulator: Emulator, arch_hash: str, arguments: argparse.Namespace
) -> dict[str, Any]:
    architecture = store.architecture(arch_hash)
    told: dict[str, Any] = {"hash": arch_hash, "name": architecture.name, "reasons": [], "score": None}
    lacking = [f"{name}: {why}" for name, why in emulator.limits().items() if name in architecture.services]
    if lacking:
        told["not_checked"] = f"{emulator.name} cannot serve it here, {lacking[0]}"
    else:
        try:
            app = store.app(arch_hash)
        except LsqmError as error:
            app, told["reasons"] = None, [str(error)]
        if app is not None:
            told["reasons"] = objections(app.files)
            if not told["reasons"]:
                found = gate.check(architecture, tools, sample=arguments.sample)
                told |= {"reasons": list(found.reasons), "score": found.score, "noticed": dict(found.noticed)}
            outcome = GateOutcome(
                passed=not told["reasons"],
                checked_at=datetime.now(UTC),
                emulator=f"{emulator.name} {emulator.version}",
                reasons=tuple(told["reasons"]),
                noticed=told.get("noticed", {}),
                score=told["score"],
            )
            store.add_app(app.model_copy(update={"gate": outcome}), replace=True)
    if not arguments.json:
        print(_sentence(told), flush=True)  # noqa: T201
    return told


def _sentence(told: dict[str, Any]) -> str:
    head = f"{told['hash']}  {told['name']}: "
    if "not_checked" in told:
        return f"{head}not checked: {told['not_checked']}"
    if told["reasons"]:
        return f"{head}REFUSED: {'; '.join(told['reasons'])}"
    missed = [address for address, seen in told.get("noticed", {}).items() if not seen]
    score = "" if told["score"] is None else f", notices {told['score']:.0%} of what is taken away"
    return f"{head}passes{score}{'; not noticed: ' + ', '.join(missed) if missed else ''}"
