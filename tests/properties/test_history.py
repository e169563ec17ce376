"""Regressions and trends against the plainest implementation that one can think of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_lsqm import history
from pytest_lsqm.history import RunOutcomes
from pytest_lsqm.models import STATUSES, Status
from tests.corpus.records import START, run
from tests.properties.strategies import HASHES, SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pytest_lsqm.models import AttemptMade

GOOD = ("PASSED", "PARTIAL")


@dataclass(frozen=True)
class Seen:
    status: Status
    services: tuple[str, ...] = ()
    name: str | None = None
    flaky: bool = False
    attempts: tuple[AttemptMade, ...] = ()
    emulator: None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    cause: None = None
    reused: None = None
    started_at: datetime = START
    completed_at: datetime = START


@st.composite
def pasts(draw: st.DrawFn) -> list[RunOutcomes]:
    """Runs on two kinds of emulator, each of some architectures, in any order."""
    runs = []
    for number in draw(st.lists(st.integers(1, 40), min_size=1, max_size=16, unique=True)):
        outcomes = {
            arch_hash: Seen(status, tuple(services))
            for arch_hash, status, services in draw(
                st.lists(
                    st.tuples(HASHES, st.sampled_from(STATUSES), SERVICES),
                    max_size=5,
                    unique_by=lambda each: each[0],
                )
            )
        }
        runs.append(RunOutcomes(run(number, emulator=draw(st.sampled_from(["moto", "localstack"]))), outcomes))
    return runs


def kind(entry: RunOutcomes) -> str:
    assert entry.run.config.emulator is not None
    return entry.run.config.emulator.name


@given(pasts(), st.data())
def test_regressions_and_fixes_are_those_that_looking_back_one_by_one_finds(
    runs: list[RunOutcomes], data: st.DataObject
) -> None:
    current = data.draw(st.sampled_from(runs))
    expected_regressions, expected_fixes = [], []
    for arch_hash in sorted(current.outcomes):
        now = current.outcomes[arch_hash].status
        latest = None
        for other in runs:
            if other.run.started_at >= current.run.started_at or kind(other) != kind(current):
                continue
            if arch_hash not in other.outcomes:
                continue
            if latest is None or other.run.started_at > latest.run.started_at:
                latest = other
        if latest is None:
            continue
        before = latest.outcomes[arch_hash].status
        if before in GOOD and now not in GOOD:
            expected_regressions.append((arch_hash, latest.run.run_id, before, now))
        if before not in GOOD and now in GOOD:
            expected_fixes.append((arch_hash, latest.run.run_id, before, now))
    others = data.draw(st.permutations(runs))
    earlier = history.baseline(current.run, others)
    found = history.regressions(current, earlier, START)
    fixes = history.fixes(current, earlier)
    assert [(r.arch_hash, r.from_run_id, r.from_status, r.to_status) for r in found] == expected_regressions
    assert [(f.arch_hash, f.from_run_id, f.from_status, f.to_status) for f in fixes] == expected_fixes


@given(pasts(), st.dictionaries(HASHES, SERVICES, max_size=6))
def test_the_trends_of_services_are_those_that_counting_on_fingers_gives(
    runs: list[RunOutcomes], corpus: dict[str, list[str]]
) -> None:
    with_results = sorted((entry for entry in runs if entry.outcomes), key=lambda entry: entry.run.started_at)
    alike = [entry for entry in with_results if kind(entry) == kind(with_results[-1])] if with_results else []
    expected: dict[str, list[tuple[str, int, int]]] = {}
    for entry in alike:
        for service in ("kms", "s3", "sns", "sqs"):
            passed = total = 0
            for arch_hash, seen in entry.outcomes.items():
                services = seen.services or corpus.get(arch_hash, [])
                if service in services and seen.status != "ERROR":
                    total += 1
                    passed += 1 if seen.status == "PASSED" else 0
            if total:
                expected.setdefault(service, []).insert(0, (entry.run.run_id, passed, total))
    trends = history.service_trends(runs, corpus)
    assert [trend.service_name for trend in trends] == sorted(expected)
    for trend in trends:
        points = expected[trend.service_name]
        assert [(each.run_id, each.passed, each.total) for each in trend.history] == points[:12]
        assert trend.current_pass_rate == round(points[0][1] / points[0][2], 6)
        assert trend.architecture_count == sum(trend.service_name in services for services in corpus.values())
        assert trend.trend == _direction(points)


@given(*(st.integers(1, 120).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))) for _ in range(2)))
def test_a_trend_is_a_change_of_more_than_two_hundredths(before: tuple[int, int], now: tuple[int, int]) -> None:
    runs = []
    for number, (passed, total) in enumerate((before, now), 1):
        seen = {f"{each:016x}": Seen("PASSED" if each < passed else "FAILED", ("s3",)) for each in range(total)}
        runs.append(RunOutcomes(run(number), seen))
    (trend,) = history.service_trends(runs, {})
    assert trend.trend == _direction([("now", *now), ("before", *before)])


def _direction(points: list[tuple[str, int, int]]) -> str:
    if len(points) < 2:
        return "stable"
    (_, now, of), (_, before, of_before) = points[:2]
    # In hundredths of both totals, so that no rounding decides.
    change, margin = 100 * (now * of_before - before * of), 2 * of * of_before
    return "improving" if change > margin else "declining" if change < -margin else "stable"


@given(pasts())
def test_a_streak_is_how_often_the_last_status_came_in_a_row(runs: list[RunOutcomes]) -> None:
    trends = history.architecture_trends(runs, START)
    with_results = sorted((entry for entry in runs if entry.outcomes), key=lambda entry: entry.run.started_at)
    seen: dict[str, list[Any]] = {}
    for entry in with_results:
        if kind(entry) == kind(with_results[-1]):
            for arch_hash, outcome in entry.outcomes.items():
                seen.setdefault(arch_hash, []).append((entry.run.run_id, outcome.status))
    assert sorted(trends.architectures) == sorted(seen)
    for arch_hash, trend in trends.architectures.items():
        backwards = seen[arch_hash][::-1]
        streak = 0
        while streak < len(backwards) and backwards[streak][1] == backwards[0][1]:
            streak += 1
        assert (trend.current_status, trend.streak) == (backwards[0][1], streak)
        assert [(each.run_id, each.status) for each in trend.history] == backwards[:12]
