"""Servers on the loopback from which Terraform gets modules: a registry with its archives, and git by https.

https://developer.hashicorp.com/terraform/internals/module-registry-protocol
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import io
import json
import ssl
import subprocess
import tarfile
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


DATA = 'resource "terraform_data" "it" {\n}\n'
"""A module that needs no provider."""


def call(name: str, source: str) -> str:
    """Write the call of a module."""
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


def archive(texts: Mapping[str, str]) -> bytes:
    """Pack files into a tar.gz."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as bundle:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            bundle.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


@dataclass
class ModuleRegistry:
    """Serves modules by `namespace/name/system`, each in the versions of which it has an archive."""

    url: str = ""
    archives: dict[str, bytes] = field(default_factory=dict)
    locations: dict[str, dict[str, str]] = field(default_factory=dict)
    status: int | None = None
    """What to answer to everything, in place of the protocol."""
    requests: list[str] = field(default_factory=list)

    def add(self, address: str, content: bytes, version: str = "1.0.0") -> None:
        """Add a module whose archive lies on this server."""
        name = f"{address.replace('/', '-')}-{version}.tar.gz"
        self.archives[name] = content
        self.point(address, f"{self.url}archives/{name}", version)

    def add_queue(self, text: str = DATA) -> None:
        """Add two modules: `queue` has a module inside of it, which calls `base`."""
        files = {
            "main.tf": text + call("inner", "./modules/inner"),
            "modules/inner/main.tf": DATA + call("base", "acme/base/aws"),
            "README.md": "about it",
            "examples/simple/main.tf": call("queue", "../../"),
        }
        self.add("acme/queue/aws", archive(files))
        self.add("acme/base/aws", archive({"main.tf": DATA, "files/x.txt": "x"}))

    def point(self, address: str, location: str, version: str = "1.0.0") -> None:
        """Add a module that lies wherever `location` says."""
        self.locations.setdefault(address, {})[version] = location

    def cli_config(self, host: str = "registry.terraform.io") -> str:
        """Write the `host` block that leads Terraform here, among settings that are nobody else's business."""
        return (
            'credentials "registry.terraform.io" {\n  token = "secret"\n}\n'
            f'host "{host}" {{\n  services = {{\n    "modules.v1" = "{self.url}v1/modules/"\n  }}\n}}\n'
        )

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.requests.append(path)
        path = path.partition("?")[0]
        if self.status is not None:
            return self.status, {}, b""
        if path.startswith("/archives/") and (content := self.archives.get(path.removeprefix("/archives/"))):
            return 200, {}, content
        address, _, rest = path.removeprefix("/v1/modules/").rpartition("/")
        if rest == "versions" and (versions := self.locations.get(address)):
            listed = [{"version": version} for version in versions]
            return 200, {}, json.dumps({"modules": [{"versions": listed}]}).encode()
        address, _, version = address.rpartition("/")
        if rest == "download" and (location := self.locations.get(address, {}).get(version)):
            return 204, {"X-Terraform-Get": location}, b""
        return 404, {}, b""


class _Handler(http.server.BaseHTTPRequestHandler):
    registry: ModuleRegistry

    def do_GET(self) -> None:
        self.registry.requests += [f"token: {value}" for value in self.headers.get_all("Authorization", [])]
        status, headers, body = self.registry.answer(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextlib.contextmanager
def serve() -> Iterator[ModuleRegistry]:
    """Serve an empty registry until the block ends."""
    registry = ModuleRegistry()
    handler = type("Handler", (_Handler,), {"registry": registry})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    registry.url = f"http://127.0.0.1:{server.server_address[1]}/"
    with _running(server):
        yield registry


@contextlib.contextmanager
def serve_files(folder: Path, certificates: Path) -> Iterator[str]:
    """Serve a folder by https until the block ends; `certificates` is the file that will vouch for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificates)
    handler = functools.partial(_Files, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _running(server):
        yield f"https://127.0.0.1:{server.server_address[1]}/"


def commit(folder: Path) -> None:
    """Make a git repository of a folder that any web server can hand out."""
    quiet = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["update-server-info"]):
        subprocess.run(["git", *quiet, *words], cwd=folder, check=True, timeout=30)


@contextlib.contextmanager
def _running(server: http.server.ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
