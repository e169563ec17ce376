"""The `lsqm` command: what is not a test run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pytest_lsqm import generation
from pytest_lsqm.cli import add, doctor, generate, store
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.settings import DEFAULT_TOKEN_BUDGET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USAGE_ERROR = 4
"""The exit code of a call that is wrong, the same as pytest's."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a domain error is one sentence on standard error."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except UsageError as error:
        print(f"lsqm: {error}", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    except LsqmError as error:
        print(f"lsqm: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lsqm", description="What surrounds `pytest --lsqm`: the corpus, the machine, the records."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help_: str, example: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_, description=f"{help_}.", epilog=f"example: {example}")
        added.set_defaults(run=run)
        return added

    def with_corpus(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="the store (corpus)")
        return added

    def with_json(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument("--json", action="store_true", help="print JSON, for programs")
        return added

    added = command(
        "setup", doctor.setup, "Fetch ahead of time what a run needs", "lsqm setup --emulator localstack-host"
    )
    added.add_argument("--emulator", metavar="NAME", default="auto", help="as --lsqm-emulator (auto)")
    added.add_argument(
        "--providers", choices=("auto", "mirror", "direct"), default="auto", help="as --lsqm-providers (auto)"
    )
    with_json(command("doctor", doctor.doctor, "Say what is there and what is missing", "lsqm doctor"))

    added = with_corpus(
        command(
            "add",
            add.run,
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
        choices=("terraform_registry", "github", "serverless", "cdk"),
        default="github",
        help="what kind of source that is (github)",
    )
    with_json(added)

    added = with_json(
        with_corpus(
            command(
                "generate",
                generate.run,
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
    with_json(
        with_corpus(command("status", store.status, "Say what is in the store and how it fared", "lsqm status"))
    )
    added = with_corpus(
        command("clean", store.clean, "Remove what killed runs left behind, and only that", "lsqm clean")
    )
    added.add_argument("--cache", action="store_true", help="also remove everything that was fetched")
    added = command("schema", store.schema, "Print the JSON Schema of a record, or of all", "lsqm schema run")
    added.add_argument("record", nargs="?", metavar="RECORD", help="a record's name; all without it")
    return parser
