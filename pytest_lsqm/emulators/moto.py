"""moto's server, from its package on PyPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.emulators import wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.host import LAUNCHER, Plan
from pytest_lsqm.emulators.package import PackagedEmulator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Moto(PackagedEmulator):
    """moto at one version: it takes no access key for an account, so it serves one architecture at a time."""

    name = "moto"
    isolation = Isolation.RESET
    distribution = "moto"
    extra = "server"
    default = "5.2.5"
    reset_path = "/moto-api/reset"

    def limits(self) -> Mapping[str, str]:
        """Lambda: moto creates functions, but runs them in containers only."""
        return {
            "lambda": "moto runs Lambda functions in containers, with images that it pulls",
            "batch": "moto runs Batch jobs in containers, with images that it pulls",
        }

    def _plan(self, folder: Path, port: int) -> Plan:
        env = process.base_environment(folder / "home") | {
            "MOTO_PORT": str(port),
            "MOTO_LAMBDA_DATA_DIR": str(folder / "home" / "lambda"),
            # Its containers would outlive it.
            "DOCKER_HOST": f"unix://{folder}/no-engine.sock",
            "PYTHONUNBUFFERED": "1",
        }
        arguments = ("-H", "127.0.0.1", "-p", str(port))
        return Plan((self._interpreter, LAUNCHER, "moto.server", *arguments), env)

    def _healthy(self, endpoint: str, timeout: float) -> bool:
        answer = wire.send(endpoint, "GET", "/moto-api/", timeout=timeout)
        return answer.ok and b"Moto" in answer.body
