"""The `lsqm` command: what is not a test run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_lsqm.cli.arguments import USAGE_ERROR
from pytest_lsqm.cli.parser import parser
from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.masking import mask

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a domain error is one sentence on standard error."""
    arguments = parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except UsageError as error:
        print(f"lsqm: {mask(str(error))}", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    except LsqmError as error:
        print(f"lsqm: {mask(str(error))}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
