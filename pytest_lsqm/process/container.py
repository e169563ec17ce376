"""A jail made by the container engine of this machine, where bubblewrap is not there: same folders, same door.

The image is empty: all that is in the container are the folders of this machine that the jail names. Each command
has a container of its own, without a network, capabilities and the way to more of them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.process import guard
from pytest_lsqm.process.jail import TEMPORARY, Entrance, Jail
from pytest_lsqm.process.warden import MEMORY, PROCESSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RUN_LABEL = "org.pytest-lsqm.run"
"""The label of our containers; its value names the process that started them."""

HOST_LABEL = "org.pytest-lsqm.host"
"""The machine of that process: an engine may serve several, and process ids mean nothing elsewhere."""

_MORE = 1 << 30
"""Bytes between what the warden lets pass and what the kernel does."""

IMAGE = "pytest-lsqm/nothing:1"
_REMOVE = 'for pause in 0 1 2; do sleep $pause; "$0" rm --force --volumes "$1"; done'
"""For our reaper: the engine may still be making the container when who asked for it has died."""


RUN = f"{os.getpid()}-{secrets.token_hex(4)}"


def labels() -> dict[str, str]:
    """Return the labels of a container that this process starts."""
    return {RUN_LABEL: RUN, HOST_LABEL: socket.gethostname()}


@dataclass(frozen=True)
class ContainerJail(Jail):
    """A jail in a container of the engine that `docker` speaks to."""

    means = "a container"
    lasting = False

    @contextmanager
    def entered(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str]) -> Iterator[Entrance]:
        """Offer the way to run `argv` in a container, and remove the container in the end."""
        from pytest_lsqm import process

        name = f"lsqm-{RUN}-jail-{secrets.token_hex(3)}"
        outside = _environment()
        remove = ["env", "-i", *(f"{key}={value}" for key, value in outside.items())]
        remove += ["sh", "-c", _REMOVE, _program(), name]
        guard.watch_command(remove)
        try:
            # Of the environment only names are on the command line, which everybody may read.
            names = [word for key in env for word in ("--env", key)]
            words = [_program(), *self._options(name, cwd), *names, IMAGE, *self.door(), *argv]
            yield Entrance(tuple(words), {**outside, **env}, lambda _: _first_of(name))
        finally:
            # It has removed itself, unless its client was killed.
            process.run([_program(), "rm", "--force", "--volumes", name], env=outside, timeout=60.0)
            guard.forget_command(remove)

    def _options(self, name: str, cwd: Path | None) -> list[str]:
        words = ["run", "--rm", "--init", "--name", name, "--pull", "never", "--hostname", "lsqm"]
        words += [word for key, value in labels().items() for word in ("--label", f"{key}={value}")]
        words += ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        words += [f"--user={os.getuid()}:{os.getgid()}", "--log-driver=none"]
        # The warden ends it before, and says why; these are for what is faster than it looks.
        words += [f"--pids-limit={2 * PROCESSES}", f"--memory={MEMORY + _MORE}", f"--memory-swap={MEMORY + _MORE}"]
        words += ["--tmpfs", f"/tmp:rw,exec,nosuid,nodev,size={TEMPORARY},mode=1777"]  # noqa: S108
        for source, target, writable in self.binds():
            # Docker takes neither a comma nor what is not there, and has its own first process in /sbin.
            if "," in source or target == "/sbin" or not Path(source).exists():
                continue
            words += ["--mount", f"type=bind,src={source},dst={target}{'' if writable else ',readonly'}"]
        # Docker's own is a copy of this machine's.
        words += ["--mount", f"type=bind,src={os.devnull},dst=/etc/resolv.conf,readonly"]
        return [*words, "--workdir", str(cwd or "/")]


@cache
def unavailable() -> str | None:
    """Say why the engine of this machine can make no jail; None where it can. Makes the image if it lacks."""
    from pytest_lsqm import process

    if shutil.which("docker") is None:
        return "docker is not installed"
    if not os.environ.get("DOCKER_HOST", "unix://").startswith("unix://"):
        return "the container engine is not on this machine"
    env = _environment()
    asked = process.run([_program(), "image", "inspect", IMAGE], env=env, timeout=20.0)
    if asked.ok:
        return None
    with tempfile.TemporaryDirectory(prefix="lsqm-image-") as folder:
        nothing = Path(folder, "nothing.tar")
        tarfile.open(nothing, "w").close()
        made = process.run([_program(), "import", str(nothing), IMAGE], env=env, timeout=60.0)
    return None if made.ok else f"docker does not work here: {(made.stderr.strip() or '?').splitlines()[-1]}"


def _first_of(name: str) -> tuple[int, ...]:
    """Return the process with which a container began, as this machine counts; none while there is none."""
    from pytest_lsqm import process

    words = [_program(), "inspect", "--format", "{{.State.Pid}} {{.Id}}", name]
    pid, _, identity = process.run(words, env=_environment(), timeout=20.0).stdout.strip().partition(" ")
    try:
        # An engine in a virtual machine counts otherwise.
        return (int(pid),) if identity and identity in Path(f"/proc/{pid}/cgroup").read_text() else ()
    except (OSError, ValueError):
        return ()


def _program() -> str:
    return shutil.which("docker") or "docker"


def _environment() -> dict[str, str]:
    """Return what docker's client needs of the caller's environment to find the engine."""
    names = ("PATH", "HOME", "XDG_RUNTIME_DIR")
    found = {key: value for key, value in os.environ.items() if key in names or key.startswith("DOCKER_")}
    # The home of the command is another one, and which engine is meant may stand in the caller's.
    return {"DOCKER_CONFIG": str(Path.home() / ".docker")} | found
