"""Which operation of AWS a request asks for: from what its protocol says, and from botocore's models for REST."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SMITHY = re.compile(r"/service/(\w+)/operation/(\w+)")
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]*)/([^/]+)/aws4_request")

_FORMER_SIGNING = {"execute-api": "iot"}
"""What SDKs of an older day sign with, and who uses it today."""


@dataclass(frozen=True)
class Request:
    """As much of a request as names its operation; `headers` by lower-case names, `form` of a form's body."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of its query, those without a value too."""
        return {key: values[0] for key, values in parse_qs(self.query, keep_blank_values=True).items()}


def operation(request: Request) -> str | None:
    """Return `service.Operation` by the names of the SDK, such as `sqs.SendMessage`; None for no call of AWS's."""
    if found := _SMITHY.fullmatch(request.path.rstrip("/")):
        service = _by_target().get(found[1])
        return f"{service or found[1].lower()}.{found[2]}"
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    if prefix:
        return f"{_by_target().get(prefix, prefix.split('_')[0].lower())}.{name}"
    signing = _signing_name(request)
    if signing is None:
        return None
    action = request.form.get("Action") or request.parameters.get("Action")
    if action:
        version = request.form.get("Version") or request.parameters.get("Version")
        return f"{_query_service(signing, version)}.{action}"
    # Of what looks alike, the service that gave the signing name, and the plainer operation.
    fitting = (
        (rule.weight, service == signing, -len(rule.name), service, rule.name)
        for service, rule in _fitting(request, signing)
    )
    best = max(fitting, default=None)
    return f"{best[3]}.{best[4]}" if best else f"{signing}.{request.method}"


def region(request: Request) -> str | None:
    """Return the region that a request is signed for; None where it is not signed."""
    scope = _scope(request)
    return scope[0] if scope else None


def _signing_name(request: Request) -> str | None:
    # In small letters, as not all SDKs agree in which ones it is written.
    scope = _scope(request)
    return scope[1].lower() if scope else None


def _scope(request: Request) -> tuple[str, str] | None:
    """Return the region and the service of a signature."""
    if found := _SCOPE.search(request.headers.get("authorization", "")):
        return found[1], found[2]
    parts = request.parameters.get("X-Amz-Credential", "").split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else None


@dataclass(frozen=True)
class _Service:
    name: str
    signing: str
    target: str
    kind: str
    version: str


@functools.cache
def _services() -> tuple[_Service, ...]:
    text = (resources.files("pytest_lsqm.observing") / "services.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(_Service(name, signing.lower(), *more) for name, signing, *more in rows)


@functools.cache
def _by_target() -> dict[str, str]:
    # Where several share one (it happens to data planes), the first by name is the one that is older.
    return {service.target: service.name for service in reversed(_services()) if service.target != "-"}


def _query_service(signing: str, version: str | None) -> str:
    """Two generations of one service share a signing name and differ by the version of their API."""
    candidates = [service for service in _services() if service.signing == signing and service.kind == "rpc"]
    same = [service for service in candidates if service.version == version]
    names = [service.name for service in (same or candidates)]
    return signing if signing in names or not names else names[0]


@dataclass(frozen=True)
class _Rule:
    """How an operation of a REST service is recognised."""

    name: str
    method: str
    path: re.Pattern[str]
    literals: int
    constants: tuple[tuple[str, str], ...]
    parameters: frozenset[str]
    headers: frozenset[str]
    current: bool

    def fits(self, request: Request, path: str) -> bool:
        return (
            self.method == request.method
            and self.path.fullmatch(path) is not None
            and self.parameters <= request.parameters.keys()
            and self.headers <= request.headers.keys()
            and all(request.parameters.get(key) == value for key, value in self.constants)
        )

    @property
    def weight(self) -> tuple[int, int, bool]:
        return self.literals, len(self.constants) + len(self.parameters) + len(self.headers), self.current


def _fitting(request: Request, signing: str) -> Iterator[tuple[str, _Rule]]:
    # As it was sent: an ARN in a path has its slashes quoted, and is one segment.
    path = request.path.rstrip("/") or "/"
    for service in _services():
        if service.signing in {signing, _FORMER_SIGNING.get(signing)} and service.kind == "rest":
            rules = _rules(service.name)[request.method]
            yield from ((service.name, rule) for rule in rules if rule.fits(request, path))


@functools.cache
def _rules(service: str) -> Mapping[str, list[_Rule]]:
    """Read a service's model; a few hundredths of a second, once in a process."""
    import botocore.session

    model = botocore.session.get_session().get_component("data_loader").load_service_model(service, "service-2")
    rules: dict[str, list[_Rule]] = defaultdict(list)
    for name, about in model["operations"].items():
        rule = _rule(name, about, model["shapes"])
        rules[rule.method].append(rule)
    return rules


def _rule(name: str, about: dict[str, Any], shapes: dict[str, Any]) -> _Rule:
    path, _, query = about["http"]["requestUri"].partition("?")
    pattern = ""
    literals = 0
    for part in re.split(r"(\{[^}]+\})", path.rstrip("/") or "/"):
        if part.startswith("{"):
            pattern += ".+" if part.endswith("+}") else "[^/]+"
        else:
            pattern += re.escape(part)
            literals += len(part)
    shape = shapes.get(about.get("input", {}).get("shape"), {})
    required = {member: shape["members"][member] for member in shape.get("required", ())}
    return _Rule(
        name=name,
        method=about["http"]["method"],
        path=re.compile(pattern, re.DOTALL),
        literals=literals,
        constants=tuple((key, values[0]) for key, values in parse_qs(query, keep_blank_values=True).items()),
        parameters=_located(required, "querystring"),
        headers=frozenset(header.lower() for header in _located(required, "header")),
        current=not about.get("deprecated", False),
    )


def _located(members: Mapping[str, Any], where: str) -> frozenset[str]:
    return frozenset(about["locationName"] for about in members.values() if about.get("location") == where)
