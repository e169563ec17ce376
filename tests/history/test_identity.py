"""A verdict is reused only where all that it may depend on is known, and is what it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import history
from pytest_lsqm.history import Earlier
from pytest_lsqm.models import AttemptMade, EmulatorFacts, Reused
from tests.corpus.records import START, A, run, run_id
from tests.history.test_history import Seen

if TYPE_CHECKING:
    from pytest_lsqm.history import Outcome
    from pytest_lsqm.models import Status

FACTS = EmulatorFacts(
    name="moto",
    version="5.2.5",
    digest="packages:1",
    python="3.13.1",
    isolation="reset",
    edition="free",
    substitutions=("this for that",),
)
VERSIONS = {
    "hashicorp/aws": "3.39.0",
    "terraform": "1.11.4",
    "python": "3.11.7",
    "boto3": "1.44.8",
    "botocore": "1.44.8",
    "pytest-lsqm": "0.1",
}
DIGESTS = dict.fromkeys(("architecture", "app", "packages", "plugin", "providers", "settings"), "1")


@dataclass(frozen=True)
class Now:
    """Under what it would be run."""

    emulator: EmulatorFacts | None = FACTS
    versions: Any = None
    digests: Any = None


NOW = Now(FACTS, VERSIONS, DIGESTS)


def seen(status: Status = "PASSED", **changes: Any) -> Seen:
    return Seen(status, **{"emulator": FACTS, "versions": VERSIONS, "digests": DIGESTS, **changes})


def found(*newest_first: Seen, now: Now = NOW, expected: bool = False, confirm: int = 1) -> str:
    """Say the id of the run whose result is reused, or why none is."""
    count = len(newest_first)
    earlier = [Earlier(run(count - place), outcome) for place, outcome in enumerate(newest_first)]

    def foreseen(outcome: Outcome) -> Now:
        return now

    answer = history.reusable(earlier, foreseen, expected=expected, confirm=confirm)
    return answer if isinstance(answer, str) else answer.run.run_id


def with_facts(**changes: Any) -> Now:
    return replace(NOW, emulator=FACTS.model_copy(update=changes))


PARTS = {
    "name": (with_facts(name="ministack"), "emulator"),
    "version": (with_facts(version="5.2.6"), "emulator"),
    "digest": (with_facts(digest="packages:2"), "emulator"),
    "its python": (with_facts(python="3.13.2"), "emulator"),
    "isolation": (with_facts(isolation="account"), "emulator"),
    "edition": (with_facts(edition="token 0a1b2c3d"), "emulator"),
    "substitutions": (with_facts(substitutions=()), "emulator"),
    **{
        name: (replace(NOW, versions=VERSIONS | {name: "0"}), part)
        for name, part in (
            ("terraform", "terraform"),
            ("python", "sdk"),
            ("boto3", "sdk"),
            ("botocore", "sdk"),
            ("pytest-lsqm", "plugin"),
        )
    },
    **{
        name: (replace(NOW, digests=DIGESTS | {name: "0"}), part)
        for name, part in (
            ("architecture", "architecture"),
            ("app", "app"),
            ("packages", "sdk"),
            ("plugin", "plugin"),
            ("providers", "provider"),
            ("settings", "settings"),
        )
    },
}


@pytest.mark.parametrize("what", PARTS)
def test_one_part_that_changed_has_it_run_again(what: str) -> None:
    now, part = PARTS[what]
    assert found(seen(), now=now) == f"another {part}"
    assert found(seen()) == run_id(1)


UNKNOWN: dict[str, dict[str, Any]] = {
    "no emulator": {"emulator": None},
    "no digest of it": {"emulator": FACTS.model_copy(update={"digest": None})},
    **{
        f"no version of {name}": {"versions": {key: told for key, told in VERSIONS.items() if key != name}}
        for name in VERSIONS
        if "/" not in name
    },
    **{
        f"no digest of {name}": {"digests": {key: told for key, told in DIGESTS.items() if key != name}}
        for name in DIGESTS
    },
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_a_part_that_is_not_known_has_it_run_again_though_it_was_not_known_then_either(what: str) -> None:
    assert found(seen(**UNKNOWN[what]), now=replace(NOW, **UNKNOWN[what])).startswith("another ")


def test_an_image_is_known_by_its_digest_whatever_it_is_tagged() -> None:
    image = FACTS.model_copy(update={"digest": "sha256:1"})
    latest = replace(NOW, emulator=image.model_copy(update={"version": "latest"}))
    assert found(seen(emulator=image), now=latest) == run_id(1)


@pytest.mark.parametrize(
    ("results", "answer"),
    [
        ([], "no earlier result"),
        ([seen("PARTIAL")], run_id(1)),
        ([seen("FAILED")], run_id(1)),
        ([seen("TIMEOUT")], "TIMEOUT the last time"),
        ([seen("ERROR"), seen()], "ERROR the last time"),
        ([seen("ERROR", emulator=None, digests={}), seen()], "ERROR the last time"),
        ([seen(), seen("ERROR"), seen("TIMEOUT")], run_id(3)),
        ([seen(flaky=True)], "flaky"),
        ([seen(), seen(flaky=True)], "flaky"),
        ([seen(), seen("FAILED")], "flaky"),
        ([seen("FAILED", digests=DIGESTS | {"app": "0"}), seen(), seen()], run_id(2)),
        ([seen(digests=DIGESTS | {"app": "0"}), seen("TIMEOUT"), seen()], "TIMEOUT the last time"),
    ],
)
def test_the_newest_verdict_under_the_same_circumstances_counts_if_it_is_to_be_relied_on(
    results: list[Seen], answer: str
) -> None:
    assert found(*results) == answer


@pytest.mark.parametrize(
    ("confirm", "answer"), [(0, run_id(1)), (1, run_id(1)), (2, "a regression to be confirmed")]
)
def test_a_failure_that_would_be_a_regression_counts_if_it_was_borne_out_as_often_as_asked(
    confirm: int, answer: str
) -> None:
    tries = [
        AttemptMade(status=each, started_at=START, duration_seconds=1) for each in ("FAILED", "ERROR", "FAILED")
    ]
    borne_out = seen("FAILED", attempts=tuple(tries))
    assert found(borne_out, expected=True, confirm=confirm) == answer
    assert found(borne_out, expected=False, confirm=confirm) == run_id(1)


def test_ten_days_of_reuse_are_one_observation() -> None:
    def days(*outcomes: Seen) -> Any:
        runs = [history.RunOutcomes(run(day), {A: outcome}) for day, outcome in enumerate(outcomes, start=1)]
        return history.architecture_trends(runs, START).architectures[A]

    again = Seen("PASSED", reused=Reused(run_id=run_id(1), at=START))
    quiet = days(Seen("PASSED"), *[again] * 10)
    assert (quiet.streak, [point.run_id for point in quiet.history]) == (1, [run_id(1)])
    # An app that was changed and changed back: what was reused says how it stands now.
    back = days(Seen("PASSED"), Seen("FAILED"), again, again)
    assert (back.current_status, [point.run_id for point in back.history]) == (
        "PASSED",
        [run_id(3), run_id(2), run_id(1)],
    )
