"""`runs/{run_id}/`: what was asked, what came of it, and one file per architecture.

`config.json` and `summary.json` hold the objects of the data model flat. What a Run knows besides
stands there too, as additions: when it started and ended, and which release of lsqm it was.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from pytest_lsqm.corpus import files
from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import (
    SCHEMA_VERSION,
    STATUSES,
    Run,
    RunConfig,
    RunId,
    RunSummary,
    ValidationResult,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_lsqm.corpus.files import Place

R = TypeVar("R", ValidationResult, Verdict)

CONFIG, SUMMARY, VERSION = "config.json", "summary.json", "localstack_version.txt"


class _ConfigAdditions(BaseModel):
    """What stands in `config.json` beside the settings."""

    model_config = ConfigDict(extra="ignore")

    run_id: RunId | None = None
    started_at: AwareDatetime | None = None
    lsqm_version: str = "unknown"


def folder(place: Place, run_id: str) -> Path:
    """Return where a run lies or would lie; a StoreError if the id is none, so that nothing gets out of it."""
    if not _is_run_id(run_id):
        raise StoreError(f"{run_id!r} is no run id: it must be a UUID of version 4, as `lsqm status` shows them.")
    return place.root / "runs" / run_id


def _is_run_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def ids(place: Place) -> list[str]:
    """Return the names of all folders that may be runs; a folder with another name is reported."""
    parent = place.root / "runs"
    found = []
    for name in files.names(parent, folders=True):
        if _is_run_id(name):
            found.append(name)
        else:
            place.report(f"{parent / name} is no run: its name is no UUID. It was left as it is.")
    return found


def exists(place: Place, run_id: str) -> bool:
    """Whether there is such a run, broken or not."""
    return folder(place, run_id).is_dir()


def start(place: Place, run: Run) -> None:
    """Make a run's folder, so that results can be written as they arrive."""
    final = folder(place, run.run_id)
    with place.locked():
        if exists(place, run.run_id):
            raise StoreError(f"{final} is there already: a run is started only once.")
        with files.new_folder(final) as temporary:
            (temporary / "results").mkdir()
            files.write_new(temporary / VERSION, f"{run.localstack_version}\n".encode())
            files.write_new(temporary / CONFIG, files.encode(_config(run)))
            files.write_new(temporary / SUMMARY, files.encode(_summary(run)))


def write_result(place: Place, result: ValidationResult) -> None:
    """Write one architecture's result into its run, which must have been started."""
    where = folder(place, result.run_id)
    if not where.is_dir():
        raise StoreError(f"{where} is gone: the run {result.run_id} was removed or never started.")
    with place.locked():
        files.write(where / "results" / f"{result.arch_hash}.json", result)


def finish(place: Place, run: Run) -> None:
    """Write what is known of a run at its end; the summary comes last, for it says that the run is over."""
    if run.completed_at is None:
        raise ValueError("a run that is finished has a completed_at")
    where = folder(place, run.run_id)
    with place.locked():
        # Nothing is replaced unless everything here is still what was written at the start.
        files.read(where / CONFIG, RunConfig)
        files.read_text(where / VERSION)
        files.read(where / SUMMARY, RunSummary)
        files.write_json(where / CONFIG, _config(run))
        files.write_bytes(where / VERSION, f"{run.localstack_version}\n".encode())
        files.write_json(where / SUMMARY, _summary(run))


def _config(run: Run) -> dict[str, Any]:
    return {
        **files.dump(run.config),
        "run_id": run.run_id,
        "lsqm_version": run.lsqm_version,
        "schema_version": SCHEMA_VERSION,
        "started_at": files.dump(run)["started_at"],
    }


def _summary(run: Run) -> dict[str, Any]:
    ended = {"completed_at": files.dump(run)["completed_at"]} if run.completed_at else {}
    return {**files.dump(run.summary), "run_id": run.run_id, "schema_version": SCHEMA_VERSION, **ended}


def read(place: Place, run_id: str) -> Run:
    """Return a run without its results; those of a killed run are counted for its summary."""
    where = folder(place, run_id)
    if not where.is_dir():
        raise StoreError(f"{place.root} has no run {run_id}: `lsqm status` lists those it has.")
    config = files.read_json(where / CONFIG)
    settings = files.parse(where / CONFIG, config, RunConfig)
    additions = files.parse(where / CONFIG, config, _ConfigAdditions)
    if additions.run_id not in {None, run_id}:
        raise StoreError(
            f"{where / CONFIG} is foreign: run_id: it says {additions.run_id}, its folder {run_id}. {files.REMEDY}"
        )
    if not (version := files.read_text(where / VERSION).strip()):
        raise StoreError(f"{where / VERSION} is torn: it is empty. {files.REMEDY}")
    known: dict[str, Any] = {
        "run_id": run_id,
        "started_at": additions.started_at or _earliest(place, run_id),
        "localstack_version": version,
        "lsqm_version": additions.lsqm_version,
        "config": _without(settings, set(_ConfigAdditions.model_fields) | {"schema_version"}),
    }
    summary, completed_at = _read_summary(place, run_id)
    return files.parse(where, {**known, "summary": summary, "completed_at": completed_at}, Run)


