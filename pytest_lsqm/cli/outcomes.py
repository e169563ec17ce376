"""The commands about what came of runs, and those that run the corpus elsewhere than here; see `parser`."""

from __future__ import annotations

from pathlib import Path

from pytest_lsqm.cli.arguments import Commands, with_corpus, with_json
from pytest_lsqm.settings import DEFAULT_TEST_TIMEOUT, DEFAULT_TIMEOUT


def add_outcomes(commands: Commands) -> None:
    """Add them."""
    _matrix(commands)
    _bisect(commands)
    _repro(commands)
    _of_the_archive(commands)
    _notify(commands)
    _compare(commands)
    _merge(commands)
    _report(commands)


def _matrix(commands: Commands) -> None:
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


def _bisect(commands: Commands) -> None:
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


def _repro(commands: Commands) -> None:
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


def _of_the_archive(commands: Commands) -> None:
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


def _notify(commands: Commands) -> None:
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


def _compare(commands: Commands) -> None:
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


def _merge(commands: Commands) -> None:
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


def _report(commands: Commands) -> None:
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
