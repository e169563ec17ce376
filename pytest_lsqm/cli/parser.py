"""The commands and their arguments, with an example each."""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

from pytest_lsqm import generation
from pytest_lsqm.models import SourceType
from pytest_lsqm.settings import DEFAULT_TEST_TIMEOUT, DEFAULT_TIMEOUT, DEFAULT_TOKEN_BUDGET

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES: tuple[str, ...] = get_args(SourceType)

USAGE_ERROR = 4
"""The exit code of a call that is wrong, the same as pytest's."""


class Parser(argparse.ArgumentParser):
    """Ends a wrong call as pytest does."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the reason, and end."""
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


@dataclass(frozen=True)
class _Commands:
    """The commands that there are so far."""

    parsers: argparse._SubParsersAction[Parser]

    def add(self, name: str, run: str, help_: str, example: str) -> argparse.ArgumentParser:
        """Add one; `run` names the function as `module.function` of `pytest_lsqm.cli`, imported when it is run."""
        added = self.parsers.add_parser(name, help=help_, description=f"{help_}.", epilog=f"example: {example}")
        added.set_defaults(run=_lazily(run))
        return added


def _lazily(name: str) -> Callable[[argparse.Namespace], int]:
    module, function = name.split(".")

    def run(arguments: argparse.Namespace) -> int:
        # Some have libraries that come with an extra of their own, which the other commands do without.
        found: int = getattr(importlib.import_module(f"pytest_lsqm.cli.{module}"), function)(arguments)
        return found

    return run


def parser() -> Parser:
    """Return the parser of the whole command line; `run` of what it returns carries the command out."""
    made = Parser(prog="lsqm", description="What surrounds `pytest --lsqm`: the corpus, the machine, the records.")
    commands = _Commands(
        made.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    )
    _of_the_machine(commands)
    _add(commands)
    _mine(commands)
    _generate(commands)
    _matrix(commands)
    _bisect(commands)
    _repro(commands)
    _of_the_archive(commands)
    _notify(commands)
    _compare(commands)
    _merge(commands)
    _report(commands)
    _of_the_store(commands)
    return made


def with_corpus(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command say which store is meant."""
    added.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="the store (corpus)")
    return added


def with_json(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command speak to programs."""
    added.add_argument("--json", action="store_true", help="print JSON, for programs")
    return added


def _date(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _of_the_machine(commands: _Commands) -> None:
    added = commands.add(
        "setup", "doctor.setup", "Fetch ahead of time what a run needs", "lsqm setup --emulator localstack-host"
    )
    added.add_argument("--emulator", metavar="NAME", default="auto", help="as --lsqm-emulator (auto)")
    added.add_argument(
        "--providers", choices=("auto", "mirror", "direct"), default="auto", help="as --lsqm-providers (auto)"
    )
    with_json(commands.add("doctor", "doctor.doctor", "Say what is there and what is missing", "lsqm doctor"))


def _add(commands: _Commands) -> None:
    added = with_corpus(
        commands.add(
            "add",
            "add.run",
            "Bring Terraform directories into the store, with all files they refer to",
            "lsqm add infrastructure/queue --name queue",
        )
    )
    added.add_argument("directories", metavar="DIR", nargs="+", type=Path, help="a Terraform root module")
    added.add_argument("--name", help="its readable name (the directory's)")
    added.add_argument("--description", help="a sentence on what it is")
    added.add_argument("--version", help="its version, where it has one")
    added.add_argument("--source-url", metavar="URL", help="where it comes from (the directory's own file: URL)")
    added.add_argument(
        "--source-type",
        choices=SOURCES,
        default="github",
        help="what kind of source that is (github)",
    )
    with_json(added)


def _mine(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "mine",
                "mine.run",
                "Find new architectures in the Terraform Registry, on GitHub and in collections of samples",
                "lsqm mine --source github --limit 50",
            )
        )
    )
    added.add_argument(
        "--source",
        dest="sources",
        metavar="NAME",
        action="append",
        choices=SOURCES,
        help=f"only this source, may be repeated: {', '.join(SOURCES)}",
    )
    added.add_argument(
        "--limit", metavar="N", type=int, default=200, help="look at N new packages of each source (200)"
    )
    added.add_argument(
        "--since", metavar="DATE", type=_date, help="only what was published or pushed since, as 2026-01-31"
    )
    added.add_argument("-n", dest="workers", metavar="N", type=int, default=2, help="so many at a time (2)")
    added.add_argument("--allow-exec", action="store_true", help="run CDK apps, which are programs of strangers")
    added.add_argument(
        "--print-sources", action="store_true", help="print the sources.toml that the store may change"
    )


