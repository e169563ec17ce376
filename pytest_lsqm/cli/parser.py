"""The commands and their arguments, with an example each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from pytest_lsqm import generation
from pytest_lsqm.cli.arguments import Commands, Parser, with_corpus, with_json
from pytest_lsqm.cli.outcomes import add_outcomes
from pytest_lsqm.models import SourceType
from pytest_lsqm.settings import DEFAULT_TOKEN_BUDGET

SOURCES: tuple[str, ...] = get_args(SourceType)


def parser() -> Parser:
    """Return the parser of the whole command line; `run` of what it returns carries the command out."""
    made = Parser(prog="lsqm", description="What surrounds `pytest --lsqm`: the corpus, the machine, the records.")
    commands = Commands(
        made.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    )
    _of_the_machine(commands)
    _add(commands)
    _mine(commands)
    _generate(commands)
    add_outcomes(commands)
    _of_the_store(commands)
    return made


def _date(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _of_the_machine(commands: Commands) -> None:
    added = commands.add(
        "setup", "doctor.setup", "Fetch ahead of time what a run needs", "lsqm setup --emulator localstack-host"
    )
    added.add_argument("--emulator", metavar="NAME", default="auto", help="as --lsqm-emulator (auto)")
    added.add_argument(
        "--providers", choices=("auto", "mirror", "direct"), default="auto", help="as --lsqm-providers (auto)"
    )
    with_json(commands.add("doctor", "doctor.doctor", "Say what is there and what is missing", "lsqm doctor"))


def _add(commands: Commands) -> None:
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


def _mine(commands: Commands) -> None:
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


def _generate(commands: Commands) -> None:
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


def _of_the_store(commands: Commands) -> None:
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
