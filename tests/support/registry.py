"""A server on the loopback that speaks Terraform's provider network mirror protocol over TLS.

https://developer.hashicorp.com/terraform/internals/provider-network-mirror-protocol
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import json
import ssl
import threading
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")


def provider_zip(name: str, version: str) -> bytes:
    """Make a release with a program in it that is none: `init` installs it and does not run it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(f"terraform-provider-{name}_v{version}")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, f"#!/bin/sh\necho {name} {version}\n")
    return buffer.getvalue()


@dataclass
class NetworkMirror:
    """Serves releases by `host/namespace/name` and version; it remembers what it was asked for."""

    certificates: Path
    """The file with the certificate that vouches for this server."""

    releases: dict[str, dict[str, bytes]] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    """A wrong SHA-256 to claim, by version."""

    status: int | None = None
    """What to answer to everything, in place of the protocol."""

    requests: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, address: str, *versions: str) -> None:
        name = address.rpartition("/")[2]
        self.releases[address] = {version: provider_zip(name, version) for version in versions}

    @property
    def downloads(self) -> list[str]:
        return [path for path in self.requests if path.endswith(".zip")]

    def answer(self, path: str) -> tuple[int, bytes]:
        self.requests.append(path)
        if self.status is not None:
            return self.status, b""
        address, _, file = path.removeprefix("/mirror/").rpartition("/")
        releases = self.releases.get(address, {})
        if file == "index.json" and releases:
            return 200, json.dumps({"versions": {version: {} for version in releases}}).encode()
        version = file.removesuffix(".json").removesuffix(".zip")
        if version not in releases:
            return 404, b""
        if file.endswith(".zip"):
            return 200, releases[version]
        checksum = self.checksums.get(version) or hashlib.sha256(releases[version]).hexdigest()
        archive = {"url": f"{version}.zip", "hashes": [f"zh:{checksum}"]}
        return 200, json.dumps({"archives": dict.fromkeys(PLATFORMS, archive)}).encode()


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[NetworkMirror]:
    """Serve an empty mirror with a certificate of its own until the block ends."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    mirror = NetworkMirror(folder / "authority.pem")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = mirror.answer(self.path)
            self.send_response(status)
            self.send_header(
                "Content-Type", "application/zip" if self.path.endswith(".zip") else "application/json"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that does not trust the certificate."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    mirror.url = f"https://127.0.0.1:{server.server_address[1]}/mirror/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
