"""Between Terraform and a provider process that serves many commands: what need not be asked twice is not.

Of the calls of Terraform's plugin protocol two say the same however often they are made: the schema, and
whether a provider block is well formed (`PrepareProviderConfig`, for which provider 3.x goes through the schema
of each of its 800 resource types anew, nine times per architecture). The schema is told without the types that a
configuration does not name: Terraform decodes all it is told, with each command. Everything else is passed on byte
by byte. Source: terraform's docs/plugin-protocol/tfplugin5.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SERVICE = "/tfplugin5.Provider/"
_SCHEMA = f"{_SERVICE}GetSchema"
_PREPARE = f"{_SERVICE}PrepareProviderConfig"

_SCHEMA_IS_OPTIONAL = b"\x32\x02\x10\x01"
"""The field server_capabilities (6) with get_provider_schema_optional (2): what Terraform knows of the schema from
one connection it need not ask on the next. The provider has told its schema to us before anybody connects."""

_RESOURCES, _DATA_SOURCES, _NAME = 2, 3, 1
"""The fields resource_schemas and data_source_schemas of the schema, and the key in each of their entries."""

_THREADS = 32
"""Terraform asks for ten things at a time, and for an end beside them."""

_KEPT = 64

_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),
)


class Relay:
    """A running relay; `socket` is the path of the unix socket at which it listens."""

    def __init__(self, provider: str, socket: Path) -> None:
        from concurrent.futures import ThreadPoolExecutor

        import grpc

        self.socket = socket
        self._grpc = grpc
        self._channel = grpc.insecure_channel(f"unix:{provider}", options=_OPTIONS)
        self._calls: dict[str, Callable[[bytes], bytes]] = {}
        self._prepared: dict[bytes, bytes] = {}
        try:
            self._parts = list(_parts(self._ask(_SCHEMA)(b"")))
        except grpc.RpcError as error:
            raise ProviderError(f"the provider does not tell its schema: {error}") from error
        self._names = frozenset(name for name, _ in self._parts if name is not None)
        self._prefixes = {name.partition("_")[0] for name in self._names}
        self.narrow(None)
        self._server = grpc.server(ThreadPoolExecutor(_THREADS), handlers=[self._handler()], options=_OPTIONS)
        self._server.add_insecure_port(f"unix:{socket}")
        self._server.start()

    def narrow(self, types: frozenset[str] | None) -> None:
        """Tell of these resource types and data sources alone from now on; None for all.

        One of this provider that does not exist has all told: Terraform then says which ones are spelt alike.
        """
        if types is not None and any(name.partition("_")[0] in self._prefixes for name in types - self._names):
            types = None
        told = [part for name, part in self._parts if types is None or name is None or name in types]
        self._schema = b"".join(told) + _SCHEMA_IS_OPTIONAL

    def close(self) -> None:
        """End it; calls under way are broken off."""
        self._server.stop(grace=None)
        self._channel.close()

    def _ask(self, method: str) -> Callable[[bytes], bytes]:
        if method not in self._calls:
            self._calls[method] = self._channel.unary_unary(method)
        return self._calls[method]

    def _answer(self, method: str, request: bytes) -> bytes:
        if method == _SCHEMA:
            return self._schema
        if method != _PREPARE:
            return self._ask(method)(request)
        if request not in self._prepared:
            answer = self._ask(method)(request)
            if len(self._prepared) >= _KEPT:
                self._prepared.clear()
            self._prepared[request] = answer
        return self._prepared[request]

    def _handler(self) -> Any:
        grpc, relay = self._grpc, self

        class Handler(grpc.GenericRpcHandler):  # type: ignore[misc,name-defined]
            def service(self, details: Any) -> Any:
                method = details.method
                if not method.startswith(_SERVICE):
                    return None  # go-plugin's own services, which Terraform does without

                def answer(request: bytes, context: Any) -> bytes:
                    try:
                        return relay._answer(method, request)
                    except grpc.RpcError as error:
                        context.abort(error.code(), error.details())
                        raise

                return grpc.unary_unary_rpc_method_handler(answer)

        return Handler()


def _parts(message: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Go through the fields of a schema: the type's name, None for what is not of a single type, and its bytes."""
    for number, start, content, end in _fields(message, 0, len(message)):
        name = None
        if number in {_RESOURCES, _DATA_SOURCES}:
            entry = {key: (begin, stop) for key, _, begin, stop in _fields(message, content, end)}
            begin, stop = entry[_NAME]
            name = message[begin:stop].decode()
        yield name, message[start:end]


def _fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Go through a message of fields with a length: the number, where each begins, its content begins, it ends."""
    while at < end:
        start = at
        tag, at = _varint(message, at)
        if tag & 7 != 2:
            raise ProviderError("the provider's schema has a field that is none of the plugin protocol")
        length, content = _varint(message, at)
        at = content + length
        yield tag >> 3, start, content, at


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
