from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm import history
from pytest_lsqm.errors import UsageError
from pytest_lsqm.history import RunOutcomes
from pytest_lsqm.models import STATUSES, ArchitectureTrends, HistoryEntry, ServiceTrend, Status
from tests.corpus.records import START, A, B, C, run, run_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pytest_lsqm.models import AttemptMade, Cause, EmulatorFacts, Reused

D = "d" * 16


@dataclass(frozen=True)
class Seen:
    status: Status
    services: tuple[str, ...] = ("s3",)
    name: str | None = "arch"
    started_at: datetime = START
    completed_at: datetime = START
    flaky: bool = False
    attempts: tuple[AttemptMade, ...] = ()
    reused: Reused | None = None
    emulator: EmulatorFacts | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    cause: Cause | None = None


def _run(number: int, statuses: Mapping[str, Status], emulator: str | None = None, **changes: Any) -> RunOutcomes:
    made = run(number, emulator=emulator, **changes)
    return RunOutcomes(made, {arch_hash: Seen(status) for arch_hash, status in statuses.items()})


def _regressions(current: RunOutcomes, *others: RunOutcomes, wanted: str = "latest") -> list[tuple[str, str, str]]:
    earlier = history.baseline(current.run, others, wanted)
    return [
        (found.arch_hash, found.from_run_id, f"{found.from_status}>{found.to_status}")
        for found in history.regressions(current, earlier, START)
    ]


# Regressions and fixes


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_only_a_change_from_passing_to_not_passing_is_a_regression(before: Status, after: Status) -> None:
    first, second = _run(1, {A: before}), _run(2, {A: after})
    fell = before in {"PASSED", "PARTIAL"} and after in {"FAILED", "TIMEOUT", "ERROR"}
    rose = before in {"FAILED", "TIMEOUT", "ERROR"} and after in {"PASSED", "PARTIAL"}
    assert _regressions(second, first) == ([(A, run_id(1), f"{before}>{after}")] if fell else [])
    fixes = history.fixes(second, history.baseline(second.run, [first]))
    assert [(fix.arch_hash, fix.from_status, fix.to_status) for fix in fixes] == [(A, before, after)] * rose


def test_two_runs_of_everything_compare_as_a_person_reads_them() -> None:
    first = _run(1, {A: "PASSED", B: "PARTIAL", C: "FAILED"}, "localstack-host", version="4.6.0")
    second = _run(2, {A: "PASSED", B: "TIMEOUT", C: "PASSED", D: "FAILED"}, "localstack-host", version="4.14.0")
    earlier = history.baseline(second.run, [first])
    (found,) = history.regressions(second, earlier, START)
    assert found.model_dump(exclude_none=True) == {
        "schema_version": 1,
        "arch_hash": B,
        "architecture_name": "arch",
        "from_run_id": run_id(1),
        "to_run_id": run_id(2),
        "from_status": "PARTIAL",
        "to_status": "TIMEOUT",
        "detected_at": START,
        "services_affected": ("s3",),
        "emulator": "localstack-host",
        "from_version": "4.6.0",
        "to_version": "4.14.0",
        "changed": ({"part": "emulator", "before": "version 4.6.0", "after": "version 4.14.0"},),
        "attributed_to": "emulator",
        "attempts": 1,
    }
    assert history.fixes(second, earlier) == [history.Fix(C, "arch", run_id(1), run_id(2), "FAILED", "PASSED")]


def test_an_architecture_that_a_subset_run_left_out_is_compared_with_the_run_before() -> None:
    everything = _run(1, {A: "PASSED", B: "PASSED"})
    subset = _run(2, {A: "FAILED"})
    now = _run(3, {A: "FAILED", B: "FAILED"})
    assert _regressions(now, subset, everything) == [(B, run_id(1), "PASSED>FAILED")]
    assert _regressions(subset, everything) == [(A, run_id(1), "PASSED>FAILED")]


def test_a_subset_run_says_nothing_about_what_it_leaves_out() -> None:
    assert _regressions(_run(2, {A: "PASSED"}), _run(1, {A: "PASSED", B: "PASSED"})) == []


def test_another_emulator_kind_is_no_baseline() -> None:
    local, mini = _run(1, {A: "PASSED"}, "localstack"), _run(2, {A: "FAILED"}, "ministack")
    now = _run(3, {A: "FAILED"}, "localstack")
    assert _regressions(now, mini) == []
    assert _regressions(now, local, mini) == [(A, run_id(1), "PASSED>FAILED")]