def _generate(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "generate",
                "generate.run",
                "Make the apps that are missing, or check those that are there: each must be able to fail",
                "lsqm generate --with builtin",
            )
        )
    )
    added.add_argument("hashes", metavar="HASH", nargs="*", help="architectures (all that want an app)")
    added.add_argument(
        "--with",
        dest="generator",
        choices=generation.NAMES,
        help="what writes the apps (claude where ANTHROPIC_API_KEY is set, else builtin)",
    )
    added.add_argument("--again", action="store_true", help="make apps anew where there are some")
    added.add_argument("--check", action="store_true", help="put the apps of the store through the gate instead")
    added.add_argument(
        "--token-budget",
        metavar="N",
        type=int,
        default=DEFAULT_TOKEN_BUDGET,
        help="tokens to spend (500000)",
    )
    added.add_argument("-n", dest="workers", metavar="N", type=int, default=1, help="so many at a time (1)")
    added.add_argument("--emulator", metavar="NAME", default="auto", help="as --lsqm-emulator (auto)")
    added.add_argument(
        "--sample", metavar="N", type=int, default=3, help="resources to take away in turn, per architecture (3)"
    )


def _matrix(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "matrix",
                "matrix.run",
                "Run the corpus on several emulators and versions, and compare",
                "lsqm matrix --emulators localstack-host@4.6.0,localstack-host@4.14.0,moto,ministack -n 2",
            )
        )
    )
    added.add_argument(
        "--emulators", metavar="NAME@VERSION,…", action="append", help="the columns, as --lsqm-emulator takes them"
    )
    words = "only with this in hash, name or services; may be repeated, and any will do"
    added.add_argument("-k", dest="keywords", metavar="WORD", action="append", default=[], help=words)
    added.add_argument("-n", dest="workers", metavar="N", type=int, default=2, help="so many at a time (2)")
    again = "tries on fresh emulators of what fails on some only (1)"
    added.add_argument("--confirm", metavar="N", type=int, default=1, help=again)
    for name, default, what in (
        ("--timeout", DEFAULT_TIMEOUT, "one architecture"),
        ("--test-timeout", DEFAULT_TEST_TIMEOUT, "one test of an app"),
    ):
        added.add_argument(
            name, metavar="S", type=float, default=default, help=f"seconds for {what} ({default:g})"
        )
    page = "write compatibility.md (with what compatibility-notes.toml there says) and compatibility.json"
    added.add_argument("--output", metavar="DIR", type=Path, help=page)
    added.add_argument("--continue", dest="resume", metavar="ID", help="go on with a comparison that was stopped")
    added.add_argument("--show", metavar="ID", help="run nothing: show an earlier comparison")


def _bisect(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "bisect",
                "bisect.run",
                "Find the first release of LocalStack in which an architecture fails",
                "lsqm bisect 2f71c9d0e5b3a846 --good 4.4.0 --bad 4.14.0",
            )
        )
    )
    added.add_argument("hash", metavar="HASH", help="the architecture")
    added.add_argument("--good", metavar="V", required=True, help="a version in which it passes")
    added.add_argument("--bad", metavar="V", required=True, help="a version in which it does not")
    added.add_argument(
        "--emulator",
        choices=("localstack-host", "localstack"),
        default="localstack-host",
        help="releases from PyPI, or images of a container engine (localstack-host)",
    )
    added.add_argument("--confirm", metavar="N", type=int, default=1, help="further tries of each failure (1)")
    added.add_argument(
        "--timeout", metavar="S", type=float, default=DEFAULT_TIMEOUT, help="seconds for one try (300)"
    )


def _repro(commands: _Commands) -> None:
    added = with_corpus(
        commands.add(
            "repro",
            "repro.run",
            "Write a folder that shows a result with nothing of ours installed",
            "lsqm repro 6f1c2a34-… 2f71c9d0e5b3a846 --output /tmp/shown",
        )
    )
    added.add_argument("run_id", metavar="RUN", help="a run, or a matrix as ID:NAME@VERSION")
    added.add_argument("hash", metavar="HASH", help="the architecture")
    added.add_argument("--output", metavar="DIR", type=Path, help="the new folder (repro-HASH)")


