"""The shards of one division, put together to the run that they would have been on one machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from pytest_lsqm.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_lsqm.models import Run, RunConfig, ShardFacts, ValidationResult

SETTINGS = ("timeout", "token_budget", "dry_run", "isolation")
FACTS = ("name", "version", "digest", "python", "substitutions", "isolation", "edition")
Shard = tuple["Run", "Mapping[str, ValidationResult]"]


@dataclass(frozen=True)
class Whole:
    """What the shards come to, but for what depends on the store: the run's summary and its end.

    `config` is the common one; `seconds` from the first start to the last end.
    """

    run_id: str
    first: Run
    config: RunConfig
    results: dict[str, ValidationResult]
    skipped: dict[str, str]
    seconds: float
    tokens: int


def merge(parts: Sequence[Shard]) -> Whole:
    """Put the shards of one division together; a UsageError says why they do not belong together.

    The run's id follows from theirs, so that a division is merged under one id however often that is done.
    """
    shards = [_shard(run) for run, _ in parts]
    if not shards:
        raise UsageError("there is nothing to merge: name the stores or JSON documents of the shards")
    _all_there(shards)
    for (run, results), shard in zip(parts, shards, strict=True):
        _ended(run, results, shard)
    ordered = [part for _, part in sorted(zip(shards, parts, strict=True), key=lambda pair: pair[0].number)]
    runs = [run for run, _ in ordered]
    # A shard without a result has met no emulator and knows no versions.
    met = [run for run, results in ordered if results] or runs
    for other in met[1:]:
        _same(met[0], other)
    run_id = _id(run.run_id for run in runs)
    first = met[0].model_copy(update={"started_at": min(run.started_at for run in runs)})
    last = max(run.completed_at for run in runs if run.completed_at is not None)
    versions = {name: version for run in runs for name, version in run.config.versions.items()}
    return Whole(
        run_id=run_id,
        first=first,
        config=first.config.model_copy(
            update={
                "parallel": sum(run.config.parallel for run in runs),
                "versions": versions,
                "selection": _selection(first),
                "shard": None,
            }
        ),
        results={
            key: result.model_copy(update={"run_id": run_id})
            for _, results in ordered
            for key, result in results.items()
        },
        skipped={key: reason for run in runs for key, reason in run.summary.skipped.items()},
        seconds=(last - first.started_at).total_seconds(),
        tokens=sum(run.summary.tokens_used for run in runs),
    )


def _shard(run: Run) -> ShardFacts:
    if run.config.shard is None:
        raise UsageError(f"run {run.run_id} is no shard: only runs with --lsqm-shard I/N are merged")
    return run.config.shard


def _all_there(shards: Sequence[ShardFacts]) -> None:
    count = shards[0].count
    if any((shard.count, shard.plan) != (count, shards[0].plan) for shard in shards):
        raise UsageError(
            "the shards are not of one division: they saw different corpora or recorded durations; "
            "run all of them again from the same store"
        )
    numbers = [shard.number for shard in shards]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise UsageError(f"shard {twice[0]}/{count} is there twice: name one run of each shard")
    if missing := sorted(set(range(1, count + 1)) - set(numbers)):
        raise UsageError(f"shard {', '.join(map(str, missing))} of {count} is missing: run it, then merge all")


def _ended(run: Run, results: Mapping[str, ValidationResult], shard: ShardFacts) -> None:
    label = f"shard {shard.number}/{shard.count} (run {run.run_id})"
    if run.completed_at is None:
        raise UsageError(f"{label} did not come to its end: run it again, then merge all")
    if run.summary.total != len(results):
        raise UsageError(f"{label} has {len(results)} of its {run.summary.total} results: the rest were lost")
    if strangers := sorted(set(results) - set(shard.architectures)):
        raise UsageError(f"{label} has a result of {strangers[0]}, which is not in that shard")
    if lost := sorted(set(shard.architectures) - set(results) - set(run.summary.skipped)):
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise UsageError(f"{label} was cut short: it has no result of {lost[0]}{more}; run it again")


def _same(one: Run, other: Run) -> None:
    if (one.emulator_kind, one.localstack_version) != (other.emulator_kind, other.localstack_version):
        told = [f"{run.emulator_kind} {run.localstack_version}" for run in (one, other)]
        _differ("the emulator", *told)
    for name in FACTS:
        was, now = getattr(one.config.emulator, name, None), getattr(other.config.emulator, name, None)
        if was != now:
            _differ(f"the emulator's {name}", was, now)
    for name in SETTINGS:
        was, now = getattr(one.config, name), getattr(other.config, name)
        if was != now:
            _differ(name, was, now)
    for name in sorted(one.config.versions.keys() & other.config.versions.keys()):
        # The versions of providers differ from architecture to architecture within one run too.
        if "/" not in name and one.config.versions[name] != other.config.versions[name]:
            _differ(f"the version of {name}", one.config.versions[name], other.config.versions[name])


def _differ(what: str, one: object, other: object) -> None:
    raise UsageError(f"the shards do not belong together: {what} differs ({one} and {other})")


def _selection(run: Run) -> tuple[str, ...]:
    """Return the words of the call but for those that make it a shard or say where its documents go."""
    own = ("--lsqm-shard", "--lsqm-json", "--lsqm-report", "--log-json", "--junitxml", "--junit-xml")
    kept: list[str] = []
    words = iter(run.config.selection)
    for word in words:
        name, equals, _ = word.partition("=")
        if name in own:
            if not equals:
                next(words, None)
        else:
            kept.append(word)
    return tuple(kept)


def _id(ids: Iterable[str]) -> str:
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))
