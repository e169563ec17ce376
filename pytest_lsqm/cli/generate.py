"""`lsqm generate`: apps for architectures that have none, and the gate for every app."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_lsqm import emulators, generation
from pytest_lsqm.corpus import Store
from pytest_lsqm.emulators.pool import Pool
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.generation.budget import Budget
from pytest_lsqm.models import HAND_WRITTEN
from pytest_lsqm.settings import DEFAULT_TEST_TIMEOUT, DEFAULT_TIMEOUT, cores
from pytest_lsqm.terraform.engine import find_engine
from pytest_lsqm.terraform.providers import open_mirror
from pytest_lsqm.validation import Tools, confinement
from pytest_lsqm.validation.making import Maker

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_lsqm.emulators.base import Emulator
    from pytest_lsqm.models import Architecture, TestApp
    from pytest_lsqm.validation.making import Made


def run(arguments: argparse.Namespace) -> int:
    """Make or check apps; exit code 1 and a line of reason for each that does not pass the gate."""
    if arguments.check and arguments.generator:
        raise UsageError("--check looks at the apps that are there, --with makes new ones: use one of them")
    store = Store.open(arguments.corpus)
    architectures = [store.architecture(key) for key in _hashes(store, arguments)]
    tell = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    generator = None
    if not arguments.check:
        name = arguments.generator or generation.default()
        generator = generation.create(name, budget=Budget(arguments.token_budget), tell=tell)
    emulator = emulators.create(arguments.emulator)
    emulator.prepare(tell)
    served = [each for each in architectures if not _lacking(emulator, each)]
    told = [_not_served(emulator, each) for each in architectures if each not in served]
    for entry in told:
        _say(entry, arguments)
    pool = Pool(emulator, size=arguments.workers, cores=cores(), fresh=False)
    try:
        engine = find_engine(tell)
        mirror = open_mirror("auto", engine, tell)
        tools = Tools(
            store,
            engine,
            mirror,
            pool,
            DEFAULT_TIMEOUT,
            DEFAULT_TEST_TIMEOUT,
            lambda stage: None,
            confined=confinement.wanted("auto", engine)[0],
        )
        maker = Maker(tools, f"{emulator.name} {emulator.version}", arguments.sample, arguments.workers)
        if generator is None:
            found: Iterable[Made | dict[str, Any]] = _checked(store, maker, served)
        else:
            found = maker.make(served, generator)
        for made in found:
            entry = made if isinstance(made, dict) else _kept(store, made, keep_refused=generator is None)
            told.append(entry)
            _say(entry, arguments)
    finally:
        pool.close()
    if arguments.json:
        print(json.dumps(told, indent=2))  # noqa: T201
    elif generator is not None:
        print(_summary(told))  # noqa: T201
    return 1 if any(entry["reasons"] for entry in told) else 0


def _hashes(store: Store, arguments: argparse.Namespace) -> list[str]:
    known = store.refresh_index().architectures
    if unknown := [key for key in arguments.hashes if key not in known]:
        raise UsageError(f"the store has no architecture {', '.join(unknown)}; `lsqm status` counts what it has")
    if arguments.hashes:
        return list(arguments.hashes)
    with_app = {key for key in known if store.has_app(key)}
    if arguments.check:
        return sorted(with_app)
    ready = {key for key, entry in known.items() if not entry.skipped}
    # What a person wrote is replaced only when it is named.
    anew = {key for key in ready & with_app if not _hand_written(store, key)} if arguments.again else set()
    return sorted((ready - with_app) | anew)


def _hand_written(store: Store, arch_hash: str) -> bool:
    app = store.app(arch_hash)
    return app is not None and app.model_used == HAND_WRITTEN


def _lacking(emulator: Emulator, architecture: Architecture) -> str | None:
    """Say what this emulator does not serve of an architecture; None when it serves all."""
    limits = emulators.unserved(emulator)
    return next((f"{name}: {limits[name]}" for name in architecture.services if name in limits), None)


def _not_served(emulator: Emulator, architecture: Architecture) -> dict[str, Any]:
    why = f"{emulator.name} cannot serve it here, {_lacking(emulator, architecture)}"
    return _entry(architecture) | {"not_checked": why}


def _entry(architecture: Architecture) -> dict[str, Any]:
    return {"hash": architecture.hash, "name": architecture.name, "reasons": [], "score": None}


def _checked(store: Store, maker: Maker, architectures: Sequence[Architecture]) -> Iterator[Made | dict[str, Any]]:
    apps: list[tuple[Architecture, TestApp]] = []
    for architecture in architectures:
        try:
            app = store.app(architecture.hash)
        except LsqmError as error:
            yield _entry(architecture) | {"reasons": [str(error)]}
            continue
        if app is None:
            yield _entry(architecture) | {"reasons": ["it has no app; `lsqm generate --with builtin` makes one"]}
            continue
        apps.append((architecture, app))
    yield from maker.check(apps)


def _kept(store: Store, made: Made, *, keep_refused: bool) -> dict[str, Any]:
    """Store an app that passed, and tell; of an app that was there already, the refusal is recorded too."""
    if made.app is not None and (made.found.passed or keep_refused):
        store.add_app(made.app, replace=True)
    told = _entry(made.architecture)
    told |= {"reasons": list(made.found.reasons), "score": made.found.score, "noticed": dict(made.found.noticed)}
    if made.app is not None:
        told |= {"model_used": made.app.model_used, "unprobed": list(made.app.unprobed)}
    return told


def _say(told: dict[str, Any], arguments: argparse.Namespace) -> None:
    if not arguments.json:
        print(_sentence(told), flush=True)  # noqa: T201


def _sentence(told: dict[str, Any]) -> str:
    head = f"{told['hash']}  {told['name']}: "
    if "not_checked" in told:
        return f"{head}not checked: {told['not_checked']}"
    if told["reasons"]:
        return f"{head}REFUSED: {'; '.join(told['reasons'])}"
    missed = [address for address, seen in told.get("noticed", {}).items() if not seen]
    score = "" if told["score"] is None else f", notices {told['score']:.0%} of what is taken away"
    unprobed = f"; only read back: {', '.join(told['unprobed'])}" if told.get("unprobed") else ""
    return f"{head}passes{score}{'; not noticed: ' + ', '.join(missed) if missed else ''}{unprobed}"


def _summary(told: Sequence[dict[str, Any]]) -> str:
    made = sum(not entry["reasons"] and "not_checked" not in entry for entry in told)
    refused = sum(bool(entry["reasons"]) for entry in told)
    skipped = len(told) - made - refused
    return f"{made} apps made, {refused} refused, {skipped} not tried"
