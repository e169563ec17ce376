"""`lsqm mine`: new architectures from the Terraform Registry, GitHub and the collections of samples."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_lsqm import github
from pytest_lsqm.corpus import Store
from pytest_lsqm.discovery import mining, sources
from pytest_lsqm.discovery.web import Web
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.masking import mask
from pytest_lsqm.terraform import modules
from pytest_lsqm.terraform.engine import find_engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lsqm.discovery.mining import Looked, SourceReport

REASONS = 10
"""So many reasons are listed; `--json` gives them all."""


def run(arguments: argparse.Namespace) -> int:
    """Look through the sources; 1 when one of them failed, with all that the others gave kept."""
    if arguments.print_sources:
        print(sources.default_text(), end="")  # noqa: T201
        return 0
    if arguments.workers < 1 or (arguments.limit is not None and arguments.limit < 1):
        raise UsageError("-n and --limit want a number of at least 1")
    store = Store.create(arguments.corpus)
    store.remove_leftovers()
    mining.remove_leftovers()
    asked = sources.configuration(arguments.corpus)
    with Web(tokens=_tokens(asked)) as web, _bar() as tell:
        mine = mining.Mine(
            store,
            web,
            vendor=_vendor,
            workers=arguments.workers,
            since=arguments.since,
            limit=arguments.limit,
            allow_exec=arguments.allow_exec,
            looked=tell,
        )
        reports = [_look(mine, name, asked, web) for name in arguments.sources or _named(asked)]
    store.refresh_index()
    told = json.dumps(_document(reports), indent=2) if arguments.json else "\n".join(_text(reports))
    print(mask(told))  # noqa: T201
    return 1 if any(report.problem for report in reports) else 0


def _look(mine: mining.Mine, name: Any, asked: sources.Configuration, web: Web) -> SourceReport:
    try:
        source = sources.create(name, asked, web, github.GitHub.from_environment)
    except UsageError:
        raise
    except LsqmError as error:
        return mining.SourceReport(name, problem=str(error))
    return mine.run(source)


def _named(asked: sources.Configuration) -> list[str]:
    return [name for name in sources.NAMES if getattr(asked, name) is not None]


def _tokens(asked: sources.Configuration) -> dict[str, str]:
    """The registry's token, from the variable in which Terraform itself looks for it."""
    host = urlsplit(asked.terraform_registry.url).netloc if asked.terraform_registry else ""
    variable = "TF_TOKEN_" + host.split(":")[0].replace("-", "__").replace(".", "_")
    return {host: os.environ[variable]} if os.environ.get(variable) else {}


def _vendor(root: Path) -> None:
    modules.vendor(find_engine(_say), root)


def _say(line: str) -> None:
    print(f"lsqm: {line}", file=sys.stderr)  # noqa: T201


@contextmanager
def _bar() -> Iterator[Callable[[SourceReport, Looked], None]]:
    """A bar on a terminal; silent where there is none."""
    from tqdm import tqdm

    found = can_run = 0
    with tqdm(unit=" packages", disable=None, file=sys.stderr, dynamic_ncols=True) as bar:

        def tell(report: SourceReport, looked: Looked) -> None:
            nonlocal found, can_run
            found += len(looked.new)
            can_run += sum(map(mining.can_run, looked.new))
            bar.set_description_str(report.name, refresh=False)
            bar.set_postfix_str(f"{found} new, {can_run} can run", refresh=False)
            bar.update()

        yield tell


def _text(reports: list[SourceReport]) -> Iterator[str]:
    for report in reports:
        new = [architecture for looked in report.looked for architecture in looked.new]
        yield (
            f"{report.name}: {len(report.looked)} packages looked at, {report.unchanged} unchanged; "
            f"{len(new)} architectures new, {sum(map(mining.can_run, new))} of them can run"
        )
        if report.problem:
            yield f"  ended early: {report.problem}"
    reasons = Counter(_reasons(reports))
    for reason, count in reasons.most_common(REASONS):
        yield f"  {count} x {reason}"
    if len(reasons) > REASONS:
        yield f"  and {len(reasons) - REASONS} more reasons: `lsqm mine --json`, or architectures/seen.json"


def _reasons(reports: list[SourceReport]) -> Iterator[str]:
    """Why things were not taken or cannot run, without the names that make each reason its own."""
    for report in reports:
        for looked in report.looked:
            yield from (f"not taken: {_short(reason)}" for reason in looked.refused.values())
            if looked.problem:
                yield f"not taken: {_short(looked.problem)}"
            yield from (f"skipped: {_short(each.skip_reason)}" for each in looked.new if each.skip_reason)


def _short(reason: str) -> str:
    return reason.split("; ", maxsplit=1)[0].split("\n", maxsplit=1)[0][:110]


def _document(reports: list[SourceReport]) -> list[dict[str, Any]]:
    return [
        {
            "source": report.name,
            "unchanged": report.unchanged,
            "problem": report.problem,
            "packages": [
                {
                    "url": looked.package.url,
                    "revision": looked.package.revision,
                    "new": [
                        {
                            "hash": each.hash,
                            "name": each.name,
                            "source_url": each.source_url,
                            "can_run": mining.can_run(each),
                            "skip_reason": each.skip_reason,
                        }
                        for each in looked.new
                    ],
                    "known": looked.known,
                    "refused": looked.refused,
                    "problem": looked.problem,
                }
                for looked in report.looked
            ],
        }
        for report in reports
    ]
