"""Between Terraform and a provider process that serves many commands: what need not be asked twice is not.

Of the calls of Terraform's plugin protocol two say the same however often they are made: the schema, and
whether a provider block is well formed (`PrepareProviderConfig`, for which provider 3.x goes through the schema
of each of its 800 resource types anew, nine times per architecture). Everything else is passed on byte by byte.
Source: terraform's docs/plugin-protocol/tfplugin5.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SERVICE = "/tfplugin5.Provider/"
_SCHEMA = f"{_SERVICE}GetSchema"
_PREPARE = f"{_SERVICE}PrepareProviderConfig"

_SCHEMA_IS_OPTIONAL = b"\x32\x02\x10\x01"
"""The field server_capabilities (6) with get_provider_schema_optional (2): what Terraform knows of the schema from
one connection it need not ask on the next. The provider has told its schema to us before anybody connects."""

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
            self._schema = self._ask(_SCHEMA)(b"") + _SCHEMA_IS_OPTIONAL
        except grpc.RpcError as error:
            raise ProviderError(f"the provider does not tell its schema: {error}") from error
        self._server = grpc.server(ThreadPoolExecutor(_THREADS), handlers=[self._handler()], options=_OPTIONS)
        self._server.add_insecure_port(f"unix:{socket}")
        self._server.start()

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
