"""LocalStack in a container. This module alone knows testcontainers and Docker's client."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_lsqm.emulators import releases, wire
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.host import START_TIMEOUT, free_port, tail
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.process import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = "localstack"
LABEL = "org.pytest-lsqm.run"
SUBSTITUTIONS = "org.pytest-lsqm.substitutions"
"""The label by which an image that was made by `tools/localstack_image.py` says what is not LocalStack's own."""

_RUN = f"{os.getpid()}-{secrets.token_hex(4)}"
_PORT = 4566
_PULL_TIMEOUT = 900.0
_TOKEN_EXIT = 55

_REMOVE = (
    "import docker, json, sys\n"
    "client = docker.from_env(environment=json.loads(sys.argv[1]))\n"
    "client.containers.get(sys.argv[2]).remove(force=True, v=True)\n"
)


def engine_environment() -> dict[str, str] | None:
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
        with contextlib.closing(_client(environment, timeout=2)) as client:
            return bool(client.ping())
    except Exception:  # noqa: BLE001 - whatever Docker's client raises, the engine is not there
        return False


def _client(environment: dict[str, str], timeout: int = 60) -> Any:
    import docker

    return docker.from_env(environment=environment, timeout=timeout)


def image_of(version: str) -> str:
    """Return the image that a version, a digest (`sha256:…`) or a whole image reference stands for."""
    if version.startswith("sha256:"):
        return f"localstack/localstack@{version}"
    return version if re.search(r"[/:@]", version) else f"localstack/localstack:{version}"


class DockerLocalStack:
    """LocalStack in a container of its own, from an image by version, digest or reference."""

    name = NAME
    isolation = Isolation.ACCOUNT

    def __init__(self, version: str | None = None) -> None:
        self.version = version or releases.wanted()
        self.image = image_of(self.version)
        self.chosen_because: str | None = None
        self._engine: dict[str, str] | None = None

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Find the engine, and pull the image if the engine lacks it."""
        environment = self._found_engine()
        if self._image(environment) is not None:
            return
        progress(f"pulling {self.image} …")
        try:
            self._pull(environment)
        except Exception as error:
            raise EmulatorError(
                f"the image {self.image} is not here and cannot be pulled: {error}. "
                "Load it into the engine, or use --lsqm-emulator localstack-host, which needs no image."
            ) from error

    def is_obtainable(self) -> bool:
        """Whether the engine has the image, or reaches a registry that has it (asked for at most 5 s)."""
        if (environment := engine_environment()) is None:
            return False
        self._engine = environment
        if self._image(environment) is not None:
            return True
        try:
            with contextlib.closing(_client(environment, timeout=5)) as client:
                client.images.get_registry_data(self.image)
        except Exception:  # noqa: BLE001 - no answer is an answer here
            return False
        return True

    def limits(self) -> Mapping[str, str]:
        """Lambda: its functions run in containers beside LocalStack's, for which it would need the engine."""
        return {"lambda": "LocalStack in a container runs functions only with the Docker socket, which it is not given"}

    def start(self) -> ContainerInstance:
        """Start one and wait until it is healthy."""
        environment = self._found_engine()
        image = self._image(environment)
        if image is None:
            self.prepare(lambda _: None)
            image = self._image(environment)
        instance = ContainerInstance(self, environment, image)
        instance.wait()
        return instance

    def _found_engine(self) -> dict[str, str]:
        if self._engine is None:
            self._engine = engine_environment()
        if self._engine is None:
            raise EmulatorError(
                "no container engine answers (DOCKER_HOST, Docker's socket and podman's were tried). Start one, "
                "install the client with pip install 'pytest-lsqm[local]', or use --lsqm-emulator localstack-host."
            )
        return self._engine

    def _image(self, environment: dict[str, str]) -> Any:
        from docker.errors import ImageNotFound

        with contextlib.closing(_client(environment)) as client:
            try:
                return client.images.get(self.image)
            except ImageNotFound:
                return None

    def _pull(self, environment: dict[str, str]) -> None:
        deadline = time.monotonic() + _PULL_TIMEOUT
        with contextlib.closing(_client(environment)) as client:
            for event in client.api.pull(self.image, stream=True, decode=True):
                if "error" in event:
                    raise EmulatorError(str(event["error"]))
                if time.monotonic() > deadline:
                    raise EmulatorError(f"the pull took more than {_PULL_TIMEOUT:.0f} s")


