"""A running container with LocalStack in it. This package alone knows testcontainers and Docker's client."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm.emulators import releases, wire
from pytest_lsqm.emulators.container import engine
from pytest_lsqm.emulators.host import START_TIMEOUT, free_port, tail
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.process import guard

if TYPE_CHECKING:
    from pytest_lsqm.models import EmulatorFacts

_PORT = 4566
_TOKEN_EXIT = 55

_REMOVE = """
import docker, json, sys, time
begun = time.monotonic()
while time.monotonic() < begun + 15:
    try:
        client = docker.from_env(environment=json.loads(sys.argv[1]))
        client.containers.get(sys.argv[2]).remove(force=True, v=True)
    except docker.errors.NotFound:
        # The engine may still be making it, for one who died when he had asked for it.
        if time.monotonic() > begun + 3:
            break
    except Exception:
        pass  # an engine that is away may come back
    else:
        break
    time.sleep(0.2)
"""


def remove_words(environment: dict[str, str], name: str) -> list[str]:
    """Return the command that removes a container, also one that its engine is about to make, or cannot yet."""
    return [sys.executable, "-c", _REMOVE, json.dumps(environment), name]


class ContainerInstance:
    """A running container; it is removed by `stop`, or by the reaper when this process dies."""

    def __init__(
        self, image: str, environment: dict[str, str], facts: EmulatorFacts, *, ahead: bool = False
    ) -> None:
        self.facts = facts
        self._title = f"{facts.name} {facts.version}"
        self._stopping = threading.Lock()
        self._stopped = False
        self._log = Path(tempfile.mkdtemp(prefix="lsqm-container-")) / "emulator.log"
        self._log.touch()
        guard.watch_folder(self._log.parent)
        self._environment = environment
        self._name = name = f"lsqm-{engine.RUN}-{secrets.token_hex(3)}"
        self._remove = remove_words(environment, name)
        # Before it exists: removing what is not there does no harm.
        guard.watch_command(self._remove)
        host, publish_on = engine.reachable(environment)
        port = free_port()
        self.endpoint = f"http://{host}:{port}"
        self._container: Any = None
        self._follower = threading.Thread(target=self._follow, name=f"{name}-log", daemon=True)
        try:
            self._container = _create(image, environment, name, (publish_on, port), ahead=ahead)
            self._follower.start()
        except Exception as error:
            self.stop()
            raise EmulatorError(f"{self._title} could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def wait(self, timeout: float = START_TIMEOUT) -> None:
        """Wait until it is healthy; remove it and raise an EmulatorError when it ends or takes too long."""
        try:
            self._await_health(time.monotonic() + timeout, timeout)
        except BaseException:
            self.stop()
            raise

    def is_healthy(self, timeout: float = 5.0) -> bool:
        """Whether it answers its health check now; the version that it names becomes that of its facts."""
        if self._stopped:
            return False
        try:
            answer = wire.send(self.endpoint, "GET", "/_localstack/health", timeout=timeout)
        except OSError:
            return False
        version = answer.json().get("version") if answer.ok else None
        if not isinstance(version, str):
            return False
        self.facts = self.facts.model_copy(update={"version": version})
        return True

    def obituary(self) -> str:
        """Say how it ended, with the end of its log."""
        if self._stopped:
            return f"{self._title} was stopped."
        how, code = self._state()
        if code is not None:
            # The engine tells of the end before the last of the log has come.
            self._follower.join(timeout=2.0)
        if code == _TOKEN_EXIT:
            return f"{self._title} {how}: {_about_the_token()} {self._end()}"
        if how == "runs" and not self.is_healthy():
            how = "runs, but does not answer"
        return f"{self._title} {how}. {self._end()}"

    def log_size(self) -> int:
        """The byte at which the next log line will begin."""
        return self._log.stat().st_size if self._log.exists() else 0

    def logs(self, since: int = 0) -> str:
        """Return what it has logged after that byte, at most the last 64 KiB."""
        return tail(self._log, since)

    def memory(self) -> int | None:
        """Return nothing: the engine bounds and counts it, and asking takes it a second."""
        return None

    def reset(self) -> None:
        """LocalStack's free runtime has none."""
        raise EmulatorError(f"{self._title} cannot drop its state; it must be started anew.")

    def stop(self) -> None:
        """Remove the container and its volumes."""
        with self._stopping:
            if self._stopped:
                return
            if self._is_removed():
                guard.forget_command(self._remove)
            if self._container is not None:
                self._container.get_docker_client().client.close()
            self._stopped = True
            shutil.rmtree(self._log.parent, ignore_errors=True)
            guard.forget_folder(self._log.parent)

    def _is_removed(self) -> bool:
        """Remove it; False when the engine is away, so that it is left to the reaper, at the end of the run."""
        from docker.errors import NotFound  # type: ignore[import-untyped]

        try:
            # By name, because it may exist though its start failed; gone already is as good as removed.
            with contextlib.closing(engine.client(self._environment)) as client:
                client.containers.get(self._name).remove(force=True, v=True)
        except NotFound:
            return True
        except Exception:  # whatever Docker's client raises, it may still be there
            return False
        return True

    def _await_health(self, deadline: float, timeout: float) -> None:
        while not self.is_healthy(timeout=2.0):
            if self._state()[1] is not None:
                raise EmulatorError(self.obituary())
            if time.monotonic() > deadline:
                raise EmulatorError(f"{self._title} did not become healthy within {timeout:.0f} s. {self._end()}")
            time.sleep(0.1)

    def _state(self) -> tuple[str, int | None]:
        """Say what became of it, and its exit code: None while it is there, -1 when there is no code to be had."""
        from docker.errors import NotFound

        try:
            wrapped = self._container.get_wrapped_container()
            wrapped.reload()
        except NotFound:
            return "is gone: somebody removed its container", -1
        except Exception as error:  # whatever Docker's client raises, the engine is not there
            return f"is out of reach: its engine does not answer ({type(error).__name__})", -1
        if wrapped.status == "paused":
            return "was paused", None
        if wrapped.status in {"created", "running", "restarting"}:
            return "runs", None
        code = int(wrapped.attrs["State"]["ExitCode"])
        return f"ended with exit code {code}", code

    def _end(self, count: int = 12) -> str:
        lines = [line for line in self.logs().splitlines() if line.strip()][-count:]
        return "Its log ends:\n" + "\n".join(lines) if lines else "It logged nothing."

    def _follow(self) -> None:
        with contextlib.suppress(Exception), self._log.open("ab", buffering=0) as log:
            for block in self._container.get_wrapped_container().logs(stream=True, follow=True):
                log.write(block)