def test_a_run_that_names_no_emulator_is_of_localstack() -> None:
    assert _regressions(_run(2, {A: "FAILED"}, "localstack"), _run(1, {A: "PASSED"})) == [
        (A, run_id(1), "PASSED>FAILED")
    ]


def test_a_later_run_and_the_run_itself_are_no_baseline() -> None:
    now = _run(2, {A: "FAILED"})
    assert _regressions(now, now, _run(3, {A: "PASSED"})) == []


def test_a_baseline_may_be_any_run_that_is_named() -> None:
    old, new = _run(1, {A: "PASSED"}, "ministack"), _run(2, {A: "FAILED"}, "localstack")
    now = _run(3, {A: "FAILED"}, "localstack")
    assert _regressions(now, old, new, wanted=run_id(1)) == [(A, run_id(1), "PASSED>FAILED")]
    assert _regressions(now, old, new, wanted=run_id(2)) == []
    assert _regressions(now, old, new, wanted="none") == []


@pytest.mark.parametrize("wanted", ["nonsense", run_id(9), run_id(2)])
def test_a_baseline_that_is_not_there_is_a_usage_error(wanted: str) -> None:
    with pytest.raises(UsageError, match=f"no run {wanted} to compare with"):
        history.baseline(run(2), [_run(1, {A: "PASSED"}), _run(2, {A: "PASSED"})], wanted)


def test_name_and_services_come_from_the_earlier_result_where_the_later_has_none() -> None:
    first = RunOutcomes(run(1), {A: Seen("PASSED", ("s3", "sqs"), "queue")})
    second = RunOutcomes(run(2), {A: Seen("ERROR", (), None)})
    (found,) = history.regressions(second, history.baseline(second.run, [first]), START)
    assert (found.architecture_name, found.services_affected) == ("queue", ("s3", "sqs"))


# Trends of services


def _counted(
    number: int, passed: int, total: int, service: str = "s3", emulator: str | None = None
) -> RunOutcomes:
    outcomes = {
        f"{position:016x}": Seen("PASSED" if position < passed else "FAILED", (service,))
        for position in range(total)
    }
    return RunOutcomes(run(number, emulator=emulator), outcomes)


def _trends(*runs: RunOutcomes, corpus: Mapping[str, Sequence[str]] | None = None) -> dict[str, ServiceTrend]:
    return {trend.service_name: trend for trend in history.service_trends(runs, corpus or {})}


def test_a_service_is_counted_as_a_person_counts_it() -> None:
    first = RunOutcomes(
        run(1),
        {A: Seen("PASSED", ("s3", "sqs")), B: Seen("PARTIAL", ("s3",)), C: Seen("ERROR", ("s3", "kms"))},
    )
    second = RunOutcomes(
        run(2), {A: Seen("FAILED", ("s3", "sqs")), B: Seen("PASSED", ("s3",)), C: Seen("PASSED", ("s3", "kms"))}
    )
    corpus = {A: ("s3", "sqs"), B: ("s3",), C: ("s3", "kms"), D: ("sqs", "lambda")}
    found = _trends(first, second, corpus=corpus)
    assert list(found) == ["kms", "s3", "sqs"]
    assert found["s3"].model_dump() == {
        "schema_version": 1,
        "service_name": "s3",
        "current_pass_rate": 0.666667,
        "previous_pass_rate": 0.5,
        "trend": "improving",
        "architecture_count": 3,
        "history": (
            {"run_id": run_id(2), "run_date": date(2026, 1, 12), "total": 3, "passed": 2, "pass_rate": 0.666667},
            {"run_id": run_id(1), "run_date": date(2026, 1, 11), "total": 2, "passed": 1, "pass_rate": 0.5},
        ),
        "emulator": "localstack",
    }
    assert (found["sqs"].trend, found["sqs"].architecture_count) == ("declining", 2)
    assert (found["kms"].trend, found["kms"].previous_pass_rate) == ("stable", None)


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [
        ((41, 50), (42, 50), "stable"),  # 0.82 and 0.84: exactly 0.02 apart, whatever floats say
        ((42, 50), (41, 50), "stable"),
        ((41, 50), (841, 1000), "improving"),
        ((42, 50), (819, 1000), "declining"),
        ((0, 50), (1, 50), "stable"),
        ((29, 50), (30, 50), "stable"),  # 0.58 + 0.02 is 0.6 exactly, but 0.6000000000000001 - … in floats
        ((1, 3), (53, 150), "stable"),  # a third plus 0.02
        ((2, 3), (2, 3), "stable"),
        ((0, 1), (1, 1), "improving"),
        ((1, 1), (0, 1), "declining"),
    ],
)
def test_a_trend_needs_a_change_of_more_than_two_hundredths(
    before: tuple[int, int], now: tuple[int, int], trend: str
) -> None:
    assert _trends(_counted(1, *before), _counted(2, *now))["s3"].trend == trend


