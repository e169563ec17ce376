"""The few requests that we send to an emulator ourselves: health, reset, one cheap call of AWS's."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from pytest_lsqm.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back: the status and at most a megabyte of the body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the status is of the 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty one where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def send(
    endpoint: str,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 5.0,
) -> Answer:
    """Send one request past all proxies; an OSError when nobody answers within `timeout` seconds."""
    parts = urlsplit(endpoint)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=max(timeout, 0.01))
    try:
        connection.request(method, parts.path.rstrip("/") + path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.read(LIMIT), dict(response.headers))
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer: {error!r}") from error
    finally:
        connection.close()


def query(
    endpoint: str, service: str, account: str, parameters: Mapping[str, str], timeout: float = 5.0
) -> Answer:
    """Call an operation of a service that speaks AWS's query protocol, as `account`.

    The signature is a dummy: emulators read the service and the access key from the header and check
    nothing, and no call that could reach the real AWS can succeed with it.
    """
    scope = f"{account}/20260101/us-east-1/{service}/aws4_request"
    return send(
        endpoint,
        "POST",
        "/",
        body=urlencode(parameters).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00",
        },
        timeout=timeout,
    )


FIRST_ANSWER = 120.0
"""Seconds for the first call of a service, which an emulator loads for it: busy machines were seen to take 30."""


def answers_sts(endpoint: str, account: str, timeout: float = 5.0) -> bool:
    """Whether STS answers `GetCallerIdentity` at all: the cheapest call that goes through an emulator's core."""
    try:
        answer = query(endpoint, "sts", account, {"Action": "GetCallerIdentity", "Version": "2011-06-15"}, timeout)
    except OSError:
        return False
    return answer.ok and b"GetCallerIdentityResult" in answer.body


def post_reset(endpoint: str, path: str) -> None:
    """Ask for a state reset; an EmulatorError when it is not granted."""
    try:
        answer = send(endpoint, "POST", path, timeout=30.0)
    except OSError as error:
        raise EmulatorError(f"{endpoint} did not answer its reset: {error}") from error
    if not answer.ok:
        raise EmulatorError(f"{endpoint} refused its reset: POST {path} answered {answer.status}")
