"""Whose fault a regression may be: what changed between the result that passed and the one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.models import Changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.history.outcomes import Outcome
    from pytest_lsqm.models import Attribution, Cause, ChangedPart

# The Python that is among a result's versions is the one that the apps run on; an emulator says its own.
_VERSIONED: tuple[tuple[str, ChangedPart], ...] = (
    ("hashicorp/aws", "provider"),
    ("terraform", "terraform"),
    ("tofu", "terraform"),
    ("boto3", "sdk"),
    ("botocore", "sdk"),
    ("python", "sdk"),
    ("pytest-lsqm", "plugin"),
)


def changes(before: Outcome, now: Outcome, versions: tuple[str, str]) -> tuple[Changed, ...]:
    """Return what of the recorded circumstances differs; what one of the two does not say is no difference.

    `versions` are those of the emulator as the runs have them, for results that do not say theirs.
    An architecture that changed is another one, by its hash, and is not compared.
    """
    found = [*_of_emulator(before, now, versions)]
    if _differ(before.digests.get("app"), now.digests.get("app")):
        found.append(Changed(part="app", before=before.digests["app"], after=now.digests["app"]))
    for name, part in _VERSIONED:
        one, other = before.versions.get(name), now.versions.get(name)
        if one is not None and other is not None and one != other:
            found.append(Changed(part=part, before=f"{name} {one}", after=f"{name} {other}"))
    return tuple(found)


def attribute(changed: Sequence[Changed], cause: Cause | None) -> Attribution:
    """Say whose a regression is: the one part that changed; what is proved by the cause comes before that.

    Where several parts changed none is blamed, and where nothing did, that is said.
    """
    if cause is not None and cause.kind == "environment":
        return "environment"
    parts = {each.part for each in changed}
    if "app" in parts:
        return "app"
    if cause is not None and cause.kind == "app":
        return "app"
    if not parts:
        return "nothing_changed"
    return parts.pop() if len(parts) == 1 else "several"


def _of_emulator(before: Outcome, now: Outcome, versions: tuple[str, str]) -> Iterator[Changed]:
    one, other = before.emulator, now.emulator
    if one is None or other is None:
        if versions[0] != versions[1]:
            yield Changed(part="emulator", before=f"version {versions[0]}", after=f"version {versions[1]}")
        return
    for name in ("version", "digest", "python", "edition"):
        was, now_is = getattr(one, name), getattr(other, name)
        if _differ(was, now_is):
            yield Changed(part="emulator", before=f"{name} {was}", after=f"{name} {now_is}")
    if one.substitutions != other.substitutions:
        yield Changed(part="emulator", before="; ".join(one.substitutions), after="; ".join(other.substitutions))


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other