def _without(part: BaseModel, keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in files.dump(part).items() if key not in keys}


def _earliest(place: Place, run_id: str) -> Any:
    # A store written to the letter of the data model has no place for a run's start but its results.
    times = [verdict.started_at for verdict in verdicts(place, run_id).values()]
    if not times:
        raise StoreError(
            f"{folder(place, run_id) / CONFIG} is foreign: started_at: it is absent, and the run has no results."
        )
    return min(times)


def _read_summary(place: Place, run_id: str) -> tuple[dict[str, Any], Any]:
    path = folder(place, run_id) / SUMMARY
    summary: dict[str, Any] = {}
    completed_at = None
    if path.exists():
        data = files.read_json(path)
        summary = _without(files.parse(path, data, RunSummary), {"run_id", "completed_at", "schema_version"})
        completed_at = data.get("completed_at")
    if completed_at is None and summary.get("total", -1) != len(_result_names(place, run_id)):
        summary = _recount(place, run_id, summary)
    return summary, completed_at


def _recount(place: Place, run_id: str, known: dict[str, Any]) -> dict[str, Any]:
    found = verdicts(place, run_id)
    counts = Counter(verdict.status for verdict in found.values())
    seconds = 0.0
    if found:
        first = min(v.reused.at if v.reused else v.started_at for v in found.values())
        last = max(v.reused.at if v.reused else v.completed_at for v in found.values())
        seconds = (last - first).total_seconds()
    return {
        "new_architectures": 0,
        "tokens_used": 0,
        **known,
        **{status.lower(): counts[status] for status in STATUSES},
        "total": len(found),
        "reused": sum(verdict.reused is not None for verdict in found.values()),
        "duration_seconds": max(seconds, 0.0),
    }


def read_all(place: Place, besides: str | None = None) -> list[Run]:
    """Return all runs (`besides` one), oldest first by their own start; a broken one is reported and left out."""
    found = []
    for name in ids(place):
        try:
            if name != besides:
                found.append(read(place, name))
        except StoreError as error:
            place.report(error)
    return sorted(found, key=lambda run: (run.started_at, run.run_id))


def _result_names(place: Place, run_id: str) -> list[str]:
    where = folder(place, run_id) / "results"
    return [name for name in files.names(where, folders=False) if name.endswith(".json")]


def count_results(place: Place, run_id: str) -> int:
    """Count a run's results without opening them."""
    return len(_result_names(place, run_id))


def results(place: Place, run_id: str) -> dict[str, ValidationResult]:
    """Return a run's results by architecture; a broken one is reported and left out."""
    return dict(_read_results(place, run_id, _result_names(place, run_id), ValidationResult))


def result(place: Place, run_id: str, arch_hash: str) -> ValidationResult:
    """Return the result of one architecture in a run."""
    return _read_result(folder(place, run_id) / "results" / f"{arch_hash}.json", run_id, ValidationResult)


def verdicts(place: Place, run_id: str, only: Iterable[str] | None = None) -> dict[str, Verdict]:
    """Return what history needs of a run's results, or of those of some architectures, without their logs."""
    if only is None:
        names = _result_names(place, run_id)
    else:
        where = folder(place, run_id) / "results"
        names = [f"{name}.json" for name in only if (where / f"{name}.json").is_file()]
    return dict(_read_results(place, run_id, names, Verdict))


def _read_results(place: Place, run_id: str, names: Iterable[str], model: type[R]) -> Iterator[tuple[str, R]]:
    where = folder(place, run_id) / "results"
    for name in names:
        try:
            result = _read_result(where / name, run_id, model)
        except StoreError as error:
            place.report(error)
        else:
            yield result.arch_hash, result


def _read_result(path: Path, run_id: str, model: type[R]) -> R:
    result = files.read(path, model)
    if (result.arch_hash, result.run_id) != (path.stem, run_id):
        raise StoreError(f"{path} is foreign: it is of another architecture or run. {files.REMEDY}")
    return result


def retain(place: Place, keep: int, current: str | None) -> list[str]:
    """Remove the oldest runs beyond `keep` and return their ids; what cannot be read as a run stays."""
    if keep < 1:
        raise ValueError("at least one run is kept")
    removed = []
    with place.locked():
        everything = read_all(place)
        for run in everything[: max(len(everything) - keep, 0)]:
            if run.run_id != current:
                files.remove_folder(folder(place, run.run_id))
                removed.append(run.run_id)
    return removed