def test_only_the_runs_of_the_latest_emulator_kind_count() -> None:
    found = _trends(_counted(1, 1, 2), _counted(2, 2, 2, emulator="moto"), _counted(3, 2, 2))
    assert [point.run_id for point in found["s3"].history] == [run_id(3), run_id(1)]
    found = _trends(_counted(1, 1, 2), _counted(2, 2, 2, emulator="moto"))
    assert (found["s3"].emulator, len(found["s3"].history)) == ("moto", 1)


def test_a_run_without_a_result_does_not_decide_the_emulator_kind() -> None:
    empty = RunOutcomes(run(2, emulator="moto"), {})
    assert _trends(_counted(1, 1, 2), empty)["s3"].emulator == "localstack"


def test_a_run_with_nothing_but_errors_gives_no_point() -> None:
    broken = _run(2, {A: "ERROR", B: "ERROR"})
    found = _trends(_counted(1, 1, 2), broken)
    assert [point.run_id for point in found["s3"].history] == [run_id(1)]
    assert _trends(broken) == {}


def test_a_service_that_the_latest_run_left_out_keeps_its_entry() -> None:
    found = _trends(_counted(1, 1, 2, "s3"), _counted(2, 2, 2, "sqs"))
    assert (found["s3"].current_pass_rate, found["s3"].history[0].run_id) == (0.5, run_id(1))


def test_a_service_whose_runs_are_gone_keeps_its_entry() -> None:
    point = HistoryEntry(run_id="...", run_date=date(2026, 1, 1), total=2, passed=1, pass_rate=0.5)
    old = ServiceTrend(
        service_name="kms", current_pass_rate=0.5, trend="stable", architecture_count=9, history=(point,)
    )
    found = history.service_trends([_counted(1, 1, 2)], {A: ("kms",)}, [old])
    assert found == [old.model_copy(update={"architecture_count": 1}), found[1]]
    other = history.service_trends([_counted(1, 1, 2, emulator="moto")], {}, [old])
    assert [trend.service_name for trend in other] == ["s3"]
    assert history.service_trends([], {}, [old]) == [old]


def test_a_result_that_names_no_services_is_counted_for_those_of_its_architecture() -> None:
    outcomes = {A: Seen("PASSED", ()), B: Seen("PASSED", ())}
    assert list(_trends(RunOutcomes(run(1), outcomes), corpus={A: ("sns",)})) == ["sns"]


def test_a_trend_remembers_twelve_points_newest_first() -> None:
    runs = [_counted(number, number % 2, 1) for number in range(1, 21)]
    random.Random(1).shuffle(runs)
    points = _trends(*runs)["s3"].history
    assert [point.run_id for point in points] == [run_id(number) for number in range(20, 8, -1)]


# Trends of architectures


def _of_architectures(*runs: RunOutcomes, **others: Any) -> ArchitectureTrends:
    return history.architecture_trends(runs, START, **others)


def test_a_streak_is_how_many_latest_runs_in_a_row_have_the_current_status() -> None:
    statuses: list[Status] = ["PASSED", "PASSED", "FAILED", "PASSED", "PASSED", "PASSED"]
    runs = [_run(number, {A: status}) for number, status in enumerate(statuses, 1)]
    trend = _of_architectures(*runs).architectures[A]
    assert (trend.name, trend.current_status, trend.streak) == ("arch", "PASSED", 3)
    assert [point.status for point in trend.history] == statuses[::-1]
    assert trend.history[0].run_id == run_id(6)


def test_a_run_that_left_an_architecture_out_does_not_end_its_streak() -> None:
    runs = [_run(1, {A: "PASSED"}), _run(2, {B: "FAILED"}), _run(3, {A: "PASSED", B: "PASSED"})]
    found = _of_architectures(*runs).architectures
    assert (found[A].streak, found[B].streak) == (2, 1)


def test_a_streak_may_be_longer_than_the_history() -> None:
    trend = _of_architectures(*(_run(number, {A: "PASSED"}) for number in range(1, 21))).architectures[A]
    assert (trend.streak, len(trend.history)) == (20, 12)


