"""MiniStack, from its package on PyPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.host import LAUNCHER, Plan
from pytest_lsqm.emulators.package import PackagedEmulator

if TYPE_CHECKING:
    from pathlib import Path


class MiniStack(PackagedEmulator):
    """MiniStack at one version: it keeps 12-digit accounts apart and runs Lambda functions by itself."""

    name = "ministack"
    isolation = Isolation.ACCOUNT
    distribution = "ministack"
    extra = "full"
    default = "1.5.33"
    reset_path = "/_ministack/reset"

    def _substitutions(self) -> tuple[str, ...]:
        return (f"Lambda functions in Python run on Python {self._python.minor}, whatever runtime they name",)

    def _plan(self, folder: Path, port: int) -> Plan:
        env = process.base_environment(folder / "home") | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "localhost",
            # These listen on fixed ports of every interface, where a second instance could not.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # The containers that it starts for some services would outlive it, and differ by machine.
            "DOCKER_HOST": f"unix://{folder}/no-engine.sock",
            "PYTHONUNBUFFERED": "1",
        }
        return Plan((self._interpreter, LAUNCHER, "ministack"), env)

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        ready = wire.send(endpoint, "GET", "/_ministack/ready", timeout=timeout)
        if not ready.ok:
            return False
        health = wire.send(endpoint, "GET", "/_ministack/health", timeout=timeout)
        return health.ok and health.json().get("version") == self.version
