"""What the commands' arguments are made of: a parser that ends as pytest does, and what several commands take."""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE_ERROR = 4
"""The exit code of a call that is wrong, the same as pytest's."""


class Parser(argparse.ArgumentParser):
    """Ends a wrong call as pytest does."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the reason, and end."""
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


@dataclass(frozen=True)
class Commands:
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


def with_corpus(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command say which store is meant."""
    added.add_argument("--corpus", metavar="DIR", type=Path, default=Path("corpus"), help="the store (corpus)")
    return added


def with_json(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command speak to programs."""
    added.add_argument("--json", action="store_true", help="print JSON, for programs")
    return added