def test_an_architecture_whose_runs_are_gone_keeps_its_entry_within_its_emulator_kind() -> None:
    before = _of_architectures(_run(1, {A: "FAILED"}))
    after = _of_architectures(_run(2, {B: "PASSED"}), previous=before)
    assert list(after.architectures) == [A, B]
    assert after.architectures[A] == before.architectures[A]
    other = _of_architectures(_run(2, {B: "PASSED"}, "moto"), previous=before)
    assert (list(other.architectures), other.emulator) == ([B], "moto")


def test_the_newest_name_of_an_architecture_is_shown() -> None:
    first, second, third = (
        RunOutcomes(run(number), {A: Seen("PASSED", ("s3",), name)})
        for number, name in ((1, "old"), (2, "new"), (3, None))
    )
    assert _of_architectures(first, second, third).architectures[A].name == "new"


# The same again, written naively, on random runs


def _random_runs(chance: random.Random) -> list[RunOutcomes]:
    hashes = [f"{number:016x}" for number in range(chance.randint(1, 6))]
    services = {name: tuple(chance.sample(["s3", "sqs", "kms"], chance.randint(1, 3))) for name in hashes}
    runs = []
    for number in chance.sample(range(1, 40), chance.randint(1, 20)):
        chosen = chance.sample(hashes, chance.randint(0, len(hashes)))
        outcomes = {name: Seen(chance.choice(STATUSES), services[name], name) for name in chosen}
        runs.append(RunOutcomes(run(number, emulator=chance.choice(["localstack", "moto"])), outcomes))
    return runs


@pytest.mark.parametrize("seed", range(60))
def test_regressions_agree_with_a_naive_search(seed: int) -> None:
    runs = _random_runs(random.Random(seed))
    for current in runs:
        expected = set()
        for name, now in current.outcomes.items():
            best = None
            for other in runs:
                comparable = other.run.config.emulator == current.run.config.emulator and name in other.outcomes
                earlier = other.run.started_at < current.run.started_at
                if comparable and earlier and (best is None or other.run.started_at > best.run.started_at):
                    best = other
            before = best.outcomes[name].status if best else "FAILED"
            if best and before in {"PASSED", "PARTIAL"} and now.status not in {"PASSED", "PARTIAL"}:
                expected.add((name, best.run.run_id, f"{before}>{now.status}"))
        assert set(_regressions(current, *runs)) == expected


@pytest.mark.parametrize("seed", range(60))
def test_trends_agree_with_a_naive_count(seed: int) -> None:
    runs = _random_runs(random.Random(seed))
    latest = sorted((entry for entry in runs if entry.outcomes), key=lambda entry: entry.run.started_at)
    if not latest:
        assert history.service_trends(runs, {}) == []
        return
    kind = latest[-1].run.emulator_kind
    mine = [entry for entry in reversed(latest) if entry.run.emulator_kind == kind]
    found = {trend.service_name: trend for trend in history.service_trends(runs, {})}
    for service in ("s3", "sqs", "kms"):
        rows = []
        for entry in mine:
            judged = [o for o in entry.outcomes.values() if service in o.services and o.status != "ERROR"]
            if judged:
                rows.append((entry.run.run_id, sum(o.status == "PASSED" for o in judged), len(judged)))
        assert (service in found) == bool(rows)
        if rows:
            got = found[service]
            assert [(point.run_id, point.passed, point.total) for point in got.history] == rows[:12]
            assert got.current_pass_rate == pytest.approx(rows[0][1] / rows[0][2], abs=1e-6)
            # In hundredths of a common total there is nothing to round.
            before = rows[1] if len(rows) > 1 else rows[0]
            change = 100 * (rows[0][1] * before[2] - before[1] * rows[0][2])
            limit = 2 * rows[0][2] * before[2]
            assert got.trend == ("improving" if change > limit else "declining" if change < -limit else "stable")
    architectures = history.architecture_trends(runs, START).architectures
    for name in {name for entry in mine for name in entry.outcomes}:
        seen = [entry.outcomes[name].status for entry in mine if name in entry.outcomes]
        streak = 1
        while streak < len(seen) and seen[streak] == seen[0]:
            streak += 1
        assert (architectures[name].current_status, architectures[name].streak) == (seen[0], streak)
        assert [point.status for point in architectures[name].history] == seen[:12]
    assert START + timedelta(0) == history.architecture_trends(runs, START).last_updated
