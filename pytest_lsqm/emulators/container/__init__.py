"""LocalStack in a container. This package alone knows testcontainers and Docker's client."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

from pytest_lsqm.emulators import editions, releases
from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.container import engine
from pytest_lsqm.emulators.container.engine import remove_orphans
from pytest_lsqm.errors import EmulatorError
from pytest_lsqm.models import EmulatorFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lsqm.emulators.container.instance import ContainerInstance

__all__ = ["SUBSTITUTIONS", "DockerLocalStack", "image_of", "remove_orphans"]

NAME = "localstack"
SUBSTITUTIONS = "org.pytest-lsqm.substitutions"
"""The label by which an image that was made by `tools/localstack_image.py` says what is not LocalStack's own."""

_PULL_TIMEOUT = 900.0
_PATIENCE = 60.0
"""Seconds for which an engine may be away in the middle of a run: it is restarted in less."""


def image_of(version: str) -> str:
    """Return the image that a version, a digest (`sha256:…`) or a whole image reference stands for."""
    if version.startswith("sha256:"):
        return f"localstack/localstack@{version}"
    return version if re.search(r"[/:@]", version) else f"localstack/localstack:{version}"


def _edition(token: str | None) -> str:
    """Name what a token unlocks by a digest of the token: its plan is known to LocalStack only."""
    return f"token {hashlib.sha256(token.encode()).hexdigest()[:8]}" if token else "free"


class DockerLocalStack:
    """LocalStack in a container of its own, from an image by version, digest or reference."""

    name = NAME
    isolation = Isolation.ACCOUNT
    single = False

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
        if (environment := engine.find()) is None:
            return False
        self._engine = environment
        if self._image(environment) is not None:
            return True
        try:
            with contextlib.closing(engine.client(environment, timeout=5)) as client:
                client.images.get_registry_data(self.image)
        except Exception:  # no answer is an answer here
            return False
        return True

    def limits(self) -> Mapping[str, str]:
        """Lambda: its functions run in containers beside LocalStack's, for which it would need the engine."""
        return {
            "lambda": "LocalStack in a container runs functions only with the Docker socket, which it is not "
            "given; --lsqm-emulator ministack runs functions"
        }

    def lacks(self) -> Mapping[str, str]:
        """Return what its free edition does not have; with a token, the edition is the token's."""
        return {} if os.environ.get("LOCALSTACK_AUTH_TOKEN") else editions.lacking()

    def foreseen(self) -> EmulatorFacts | None:
        """Return the facts of what would be started, by the image that the engine has."""
        image = self._image(self._found_engine())
        return self._facts(image) if image is not None else None

    def start(self, *, ahead: bool = False) -> ContainerInstance:
        """Start one and wait until it is healthy."""
        from pytest_lsqm.emulators.container.instance import ContainerInstance

        environment = self._found_engine()
        if not engine.await_answer(environment, _PATIENCE):
            raise EmulatorError(
                f"the container engine has not answered for {_PATIENCE:.0f} s; is it still running?"
            )
        image = self._image(environment)
        if image is None:
            self.prepare(lambda _: None)
            image = self._image(environment)
        # The services of a paid edition are many, and nobody here has seen what they fetch when they are loaded.
        ahead = ahead and not os.environ.get("LOCALSTACK_AUTH_TOKEN")
        instance = ContainerInstance(self.image, environment, self._facts(image), ahead=ahead)
        instance.wait()
        return instance

    def _facts(self, image: Any) -> EmulatorFacts:
        digests = image.attrs.get("RepoDigests") or []
        return EmulatorFacts(
            name=self.name,
            version=self.version,
            isolation=self.isolation.value,
            digest=digests[0].rpartition("@")[2] if digests else image.id,
            substitutions=tuple(json.loads((image.labels or {}).get(SUBSTITUTIONS, "[]"))),
            chosen_because=self.chosen_because,
            edition=_edition(os.environ.get("LOCALSTACK_AUTH_TOKEN")),
        )

    def _found_engine(self) -> dict[str, str]:
        if self._engine is None:
            self._engine = engine.find()
        if self._engine is None:
            raise EmulatorError(
                "no container engine answers (DOCKER_HOST, Docker's socket and podman's were tried). Start one, "
                "install the client with pip install 'pytest-lsqm[local]', or use --lsqm-emulator localstack-host."
            )
        return self._engine

    def _image(self, environment: dict[str, str]) -> Any:
        from docker.errors import ImageNotFound  # type: ignore[import-untyped]

        with contextlib.closing(engine.client(environment)) as client:
            try:
                return client.images.get(self.image)
            except ImageNotFound:
                return None
            except Exception as error:  # whatever Docker's client raises when the engine goes away
                raise EmulatorError(f"the container engine cannot be asked for {self.image}: {error}") from error

    def _pull(self, environment: dict[str, str]) -> None:
        deadline = time.monotonic() + _PULL_TIMEOUT
        with contextlib.closing(engine.client(environment)) as client:
            for event in client.api.pull(self.image, stream=True, decode=True):
                if "error" in event:
                    raise EmulatorError(str(event["error"]))
                if time.monotonic() > deadline:
                    raise EmulatorError(f"the pull took more than {_PULL_TIMEOUT:.0f} s")
