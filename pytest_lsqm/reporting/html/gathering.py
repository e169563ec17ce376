"""What a page shows, read from the store: the run, and per architecture all that its detail view wants."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import StoreError
from pytest_lsqm.models import STATUSES
from pytest_lsqm.reporting import document, terminal
from pytest_lsqm.reporting.html import bounds
from pytest_lsqm.reporting.recalling import recall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.models import ArchitectureTrend, Matrix, Run, ValidationResult
    from pytest_lsqm.reporting.recalling import Recalled

FILES = 60
"""So many files of an architecture are shown, those of its root module first; the others are counted."""


@dataclass(frozen=True)
class Row:
    """An architecture in the table."""

    result: ValidationResult
    trend: ArchitectureTrend | None
    before: str | None
    """What it was before, where that is another status."""
    regressed: bool


@dataclass(frozen=True)
class Page:
    """All that is on a page; `details` by hash, each to be embedded as it is."""

    recalled: Recalled
    rows: Sequence[Row]
    skipped: Sequence[tuple[str, Sequence[str]]]
    details: dict[str, dict[str, Any]]
    matrix: Matrix | None
    summary: dict[str, Any]


def gather(store: Store, run: Run, target: Path, matrix: Matrix | None) -> Page:
    """Read everything for a page that will lie at `target`, from where its links lead to the store's files."""
    recalled = recall(store, run)
    report = recalled.report
    names = {key: entry.name or key for key, entry in store.index().architectures.items()}
    folder, limit = _relative(store.root, target.parent), bounds.share(len(report.results))
    whole = document.as_json(report)
    return Page(
        recalled,
        list(_rows(recalled)),
        _skipped(run, names),
        {
            result.arch_hash: _detail(store, result, dumped, folder, limit)
            for result, dumped in zip(report.results, whole["results"], strict=True)
        },
        matrix,
        {
            "run": whole["run"],
            "regressions": whole["regressions"],
            "trends": whole["trends"],
            "history": [_point(other) for other in recalled.runs],
        },
    )


def _rows(recalled: Recalled) -> Iterator[Row]:
    report = recalled.report
    regressed = {each.arch_hash: each.from_status for each in report.regressions}
    others = {result.arch_hash: before for result, before in (*report.fixes, *recalled.others)}
    # What needs a look comes first.
    order = {status: rank for rank, status in enumerate(("FAILED", "TIMEOUT", "PARTIAL", "ERROR", "PASSED"))}
    for result in sorted(
        report.results, key=lambda r: (r.arch_hash not in regressed, order[r.status], r.name or r.arch_hash)
    ):
        key = result.arch_hash
        yield Row(result, recalled.histories.get(key), regressed.get(key) or others.get(key), key in regressed)


def _skipped(run: Run, names: dict[str, str]) -> list[tuple[str, Sequence[str]]]:
    reasons: dict[str, list[str]] = {}
    for key, reason in run.summary.skipped.items():
        reasons.setdefault(reason, []).append(names.get(key, key))
    return sorted(((reason, sorted(found)) for reason, found in reasons.items()), key=lambda each: -len(each[1]))


def _point(run: Run) -> dict[str, Any]:
    counted = run.summary
    judged = counted.total - counted.error
    facts = run.config.emulator
    return {
        "run_id": run.run_id,
        "started_at": run.started_at.isoformat(),
        "version": facts.version if facts else run.localstack_version,
        "passed": counted.passed,
        "judged": judged,
        "pass_rate": round(counted.passed / judged, 4) if judged else None,
    } | {status.lower(): getattr(counted, status.lower()) for status in STATUSES}


def _detail(
    store: Store, result: ValidationResult, dumped: dict[str, Any], folder: str, limit: int
) -> dict[str, Any]:
    key = result.arch_hash
    corpus = _relative(store.root, Path.cwd())
    found: dict[str, Any] = {
        "result": dumped,
        "rerun": terminal.rerun(result, corpus=corpus),
        "repro": f"lsqm repro {result.run_id} {key}" + _unless_usual(corpus),
        "links": {
            "record": f"{folder}/runs/{result.run_id}/results/{key}.json",
            "terraform": f"{folder}/architectures/{key}",
            "app": f"{folder}/apps/{key}",
        },
        **_terraform(store, key),
        **_app(store, key),
    }
    shown, cut = bounds.shorten(found, limit)
    return {**shown, "shortened": cut}


def _terraform(store: Store, key: str) -> dict[str, Any]:
    try:
        known = store.architecture(key)
    except StoreError as error:
        return {"architecture": None, "sources": [], "more_sources": 0, "missing": str(error)}
    top = store.terraform_folder(key)
    root = top / known.root
    found = sorted(
        (path for path in top.rglob("*") if path.is_file() and not path.is_symlink()),
        key=lambda path: (path.parent != root, path.suffix != ".tf", path.relative_to(top).as_posix()),
    )
    found = [path for path in found if path.parent != top or path.name != "metadata.json"]
    return {
        "architecture": known.model_dump(mode="json", exclude_none=True),
        "sources": [{"path": path.relative_to(top).as_posix(), "text": _text(path)} for path in found[:FILES]],
        "more_sources": max(len(found) - FILES, 0),
    }


def _text(path: Path) -> str:
    content = path.read_bytes()
    if b"\0" in content[:8000]:
        return f"({len(content):,} bytes, not text)"
    return content.decode("utf-8", "replace")


def _app(store: Store, key: str) -> dict[str, Any]:
    try:
        app = store.app(key)
    except StoreError as error:
        return {"app": None, "app_problem": str(error)}
    return {"app": app.model_dump(mode="json", exclude_none=True) if app else None}


def _relative(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()


def _unless_usual(corpus: str) -> str:
    return "" if corpus == "corpus" else f" --corpus {shlex.quote(corpus)}"