class ContainerInstance:
    """A running container; it is removed by `stop`, or by the reaper when this process dies."""

    def __init__(self, emulator: DockerLocalStack, environment: dict[str, str], image: Any) -> None:
        self._title = f"{emulator.name} {emulator.version}"
        self._stopping = threading.Lock()
        self._stopped = False
        self._log = Path(tempfile.mkdtemp(prefix="lsqm-container-")) / "emulator.log"
        self._log.touch()
        guard.watch_folder(self._log.parent)
        self._environment = environment
        self._name = name = f"lsqm-{_RUN}-{secrets.token_hex(3)}"
        self._remove = [sys.executable, "-c", _REMOVE, json.dumps(environment), name]
        # Before it exists: removing what is not there does no harm.
        guard.watch_command(self._remove)
        host, publish_on = _reachable(environment)
        port = free_port()
        self.endpoint = f"http://{host}:{port}"
        digests = image.attrs.get("RepoDigests") or []
        self.facts = EmulatorFacts(
            name=emulator.name,
            version=emulator.version,
            isolation=emulator.isolation.value,
            digest=digests[0].rpartition("@")[2] if digests else image.id,
            substitutions=tuple(json.loads((image.labels or {}).get(SUBSTITUTIONS, "[]"))),
            chosen_because=emulator.chosen_because,
        )
        self._container: Any = None
        try:
            self._container = _create(emulator.image, environment, name, port, publish_on)
            threading.Thread(target=self._follow, name=f"{name}-log", daemon=True).start()
        except Exception as error:
            self.stop()
            raise EmulatorError(f"{self._title} could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def wait(self, timeout: float = START_TIMEOUT) -> None:
        """Wait until it is healthy; remove it and raise an EmulatorError when it ends or takes too long."""
        deadline = time.monotonic() + timeout
        try:
            while not self.is_healthy(timeout=2.0):
                if self._exit_code() is not None:
                    raise EmulatorError(self.obituary())
                if time.monotonic() > deadline:
                    raise EmulatorError(f"{self._title} did not become healthy within {timeout:.0f} s. {self._end()}")
                time.sleep(0.1)
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
        code = self._exit_code()
        if code == _TOKEN_EXIT:
            return (
                f"{self._title} ended with exit code {code}: images after {releases.DEFAULT} need "
                f"LOCALSTACK_AUTH_TOKEN. Set it, or pin --lsqm-emulator-version {releases.DEFAULT}. {self._end()}"
            )
        if code is None:
            return f"{self._title} runs{'' if self.is_healthy() else ', but does not answer'}. {self._end()}"
        return f"{self._title} ended with exit code {code}. {self._end()}"

    def log_size(self) -> int:
        """The byte at which the next log line will begin."""
        return self._log.stat().st_size if self._log.exists() else 0

    def logs(self, since: int = 0) -> str:
        """Return what it has logged after that byte, at most the last 64 KiB."""
        return tail(self._log, since)

    def reset(self) -> None:
        """LocalStack's free runtime has none."""
        raise EmulatorError(f"{self._title} cannot drop its state; it must be started anew.")

    def stop(self) -> None:
        """Remove the container and its volumes."""
        with self._stopping:
            if self._stopped:
                return
            # By name, because it may exist though its start failed; gone already is as good as removed.
            with contextlib.suppress(Exception), contextlib.closing(_client(self._environment)) as client:
                client.containers.get(self._name).remove(force=True, v=True)
            if self._container is not None:
                self._container.get_docker_client().client.close()
            guard.forget_command(self._remove)
            self._stopped = True
            shutil.rmtree(self._log.parent, ignore_errors=True)
            guard.forget_folder(self._log.parent)

    def _exit_code(self) -> int | None:
        try:
            wrapped = self._container.get_wrapped_container()
            wrapped.reload()
        except Exception:  # noqa: BLE001 - it is gone, whatever the client calls that
            return -1
        if wrapped.status in {"created", "running", "restarting"}:
            return None
        return int(wrapped.attrs["State"]["ExitCode"])

    def _end(self, count: int = 12) -> str:
        lines = [line for line in self.logs().splitlines() if line.strip()][-count:]
        return "Its log ends:\n" + "\n".join(lines) if lines else "It logged nothing."

    def _follow(self) -> None:
        with contextlib.suppress(Exception), self._log.open("ab", buffering=0) as log:
            for block in self._container.get_wrapped_container().logs(stream=True, follow=True):
                log.write(block)


def _reachable(environment: dict[str, str]) -> tuple[str, str]:
    """Return the host under which published ports answer, and the address to publish them on."""
    parts = urlsplit(environment.get("DOCKER_HOST", ""))
    if parts.scheme in {"tcp", "ssh", "http", "https"} and parts.hostname not in {"localhost", "127.0.0.1", None}:
        # A remote engine, such as the service container of a CI job: its loopback is not ours.
        return parts.hostname, "0.0.0.0"  # noqa: S104
    return "127.0.0.1", "127.0.0.1"


def _create(image: str, environment: dict[str, str], name: str, port: int, publish_on: str) -> Any:
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    try:
        from testcontainers.community.localstack import LocalStackContainer
    except ImportError:
        from testcontainers.localstack import LocalStackContainer

    container = LocalStackContainer(
        image, edge_port=_PORT, region_name="us-east-1", name=name, docker_client_kw={"environment": environment}
    )
    container.ports = {f"{_PORT}/tcp": (publish_on, port)}
    container.with_kwargs(labels={LABEL: _RUN})
    container.with_envs(
        LOCALSTACK_HOST=f"localhost:{port}",
        DISABLE_EVENTS="1",
        DNS_ADDRESS="0",
        SKIP_SSL_CERT_DOWNLOAD="1",
        SQS_ENDPOINT_STRATEGY="off",
        EAGER_SERVICE_LOADING="0",
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
