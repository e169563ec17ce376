"""`lsqm bisect`: the first release in which an architecture fails, or the first in which it passes again."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from packaging.version import InvalidVersion, Version

from pytest_lsqm.corpus import Store
from pytest_lsqm.emulators import releases
from pytest_lsqm.errors import EmulatorError, UsageError
from pytest_lsqm.models import PASSING
from pytest_lsqm.reporting import terminal
from pytest_lsqm.validation import confirm
from pytest_lsqm.validation.bench import Bench
from pytest_lsqm.validation.bisecting import Bisection, bisect, versions_between

if TYPE_CHECKING:
    import argparse

    from pytest_lsqm.models import ValidationResult


def run(arguments: argparse.Namespace) -> int:
    """Search, and print the two neighbours, what differs, and the command that shows it."""
    store = Store.open(arguments.corpus)
    entry = store.refresh_index().architectures.get(arguments.hash)
    if entry is None:
        raise UsageError(f"the store has no architecture {arguments.hash}; `lsqm status` counts what it has")
    for version in (arguments.good, arguments.bad):
        try:
            Version(version)
        except InvalidVersion:
            raise UsageError(f"{version!r} is not a version; give one such as {releases.DEFAULT}") from None
    if arguments.good == arguments.bad:
        raise UsageError("--good and --bad are the same version, so there is nothing between them")
    bench = Bench.open(store, _say, timeout=arguments.timeout)
    run_id = str(uuid4())

    def attempt(version: str) -> ValidationResult:
        with bench.on(f"{arguments.emulator}@{version}", size=1) as place:
            if place.emulator.version != version:
                raise EmulatorError(place.emulator.chosen_because or f"{version} cannot be run here")
            if reason := place.reason_against(arguments.hash, entry):
                raise UsageError(reason)
            result = place.validate(arguments.hash, run_id)
            if result.status not in PASSING:
                again = lambda: place.validate(arguments.hash, run_id, fresh=True)  # noqa: E731
                result = confirm(result, again, arguments.confirm)
        _say(f"{version}: {result.status} {terminal.clip(result.error_message or '', 100)}")
        return result

    versions = versions_between(arguments.good, arguments.bad)
    found = bisect(arguments.good, arguments.bad, versions, attempt)
    print(json.dumps(_document(found, arguments), indent=2) if arguments.json else _text(found, arguments))  # noqa: T201
    return 0


def _document(found: Bisection, arguments: argparse.Namespace) -> dict[str, Any]:
    bad = found.results[found.bad]
    return {
        "hash": arguments.hash,
        "name": bad.name,
        "emulator": arguments.emulator,
        "good": found.good,
        "bad": found.bad,
        "status": bad.status,
        "message": bad.error_message,
        "cause": bad.cause.model_dump(mode="json", exclude_none=True) if bad.cause else None,
        "tried": {version: result.status for version, result in found.results.items()},
        "untried": found.untried,
        "command": _command(found, arguments),
    }


def _text(found: Bisection, arguments: argparse.Namespace) -> str:
    bad = found.results[found.bad]
    forward = Version(found.good) < Version(found.bad)
    lines = [
        f"{bad.name or arguments.hash} passes in {arguments.emulator} {found.good} and not in {found.bad}"
        + ("" if forward else f": {found.good} mended it"),
        *terminal.cause_lines(bad),
        f"{bad.status} in {found.bad}: {bad.error_message}",
    ]
    lines += [f"not tried: {version}: {reason}" for version, reason in found.untried.items()]
    return terminal.plain("\n".join([*lines, f"shown by: {_command(found, arguments)}"]))


def _command(found: Bisection, arguments: argparse.Namespace) -> str:
    return terminal.rerun(found.results[found.bad], corpus=str(arguments.corpus))


def _say(line: str) -> None:
    print(f"lsqm: {line}", file=sys.stderr, flush=True)  # noqa: T201
