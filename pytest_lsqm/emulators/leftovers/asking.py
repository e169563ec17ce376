"""AWS operations asked of an emulator without a client: botocore's models and protocols, and nothing else of it.

A client costs tens of milliseconds for each service, account and region. What it does beyond writing a request
and reading an answer (endpoint rules, signatures, retries) means nothing to an emulator.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.leftovers import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel

TIMEOUT = 10.0
"""Seconds for one answer: what is asked was loaded already, by those who made what is looked for."""

_PLAIN = ("query", "ec2", "json", "rest-json", "rest-xml")
"""Where a service speaks several protocols, the first of these: older emulators know the older ones."""


class Refused(Exception):
    """The emulator did not do what it was asked; the message is its status with the beginning of its answer.

    `status` is None where there was no answer, or none that can be read.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Account:
    """An account of an emulator, in a region."""

    endpoint: str
    number: str
    region: str

    def ask(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation and return its answer as the SDK would, the first page alone; Refused for none."""
        try:
            model, protocol = _model(service)
            asked = model.operation_model(operation)
            answer = self._send(asked, protocol, parameters)
        except OSError as error:
            raise Refused(f"no answer: {error}") from error
        # An SDK that is older than the table: no verdict may fall by what is tidied up after it.
        except Exception as error:
            raise Refused(f"botocore cannot ask it: {error!r}") from error
        if not answer.ok:
            raise Refused(f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}", answer.status)
        try:
            return _read(answer, asked, protocol)
        # Whatever a parser makes of an answer that is none of AWS's.
        except Exception as error:
            raise Refused(f"an answer that cannot be read: {error}") from error

    def _send(self, asked: OperationModel, protocol: str, parameters: Mapping[str, Any]) -> wire.Answer:
        from botocore import awsrequest, serialize

        serializer = serialize.create_serializer(protocol, include_validation=False)
        told = serializer.serialize_to_request(dict(parameters), asked)
        awsrequest.prepare_request_dict(told, endpoint_url=self.endpoint)
        request = awsrequest.create_request_object(told).prepare()
        sent = request.headers.items()
        headers = {key: value.decode() if isinstance(value, bytes) else value for key, value in sent}
        scope = f"{self.number}/20260101/{self.region}/{asked.service_model.signing_name}/aws4_request"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
        body = request.body.encode() if isinstance(request.body, str) else request.body
        path = request.url.removeprefix(self.endpoint)
        return wire.send(self.endpoint, request.method, path, body=body, headers=headers, timeout=TIMEOUT)


def _read(answer: wire.Answer, asked: OperationModel, protocol: str) -> dict[str, Any]:
    from botocore import awsrequest, parsers

    headers = awsrequest.HeadersDict(answer.headers)
    told = {"status_code": answer.status, "headers": headers, "body": answer.body}
    read: dict[str, Any] = parsers.create_parser(protocol).parse(told, asked.output_shape)
    return read


@functools.cache
def _model(service: str) -> tuple[ServiceModel, str]:
    """Return a service's model, cut to what is asked of it, with its plainest protocol."""
    import botocore.session
    from botocore.model import ServiceModel

    loader = botocore.session.get_session().get_component("data_loader")
    whole = loader.load_service_model(service, "service-2")
    wanted = table.operations(service)
    operations = {name: about for name, about in whole["operations"].items() if name in wanted}
    names = [about[key]["shape"] for about in operations.values() for key in ("input", "output") if key in about]
    metadata = whole["metadata"]
    cut = {"metadata": metadata, "operations": operations, "shapes": _reachable(names, whole["shapes"])}
    spoken = metadata.get("protocols", (metadata["protocol"],))
    return ServiceModel(cut, service), next(each for each in (*_PLAIN, *spoken) if each in spoken)


def _reachable(names: list[str], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shapes that some consist of: all of EC2's would stay in the memory of each worker."""
    found: dict[str, Any] = {}
    while names:
        name = names.pop()
        if name not in found:
            shape = found[name] = shapes[name]
            parts = [*shape.get("members", {}).values(), *(shape.get(key) for key in ("member", "key", "value"))]
            names += [part["shape"] for part in parts if part]
    return found
