"""What is asked of other people's servers: patiently, never for ever, and without telling anyone's secrets."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pytest_lsqm.discovery import limits
from pytest_lsqm.discovery.addresses import checked, leads_to, shown
from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    import requests
    from urllib3.util import Retry

    from pytest_lsqm.discovery.connections import Watch

T = TypeVar("T")

CHUNK = 64 * 1024
MAX_JSON = 20 * limits.MIB
MAX_DOWNLOAD = 200 * limits.MIB
MAX_REDIRECTS = 10
RETRIES = 4
BACKOFF = 0.2
"""Seconds that grow twofold from the second retry on."""

TRIED_AGAIN = frozenset({429, 500, 502, 503, 504})
LATER = frozenset({408, 425, 429})
"""Statuses below 500 that say nothing of what was asked for."""

REFUSALS = {
    400: "cannot make sense of what is asked",
    401: "wants credentials",
    403: "does not let us in",
    404: "is not there",
    410: "is no longer there",
}


class _Passing(Exception):
    """A failure that may be over later, `again` soon enough to wait for it; `wait` is what the server asks for."""

    def __init__(self, reason: str, *, again: bool = True, wait: float | None = None) -> None:
        super().__init__(reason)
        self.again = again
        self.wait = wait


class Web:
    """HTTP for discovery; a context manager, to be shared among threads.

    `tokens` are sent to the hosts that they belong to, by host and port as in an address, and to no other.
    `patience` is the longest wait that a server may ask for, `timeout` the longest silence, and `deadline` the
    time for a request with all its tries and redirects; all in seconds.
    Every method raises Unreachable for what may be had later, and DiscoveryError for what is refused.
    """

    def __init__(
        self,
        tokens: Mapping[str, str] | None = None,
        *,
        patience: float = 60.0,
        timeout: float = 30.0,
        deadline: float = 120.0,
    ) -> None:
        try:
            from pytest_lsqm.discovery import connections
        except ImportError as error:
            raise UsageError(
                f"nothing can be fetched without the package {error.name}: pip install 'pytest-lsqm[mine]'"
            ) from error
        self._connections = connections
        self._tokens = {host.lower(): token for host, token in (tokens or {}).items()}
        for host, token in self._tokens.items():
            if not (token.isascii() and token.isprintable() and token == token.strip()):
                raise UsageError(f"the token for {host} cannot be sent: it holds spaces, line ends or other signs")
        self._patience = patience
        self._timeout = timeout
        self._deadline = deadline
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            while self._sessions:
                self._sessions.pop().close()
            self._local = threading.local()

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return what a server answers in JSON, of which there may be 20 MiB."""

        def read(answer: requests.Response, watch: Watch) -> bytes:
            _expect(answer, {200})
            return b"".join(self._chunks(answer, watch, MAX_JSON))

        body = self._request(url, read, params=params)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise DiscoveryError(f"{shown(url)} answers with something other than JSON") from error

    def header(self, url: str, name: str) -> str | None:
        """Return a header of the answer at an address, which is not read and may lead nowhere else."""

        def read(answer: requests.Response, watch: Watch) -> str | None:
            _expect(answer, {200, 204})
            return answer.headers.get(name)

        return self._request(url, read, redirects=0)

    def download(self, url: str, into: Path, *, limit_bytes: int = MAX_DOWNLOAD) -> None:
        """Write what lies at an address to a file, which is there only if all of it came."""
        part: Path | None = None

        def write(answer: requests.Response, watch: Watch) -> None:
            _expect(answer, {200})
            assert part is not None
            with part.open("wb") as out:
                for chunk in self._chunks(answer, watch, limit_bytes):
                    out.write(chunk)

        try:
            into.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(prefix=".lsqm-", dir=into.parent, delete=False) as empty:
                part = Path(empty.name)
            self._request(url, write)
            part.replace(into)
        except OSError as error:
            raise EnvironmentProblem(f"cannot write {into}: {error.strerror or error}") from error
        finally:
            if part is not None:
                part.unlink(missing_ok=True)

    def _request(
        self,
        url: str,
        use: Callable[[requests.Response, Watch], T],
        *,
        params: Mapping[str, Any] | None = None,
        redirects: int = MAX_REDIRECTS,
    ) -> T:
        """Ask until there is an answer that can be used, or no sense in asking again."""
        from urllib3.util import Retry

        retry = Retry(total=RETRIES, backoff_factor=BACKOFF)
        with self._connections.Watch(self._deadline) as watch:
            while True:
                try:
                    with self._answer(url, watch, params, redirects) as answer:
                        return use(answer, watch)
                except _Passing as passing:
                    retry = self._wait(shown(url), retry, passing, watch)

    def _wait(self, where: str, retry: Retry, passing: _Passing, watch: Watch) -> Retry:
        """Wait before the next try, or raise Unreachable where there is none."""
        from urllib3.exceptions import MaxRetryError

        if watch.left <= 0:
            raise Unreachable(f"{where} did not answer in full within {self._deadline:g} s")
        wanted = passing.wait or 0.0
        if wanted > self._patience or wanted > watch.left:
            raise Unreachable(f"{where} {passing}, and wants to be asked again no sooner than in {wanted:.0f} s")
        try:
            following = retry.increment("GET", where)
        except MaxRetryError:
            raise Unreachable(f"{where} {passing}, {RETRIES + 1} times in a row") from None
        pause = max(wanted, min(following.get_backoff_time(), self._patience))
        if not passing.again or pause >= watch.left:
            raise Unreachable(f"{where} {passing}")
        time.sleep(pause)
        return following

    @contextmanager
    def _answer(
        self, url: str, watch: Watch, params: Mapping[str, Any] | None, redirects: int
    ) -> Iterator[requests.Response]:
        """Give the answer at the end of all redirects; where they leave TLS, no token goes along."""
        session = self._session()
        secure = False
        for _ in range(redirects + 1):
            parts = checked(url)
            secure = secure or parts.scheme == "https"
            headers = {"Accept-Encoding": "identity"}
            token = self._tokens.get(parts.netloc.lower())
            if token and not (secure and parts.scheme == "http"):
                headers["Authorization"] = f"Bearer {token}"
            silence = max(min(self._timeout, watch.left), 0.001)
            with self._passing(url):
                answer = session.get(
                    url, params=params, headers=headers, timeout=silence, stream=True, allow_redirects=False
                )
            try:
                self._check_status(answer)
                following = leads_to(url, answer.headers.get("Location")) if redirects else None
                if not (following and answer.is_redirect):
                    yield answer
                    return
            finally:
                answer.close()
            url, params = following, None
        raise DiscoveryError(f"{shown(url)} is only the next of more than {redirects} redirects")

    def _chunks(self, answer: requests.Response, watch: Watch, limit: int) -> Iterator[bytes]:
        """Yield a body, refused as soon as it is known to be too large; what is short of its length is no body."""
        where = shown(answer.url)
        too_large = f"{where} answers with more than {limits.size(limit)}"
        length = answer.headers.get("Content-Length", "")
        stated = int(length) if length.isascii() and length.isdigit() else None
        if stated is not None and stated > limit:
            raise DiscoveryError(too_large)
        received = 0
        while True:
            with self._passing(where):
                chunk = answer.raw.read(CHUNK, decode_content=False)
            # A connection that was ended at the deadline looks like an answer that is complete.
            if watch.left <= 0:
                raise _Passing("is too slow")
            if not chunk:
                break
            received += len(chunk)
            if received > limit:
                raise DiscoveryError(too_large)
            yield chunk
        # urllib3 looks after this itself only since its second version.
        if stated is not None and received != stated:
            raise _Passing("broke off before the end of its answer")

    @contextmanager
    def _passing(self, url: str) -> Iterator[None]:
        """Turn errors of the network into what may be over later; their texts may hold what is secret."""
        try:
            yield
        except ValueError:
            raise DiscoveryError(f"{shown(url)} is no address that can be asked") from None
        except self._connections.FAILURES as error:
            raise _Passing(self._connections.reason(error, self._timeout)) from None

    def _check_status(self, answer: requests.Response) -> None:
        """Tell what is refused from what may be had later."""
        status = answer.status_code
        # Some whom we ask too often say 403, and add when they will listen again.
        too_often = "Retry-After" in answer.headers or answer.headers.get("X-RateLimit-Remaining") == "0"
        if status >= 500 or status in LATER or (status == 403 and too_often):
            wait = self._connections.retry_after(answer)
            raise _Passing(f"answers with status {status}", again=status in TRIED_AGAIN, wait=wait)
        if status >= 400:
            raise DiscoveryError(f"{shown(answer.url)} {REFUSALS.get(status, 'refuses')} (status {status})")

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._connections.session()
            with self._lock:
                self._sessions.append(session)
        return session


def _expect(answer: requests.Response, statuses: set[int]) -> None:
    if answer.status_code not in statuses:
        raise DiscoveryError(f"{shown(answer.url)} answers with status {answer.status_code}")
