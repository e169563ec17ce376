"""The container engine of this machine: which one answers, and how it is reached."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_lsqm.process.container import HOST_LABEL, RUN, RUN_LABEL, labels

__all__ = [
    "HOST_LABEL",
    "RUN",
    "RUN_LABEL",
    "await_answer",
    "client",
    "find",
    "labels",
    "reachable",
    "remove_orphans",
]


def find() -> dict[str, str] | None:
    """Return the `DOCKER_…` variables of the engine that answers within two seconds, or None.

    Asked in turn: `DOCKER_HOST` or Docker's current context, Docker's own socket, podman's sockets.
    """
    try:
        from testcontainers.core.docker_client import get_docker_host
    except ImportError:
        return None
    own = {key: value for key, value in os.environ.items() if key.startswith("DOCKER_")}
    if named := os.environ.get("DOCKER_HOST") or get_docker_host():
        candidates = [own | {"DOCKER_HOST": named}]
    else:
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
        sockets = [Path(runtime, "podman", "podman.sock"), Path("/run/podman/podman.sock")]
        candidates = [own, *(own | {"DOCKER_HOST": f"unix://{socket}"} for socket in sockets if socket.exists())]
    return next((candidate for candidate in candidates if _answers(candidate)), None)


def _answers(environment: dict[str, str]) -> bool:
    try:
        with contextlib.closing(client(environment, timeout=2)) as connected:
            return bool(connected.ping())
    except Exception:  # whatever Docker's client raises, the engine is not there
        return False


def await_answer(environment: dict[str, str], patience: float) -> bool:
    """Wait for an engine that may be starting anew; False when it does not answer for so many seconds."""
    deadline = time.monotonic() + patience
    while not _answers(environment):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def client(environment: dict[str, str], timeout: int = 60) -> Any:
    """Return a client of Docker's for that engine; the caller closes it."""
    import docker  # type: ignore[import-untyped]

    return docker.from_env(environment=environment, timeout=timeout)


def reachable(environment: dict[str, str]) -> tuple[str, str]:
    """Return the host under which published ports answer, and the address to publish them on."""
    parts = urlsplit(environment.get("DOCKER_HOST", ""))
    if parts.scheme in {"tcp", "ssh", "http", "https"} and parts.hostname not in {"localhost", "127.0.0.1", None}:
        # A remote engine, such as the service container of a CI job: its loopback is not ours.
        return parts.hostname, "0.0.0.0"  # noqa: S104
    return "127.0.0.1", "127.0.0.1"


def remove_orphans() -> list[str]:
    """Remove our containers whose process on this machine is dead, and no others; return their names."""
    environment = find()
    if environment is None:
        return []
    removed = []
    ours = {"label": [RUN_LABEL, f"{HOST_LABEL}={socket.gethostname()}"]}
    with contextlib.closing(client(environment)) as connected:
        for container in connected.containers.list(all=True, filters=ours, ignore_removed=True):
            if not _is_alive(container.labels[RUN_LABEL].partition("-")[0]):
                # Its own run's reaper may be removing it at this moment.
                with contextlib.suppress(Exception):
                    container.remove(force=True, v=True)
                    removed.append(str(container.name))
    return removed


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True
