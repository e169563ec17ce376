"""An emulator that somebody else started: used where it is, and never stopped."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_lsqm.emulators import editions, wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.errors import EmulatorError, UsageError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REAL_AWS = ("amazonaws.com", "amazonaws.com.cn", "api.aws", "aws.dev", "amazon.com")
_IAM = "2010-05-08"
_TRUST = '{"Version":"2012-10-17","Statement":[]}'

_KINDS = (
    # MiniStack answers LocalStack's health path too, so its own comes first.
    ("ministack", "/_ministack/health", b'"version"', "/_ministack/reset"),
    ("localstack", "/_localstack/health", b'"version"', None),
    ("moto", "/moto-api/", b"Moto", "/moto-api/reset"),
)
"""Name, health path, what its answer holds, reset path."""


class Endpoint:
    """Whatever answers at a URL; what it is and how it is isolated is found out by `prepare`."""

    single = True

    def __init__(self, url: str) -> None:
        self.url = checked_url(url)
        self.name = "endpoint"
        self.version = "unknown"
        self.isolation = Isolation.ACCOUNT
        self.chosen_because: str | None = None
        self._health_path = "/"
        self._reset_path: str | None = None
        self._services: frozenset[str] = frozenset()
        self._known = False

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Find out what it is; an EmulatorError if it does not answer or cannot keep architectures apart."""
        if self._known:
            return
        progress(f"asking {self.url} what it is …")
        self._recognise()
        if accounts_are_apart(self.url):
            self.isolation = Isolation.ACCOUNT
        elif self._reset_path:
            self.isolation = Isolation.RESET
        else:
            raise EmulatorError(
                f"the emulator at {self.url} neither keeps 12-digit accounts apart nor has a reset that is known, "
                "so architectures would meet each other's resources. Name an emulator that can be started instead."
            )
        self._known = True

    def limits(self) -> Mapping[str, str]:
        """Nothing is known of what it lacks."""
        return {}

    def lacks(self) -> Mapping[str, str]:
        """Return what a LocalStack's own list of services leaves out; the others have none."""
        return editions.lacking(self._services) if self._services else {}

    def foreseen(self) -> EmulatorFacts | None:
        """Return nothing: what runs there is not ours to know, whatever version it says that it has."""
        return None

    def start(self, *, ahead: bool = False) -> EndpointInstance:
        """Use it as it is, if it is healthy."""
        self.prepare(lambda _: None)
        facts = EmulatorFacts(
            name=self.name,
            version=self.version,
            isolation=self.isolation.value,
            chosen_because=self.chosen_because,
        )
        instance = EndpointInstance(self.url, facts, self._health_path, self._reset_path)
        if not instance.is_healthy():
            raise EmulatorError(instance.obituary())
        return instance

    def _recognise(self) -> None:
        for name, path, holds, reset in _KINDS:
            try:
                answer = wire.send(self.url, "GET", path)
            except OSError as error:
                raise EmulatorError(f"nobody answers at {self.url}: {error}. Start the emulator first.") from error
            if answer.ok and holds in answer.body:
                self.name, self._health_path, self._reset_path = name, path, reset
                told = answer.json()
                self.version = str(told.get("version", "unknown"))
                if name == "localstack" and isinstance(listed := told.get("services"), dict):
                    self._services = frozenset(listed)
                return


class EndpointInstance:
    """The emulator at a URL, which is not ours: `stop` leaves it alone."""

    def __init__(self, url: str, facts: EmulatorFacts, health_path: str, reset_path: str | None) -> None:
        self.endpoint = url
        self.facts = facts
        self._health_path = health_path
        self._reset_path = reset_path

    def is_healthy(self, timeout: float = 5.0) -> bool:
        """Whether it answers, with anything but a server's error."""
        try:
            return wire.send(self.endpoint, "GET", self._health_path, timeout=timeout).status < 500
        except OSError:
            return False

    def obituary(self) -> str:
        """Say whether it answers: more cannot be known of it."""
        how = "answers" if self.is_healthy() else "does not answer, and it is not ours to start again"
        return f"the emulator at {self.endpoint} {how}."

    def log_size(self) -> int:
        """It keeps its log to itself."""
        return 0

    def logs(self, since: int = 0) -> str:
        """It keeps its log to itself."""
        return ""

    def memory(self) -> int | None:
        """Return nothing: it is not ours to look into."""
        return None

    def reset(self) -> None:
        """Drop all state, where its kind can."""
        if self._reset_path is None:
            raise EmulatorError(f"the emulator at {self.endpoint} has no reset that is known.")
        wire.post_reset(self.endpoint, self._reset_path)

    def stop(self) -> None:
        """Leave it running."""


def checked_url(text: str) -> str:
    """Return the URL without a path; a UsageError for what is none, and for AWS itself."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or parts.query:
        raise UsageError(f"{text!r} is not the URL of an emulator; give one such as http://127.0.0.1:4566.")
    if any(host == name or host.endswith(f".{name}") for name in _REAL_AWS):
        raise UsageError(f"{host} is AWS itself, not an emulator: architectures are never deployed there.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def accounts_are_apart(url: str) -> bool:
    """Whether a role that one account makes stays unknown to another; tried, and cleared away."""
    one, other = (str(100_000_000_000 + secrets.randbelow(800_000_000_000)) for _ in range(2))
    role = f"lsqm-probe-{secrets.token_hex(4)}"

    def iam(account: str, action: str, **more: str) -> wire.Answer:
        return wire.query(url, "iam", account, {"Action": action, "Version": _IAM, "RoleName": role, **more}, 20.0)

    try:
        made = iam(one, "CreateRole", AssumeRolePolicyDocument=_TRUST)
        if not made.ok:
            return False
        try:
            return one.encode() in made.body and iam(other, "GetRole").status == 404
        finally:
            iam(one, "DeleteRole")
    except OSError:
        return False
