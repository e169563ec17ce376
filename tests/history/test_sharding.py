"""Dividing a corpus, and putting the parts together again."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from pytest_lsqm import history
from pytest_lsqm.errors import UsageError
from pytest_lsqm.history import RunOutcomes
from pytest_lsqm.models import Run, ShardFacts, Status, ValidationResult
from tests.corpus.records import A, B, C, result, run, run_id, summary

D = "d" * 16
KEYS = [f"{number:016x}" for number in range(20)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 25])
def test_the_parts_are_all_there_is_and_nothing_twice(count: int) -> None:
    parts = history.divide(KEYS, {key: float(number) for number, key in enumerate(KEYS)}, count)
    assert len(parts) == count
    assert sorted(key for part in parts for key in part) == KEYS


def test_the_parts_take_about_equally_long() -> None:
    known = dict(zip(KEYS, [120.0, 60, 60, 40, 30, 30, 20, *[10.0] * 13], strict=True))
    loads = [sum(known[key] for key in part) for part in history.divide(KEYS, known, 3)]
    assert max(loads) - min(loads) <= 10


def test_the_longest_has_a_part_of_its_own_where_it_takes_as_long_as_all_others() -> None:
    assert history.divide([A, B, C], {A: 100.0, B: 10.0, C: 20.0}, 2) == [(A,), (B, C)]


def test_the_same_durations_give_the_same_parts_in_whatever_order() -> None:
    known = {key: float(number % 4) for number, key in enumerate(KEYS)}
    expected = history.divide(KEYS, known, 3)
    shuffled = KEYS.copy()
    random.Random(1).shuffle(shuffled)
    assert history.divide(shuffled, {key: known[key] for key in shuffled}, 3) == expected
    assert history.plan_of(history.divide(KEYS, known, 3)) == history.plan_of(expected)


def test_another_division_has_another_plan() -> None:
    plans = {
        history.plan_of(history.divide(KEYS, {}, 2)),
        history.plan_of(history.divide(KEYS, {}, 3)),
        history.plan_of(history.divide(KEYS[1:], {}, 2)),
        history.plan_of(history.divide(KEYS, {KEYS[3]: 9.0, KEYS[4]: 1.0}, 2)),
    }
    assert len(plans) == 4


def test_what_was_never_run_counts_as_the_median_and_what_was_skipped_as_nothing() -> None:
    known = {A: 10.0, B: 30.0, C: 0.0}
    # D as 20: beside A it makes 30, like B alone.
    assert history.divide([A, B, C, D], known, 2) == [(B, C), (A, D)]


def test_a_duration_is_that_of_the_latest_run_that_knows_one() -> None:
    def took(number: int, seconds: float, key: str) -> RunOutcomes:
        made = result(key, "PASSED", number)
        made = made.model_copy(update={"completed_at": made.started_at + timedelta(seconds=seconds)})
        return RunOutcomes(run(number), {key: made})

    skipped = RunOutcomes(run(4, summary=summary() | {"skipped": {C: "needs lambda"}}), {})
    runs = [took(2, 7.0, A), took(1, 5.0, A), took(1, 6.0, B), took(3, 8.0, C), skipped]
    assert history.durations(runs) == {A: 7.0, B: 6.0, C: 0.0}


# Merging

Shard = tuple[Run, dict[str, ValidationResult]]


def shard(number: int, statuses: dict[str, Status], count: int = 2, plan: str = "p", **changes: Any) -> Shard:
    """The shard `number` of two, which had what it has results of, and what it skipped."""
    skipped = changes.pop("skipped", {})
    lost = changes.pop("lost", ())
    made = run(number, emulator="moto", **changes)
    counts = {word: list(statuses.values()).count(word.upper()) for word in ("passed", "failed", "error")}  # type: ignore[arg-type]
    facts = ShardFacts(number=number, count=count, plan=plan, architectures=(*statuses, *skipped, *lost))
    made = Run.model_validate(
        made.model_dump() | {"summary": summary(**counts) | {"skipped": skipped}}
    ).model_copy(update={"config": made.config.model_copy(update={"shard": facts})})
    return made, {key: result(key, status, number) for key, status in statuses.items()}


def test_merged_shards_are_one_run_from_the_first_start_to_the_last_end() -> None:
    parts = [shard(2, {B: "FAILED"}, skipped={C: "why"}), shard(1, {A: "PASSED"})]
    whole = history.merge(parts)
    assert {key: each.status for key, each in whole.results.items()} == {A: "PASSED", B: "FAILED"}
    assert {each.run_id for each in whole.results.values()} == {whole.run_id}
    assert whole.skipped == {C: "why"}
    assert whole.first.started_at == parts[1][0].started_at
    assert whole.seconds == timedelta(days=1, hours=1).total_seconds()
    assert whole.config.shard is None
    assert whole.config.parallel == 8


def test_the_same_shards_make_the_same_run_in_whatever_order() -> None:
    parts = [shard(1, {A: "PASSED"}), shard(2, {B: "PASSED"})]
    assert history.merge(parts).run_id == history.merge(parts[::-1]).run_id
    assert history.merge(parts).run_id not in {run_id(1), run_id(2)}


def test_an_empty_shard_says_nothing_of_the_emulator() -> None:
    empty, other = shard(1, {}, version="unknown"), shard(2, {B: "PASSED"}, version="5.2")
    assert history.merge([empty, other]).first.localstack_version == "5.2"


def with_versions(part: Shard, **versions: str) -> Shard:
    config = part[0].config.model_copy(update={"versions": {k.replace("_", "/"): v for k, v in versions.items()}})
    return part[0].model_copy(update={"config": config}), part[1]


def with_timeout(part: Shard, seconds: float) -> Shard:
    config = part[0].config.model_copy(update={"timeout": seconds})
    return part[0].model_copy(update={"config": config}), part[1]


ONE, TWO = shard(1, {A: "PASSED"}), shard(2, {B: "PASSED"})


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "there is nothing to merge"),
        ([ONE], "shard 2 of 2 is missing"),
        ([ONE, ONE], "shard 1/2 is there twice"),
        ([ONE, shard(2, {B: "PASSED"}, plan="q")], "not of one division"),
        ([ONE, shard(2, {B: "PASSED"}, count=3)], "not of one division"),
        ([ONE, (run(2), {})], "is no shard: only runs with --lsqm-shard"),
        ([ONE, shard(2, {B: "PASSED"}, version="5.0")], "the emulator differs \\(moto 4.14.0 and moto 5.0\\)"),
        ([ONE, shard(2, {B: "PASSED"}, completed_at=None)], "did not come to its end"),
        ([ONE, shard(2, {B: "PASSED"}, lost=[C, D])], f"was cut short: it has no result of {C} and 1 more"),
        ([ONE, (TWO[0], {})], "has 0 of its 1 results"),
        ([ONE, (TWO[0], {C: result(C, "PASSED", 2)})], f"has a result of {C}, which is not in that shard"),
        ([with_timeout(ONE, 5), TWO], "timeout differs \\(5 and 300"),
        ([with_versions(ONE, boto3="1"), with_versions(TWO, boto3="2")], "the version of boto3 differs"),
    ],
)
def test_what_does_not_belong_together_is_refused_with_a_sentence(parts: list[Shard], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        history.merge(parts)


def test_architectures_may_want_different_providers() -> None:
    parts = [with_versions(ONE, hashicorp_aws="2.70.0"), with_versions(TWO, hashicorp_aws="3.39.0")]
    assert history.merge(parts).config.versions == {"hashicorp/aws": "3.39.0"}


def test_the_words_that_make_a_shard_are_not_those_of_the_whole() -> None:
    words = ("--lsqm", "--lsqm-shard=1/2", "--lsqm-json", "x.json", "-n", "2", "--lsqm-timeout=9")
    config = ONE[0].config.model_copy(update={"selection": words})
    part = (ONE[0].model_copy(update={"config": config}), ONE[1])
    assert history.merge([part, TWO]).config.selection == ("--lsqm", "-n", "2", "--lsqm-timeout=9")