def _of_the_archive(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "sync",
                "archive.sync",
                "Bring what others have pushed to the store's archive, a git repository, into the store",
                "lsqm sync --corpus results --remote https://github.com/OWNER/NAME",
            )
        )
    )
    added.add_argument("--remote", metavar="URL", help="make this repository the store's archive (the one it has)")
    added = with_json(
        with_corpus(
            commands.add(
                "push",
                "archive.push",
                "Sync, keep the last 52 runs, and push the store to its archive",
                "lsqm push --corpus results --report report.html",
            )
        )
    )
    added.add_argument(
        "--report", metavar="PATH", type=Path, help="an HTML report, kept as reports/latest/index.html"
    )


def _notify(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "notify",
                "notify.run",
                "Tell what came of a run: to Slack, to a webhook, in GitHub issues; without any of these, here",
                "lsqm notify --slack --github-repo OWNER/NAME --link https://example.com/report",
            )
        )
    )
    added.add_argument("--run", dest="run_id", metavar="ID", help="the run (the latest)")
    added.add_argument("--link", metavar="URL", help="where more can be read")
    added.add_argument("--slack", action="store_true", help="to the address in LSQM_SLACK_WEBHOOK")
    added.add_argument("--webhook", action="store_true", help="as JSON to the address in LSQM_WEBHOOK")
    added.add_argument(
        "--github-repo",
        metavar="OWNER/NAME",
        help="show which issues this repository wants: one for each cause of regressions that are the emulator's",
    )
    added.add_argument("--create", action="store_true", help="also create, comment on and close them")


def _compare(commands: _Commands) -> None:
    added = with_corpus(
        commands.add(
            "compare",
            "compare.run",
            "Say what got worse and what got better between two runs; exit code 1 where something got worse",
            "lsqm compare 6f1c2a34 latest --format markdown",
        )
    )
    run = "a run: its id, the beginning of one, `latest`, or the path of a --lsqm-json document"
    added.add_argument("before", metavar="RUN", help=run)
    added.add_argument("after", metavar="RUN", help="the run that is compared with it")
    added.add_argument(
        "--format", choices=("text", "markdown", "json"), default="text", help="how to print it (text)"
    )
    added.add_argument("--json", dest="format", action="store_const", const="json", help="as --format json")


def _merge(commands: _Commands) -> None:
    added = with_json(
        with_corpus(
            commands.add(
                "merge",
                "merge.run",
                "Put the shards of a run together, in the store",
                "lsqm merge shard-1.json shard-2.json --fail-on regression",
            )
        )
    )
    added.add_argument(
        "sources", metavar="SOURCE", nargs="+", type=Path, help="a shard's store, or its --lsqm-json document"
    )
    added.add_argument("--baseline", metavar="ID", default="latest", help="as --lsqm-baseline (latest)")
    added.add_argument(
        "--fail-on", choices=("any", "regression", "never"), default="any", help="as --lsqm-fail-on (any)"
    )
    added.add_argument("--output", metavar="PATH", type=Path, help="write the whole as --lsqm-json would")


def _report(commands: _Commands) -> None:
    added = with_corpus(
        commands.add(
            "report",
            "report.run",
            "Write one HTML page on a run, with everything in it",
            "lsqm report --output run.html",
        )
    )
    added.add_argument("run_id", metavar="RUN", nargs="?", help="a run (the latest)")
    added.add_argument("--output", metavar="FILE", type=Path, help="the page (DIR/reports/latest/index.html)")
    added.add_argument(
        "--matrix",
        metavar="PATH",
        type=Path,
        help="the comparison of emulators to show: what `lsqm matrix --output` wrote (the store's latest)",
    )


def _of_the_store(commands: _Commands) -> None:
    with_json(
        with_corpus(
            commands.add("status", "store.status", "Say what is in the store and how it fared", "lsqm status")
        )
    )
    added = with_corpus(
        commands.add("clean", "store.clean", "Remove what killed runs left behind, and only that", "lsqm clean")
    )
    added.add_argument("--cache", action="store_true", help="also remove everything that was fetched")
    added = commands.add(
        "schema", "store.schema", "Print the JSON Schema of a record, or of all", "lsqm schema run"
    )
    added.add_argument("record", nargs="?", metavar="RECORD", help="a record's name; all without it")
