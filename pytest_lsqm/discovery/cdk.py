"""Apps of the AWS CDK: programs, which are run only where that is allowed, and the templates they leave.

An app runs in a copy of its package, with a home of its own, without credentials, and without a look into any
account. What the machine says of its package indexes is for the installers alone: it may hold tokens.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import process
from pytest_lsqm.discovery.assembly import mapping, read_mapping, templates
from pytest_lsqm.discovery.limits import LIMITS, check_tree, shown
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["missing", "synthesise", "templates"]

CONFIGURATION = "cdk.json"

CLI = "aws-cdk@2.1148.1"
"""What is fetched where neither PATH nor the app brings a `cdk`."""

NOT_COPIED = ("node_modules", "cdk.out", ".venv", ".git", ".npmrc")
"""An `.npmrc` may send whatever the environment of the installer holds to an index of its choice."""

_ENVIRONMENT = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "us-east-1",
    "CDK_DEFAULT_ACCOUNT": "000000000000",
    "CDK_DEFAULT_REGION": "us-east-1",
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "NO_COLOR": "1",
    # What `npx` does not find among the app's dependencies is not fetched by an app that runs.
    "NPM_CONFIG_OFFLINE": "true",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
}
_LANGUAGES = frozenset({"dotnet", "go", "gradle", "java", "mvn"})
"""Programs that no package of npm or Python brings."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def missing(folder: Path) -> str | None:
    """Return what this machine lacks to run the app in a folder, None where it lacks nothing.

    Raises DiscoveryError where the app does not say how it is run.
    """
    program = _command(folder)[0]
    # What a package brings itself is there once its dependencies are installed.
    brought = _is_python(program) or "/" in program or (folder / "package.json").is_file()
    needed = ["node", "npm", *([program] if program in _LANGUAGES or not brought else [])]
    lacking = [tool for tool in needed if shutil.which(tool) is None]
    return f"needs {shown(lacking[0])}, which is not here" if lacking else None


def synthesise(folder: Path, into: Path, *, top: Path | None = None, timeout: float = 300.0) -> None:
    """Run the app in a folder so that `into` holds its templates; it sees a copy of `top`, by default the folder.

    Raises DiscoveryError for what it needs and is not here, and for an app that fails; then there is no `into`.
    """
    top = top or folder
    if lacking := missing(folder):
        raise DiscoveryError(lacking)
    check_tree(top, LIMITS, "the package")
    into.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".lsqm-cdk-", dir=into.parent)).resolve()
    try:
        copy = scratch / "package"
        shutil.copytree(top, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        app = copy / folder.resolve().relative_to(top.resolve())
        run = _Run(app, scratch, time.monotonic() + timeout)
        run.prepare()
        run.synthesise(into.resolve())
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _command(folder: Path) -> list[str]:
    try:
        found = read_mapping(folder / CONFIGURATION)
        words = shlex.split(str(found.get("app") or ""))
    except ValueError as error:
        raise DiscoveryError(f"the app in {CONFIGURATION} cannot be read: {error}") from error
    if not words:
        raise DiscoveryError(f"{CONFIGURATION} does not say how to run the app")
    return words


def _is_python(program: str) -> bool:
    return re.fullmatch(r"python[0-9.]*", program.rpartition("/")[2]) is not None


@dataclass
class _Run:
    """One app in the copy of its package, until the deadline."""

    app: Path
    scratch: Path
    end: float

    def __post_init__(self) -> None:
        self._venv = self.app / ".venv"

    def prepare(self) -> None:
        """Install what the app depends on, and build it where its package says how."""
        if (self.app / "package.json").is_file():
            words = (
                _npm("ci") if (self.app / "package-lock.json").is_file() else _npm("install", "--no-package-lock")
            )
            self._call("its packages cannot be installed", words, self._installing())
        if _is_python(_command(self.app)[0]):
            self._python()
        files = [self.app / word for word in _command(self.app) if word.endswith(".js")]
        if any(not file.exists() for file in files) and "build" in _scripts(self.app):
            self._call("it cannot be built", ["npm", "run", "build"], self._running())

    def _python(self) -> None:
        self._call("it gets no environment", [sys.executable, "-m", "venv", self._venv], self._running())
        if (self.app / "requirements.txt").is_file():
            pip: list[str | Path] = [self._venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
            words = [*pip, "--disable-pip-version-check", "-r", "requirements.txt"]
            self._call("its packages cannot be installed", words, self._installing())

    def synthesise(self, into: Path) -> None:
        """Run `cdk synth`."""
        flags = ("--no-lookups", "--no-notices", "--no-version-reporting", "--quiet")
        self._call("it cannot be synthesised", [self._cdk(), "synth", "--output", into, *flags], self._running())
        if not (into / "manifest.json").is_file():
            raise DiscoveryError("it was synthesised, and left no templates")

    def _cdk(self) -> str | Path:
        own = self.app / "node_modules" / ".bin" / "cdk"
        if found := shutil.which("cdk") or (str(own) if own.exists() else None):
            return found
        place = self.scratch / "cli"
        place.mkdir()
        words = _npm("install", "--no-package-lock", "--prefix", str(place), CLI)
        self._call("the CDK's own command cannot be fetched", words, self._installing())
        return place / "node_modules" / ".bin" / "cdk"

    def _installing(self) -> dict[str, str]:
        environment = process.base_environment(self.scratch / "home") | process.network_environment()
        # They lie in a home that children do not see.
        for name, *place in (
            ("NPM_CONFIG_USERCONFIG", ".npmrc"),
            ("PIP_CONFIG_FILE", ".config", "pip", "pip.conf"),
        ):
            if (settings := Path.home().joinpath(*place)).is_file():
                environment.setdefault(name, str(settings))
        return environment

    def _running(self) -> dict[str, str]:
        environment = process.base_environment(self.scratch / "home") | _ENVIRONMENT
        if self._venv.is_dir():
            environment |= {
                "PATH": f"{self._venv / 'bin'}{os.pathsep}{environment['PATH']}",
                "VIRTUAL_ENV": str(self._venv),
            }
        return environment

    def _call(self, what: str, words: Iterable[str | Path], environment: dict[str, str]) -> None:
        done = process.run(list(words), env=environment, timeout=self.end - time.monotonic(), cwd=self.app)
        if done.timed_out:
            raise DiscoveryError(f"{what} within the time that there is for it")
        if not done.ok:
            raise DiscoveryError(f"{what}: {self._last(done)}")

    def _last(self, done: process.Completed) -> str:
        """Return the line in which a program says why it failed."""
        text = _COLOUR.sub("", done.stderr.strip() or done.stdout.strip())
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        # The CDK's command ends by saying that the app failed; the app said before it why.
        errors = [line for line in lines if re.match(r"(npm error |ERROR: |[\w.]*(Error|Exception): )", line)]
        said = (errors or lines or [f"it ended with exit code {done.returncode} without a word"])[-1]
        return shown(said.replace(f"{self.app}/", "").replace(str(self.scratch), "…"))


def _npm(*words: str) -> list[str]:
    return ["npm", *words, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def _scripts(app: Path) -> dict[str, Any]:
    path = app / "package.json"
    return mapping(read_mapping(path).get("scripts") if path.is_file() else None)