def _about_the_token() -> str:
    pinned = f"pin --lsqm-emulator-version {releases.DEFAULT}, which needs none."
    if os.environ.get("LOCALSTACK_AUTH_TOKEN"):
        return f"it did not accept LOCALSTACK_AUTH_TOKEN. Set one that is valid, or {pinned}"
    return f"images after {releases.DEFAULT} need LOCALSTACK_AUTH_TOKEN. Set it, or {pinned}"


def _create(image: str, environment: dict[str, str], name: str, published: tuple[str, int], *, ahead: bool) -> Any:
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    try:
        from testcontainers.community.localstack import LocalStackContainer
    except ImportError:
        from testcontainers.localstack import LocalStackContainer

    container = LocalStackContainer(
        image, edge_port=_PORT, region_name="us-east-1", name=name, docker_client_kw={"environment": environment}
    )
    # testcontainers types a port only, but hands it on as it is, and Docker's client takes an address too.
    container.ports = {f"{_PORT}/tcp": published}  # type: ignore[dict-item]
    container.with_kwargs(labels=engine.labels())
    container.with_envs(
        LOCALSTACK_HOST=f"localhost:{published[1]}",
        DISABLE_EVENTS="1",
        DNS_ADDRESS="0",
        SKIP_SSL_CERT_DOWNLOAD="1",
        SQS_ENDPOINT_STRATEGY="off",
        EAGER_SERVICE_LOADING=str(int(ahead)),
        KINESIS_PERSISTENCE="0",
    )
    if token := os.environ.get("LOCALSTACK_AUTH_TOKEN"):
        container.with_env("LOCALSTACK_AUTH_TOKEN", token)
    # Ryuk would be one more image to pull; our own reaper removes the container.
    before = testcontainers_config.ryuk_disabled
    testcontainers_config.ryuk_disabled = True
    try:
        # Not LocalStackContainer.start, which polls the log once a second for a word that may change.
        DockerContainer.start(container)
    finally:
        testcontainers_config.ryuk_disabled = before
    return container
