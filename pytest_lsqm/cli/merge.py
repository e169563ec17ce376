"""`lsqm merge`: the shards of a run put together to the one that they are."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_lsqm import conclusion, history
from pytest_lsqm.corpus import Store
from pytest_lsqm.errors import UsageError
from pytest_lsqm.history.outcomes import order
from pytest_lsqm.reporting import actions, document, summary

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pytest_lsqm.models import Run, ValidationResult

    Shard = tuple[Run, dict[str, ValidationResult]]


def run(arguments: argparse.Namespace) -> int:
    """Write the merged run and the trends into the store, and say how it went, as `pytest --lsqm` would."""
    store = Store.open(arguments.corpus)
    whole = history.merge([shard for path in arguments.sources for shard in _shards(path, store)])
    index = store.refresh_index()
    if not whole.results:
        raise UsageError("no shard has a result: there is nothing to merge")
    if strangers := sorted(set(whole.results) - set(index.architectures)):
        raise UsageError(
            f"{store.root} has no architecture {strangers[0]}: merge into the store whose architectures were run"
        )
    if any(each.run_id == whole.run_id for each in store.runs()):
        raise UsageError(f"these shards have been merged already: they are run {whole.run_id}")
    merged = conclusion.merged_run(whole, index)
    outcome = conclusion.conclude(merged, whole.results, store, index, arguments.baseline)
    store.start_run(merged.model_copy(update={"completed_at": None}))
    for result in whole.results.values():
        store.write_result(result)
    outcome.write(store)
    report = replace(outcome.report, problems=store.problems)
    told = document.as_json(report)
    if arguments.output is not None:
        arguments.output.write_text(json.dumps(told, indent=2), encoding="utf-8")
    if arguments.json:
        print(actions.harmless_json(told))  # noqa: T201
    else:
        for line, _ in summary.lines(report, shutil.get_terminal_size((200, 50)).columns):
            print(actions.harmless(line))  # noqa: T201
        print(f"run:    {store.root / 'runs' / merged.run_id}")  # noqa: T201
        for line in actions.commands(report, fails=arguments.fail_on != "never"):
            print(line)  # noqa: T201
    actions.append_summary(report)
    failed = {
        "any": merged.summary.passed < merged.summary.total,
        "regression": bool(report.regressions),
        "never": False,
    }
    return 1 if failed[arguments.fail_on] else 0


def _shards(path: Path, target: Store) -> list[Shard]:
    if path.is_file():
        return [document.read(path)]
    if path.resolve() == target.root.resolve():
        raise UsageError(
            f"{path} is the store that is merged into: a shard's run would count beside the merged one; "
            "give each shard a store of its own, or merge the documents of --lsqm-json"
        )
    if not (path / "runs").is_dir():
        raise UsageError(f"{path} is neither a store nor a document of --lsqm-json")
    store = Store(path)
    latest: dict[int, Run] = {}
    runs = sorted((each for each in store.runs() if each.config.shard), key=order)
    for each in runs:
        # Of the division that was run last, the last run of each shard.
        if each.config.shard and runs[-1].config.shard and each.config.shard.plan == runs[-1].config.shard.plan:
            latest[each.config.shard.number] = each
    if not latest:
        raise UsageError(f"{path} has no run with --lsqm-shard")
    return [(each, store.results(each.run_id)) for each in latest.values()]
